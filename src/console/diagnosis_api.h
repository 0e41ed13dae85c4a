#pragma once

#include "console/requests.h"
#include "http/message.h"

namespace doorward::console {

/// "Why can this person not sign in?": the cause in a sentence, what to do, what holds now, and everything
/// that happened, newest first. For administrators, about their own account.
class DiagnosisApi {
 public:
  explicit DiagnosisApi(const Dependencies& dependencies) : deps_(dependencies) {}

  /// GET /api/v1/sign-in-diagnosis. Query: `employee` (a public id), or `search`: the reference number of an
  /// attempt, an e-mail address or a user name, of an employee or of nobody's.
  Result<http::Response> diagnosis(const http::Request& request);

 private:
  Dependencies deps_;
};

}  // namespace doorward::console
