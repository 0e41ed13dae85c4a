#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "crypto/certificate.h"
#include "saml/protocol/binding.h"
#include "saml/protocol/finding.h"
#include "saml/protocol/name_id.h"
#include "saml/protocol/response.h"

namespace doorward::saml::protocol {

/// Ends sessions of one person (SAML Core 3.7.1). A received one is only made by `verify_logout_request`.
struct LogoutRequest {
  std::string id;
  Timestamp issue_instant;
  std::string destination;
  std::string issuer;
  NameId name_id;
  /// None means all sessions of that person.
  std::vector<std::string> session_indexes;
  std::optional<Timestamp> not_on_or_after = std::nullopt;
  /// Of a received one: when its age alone gets it refused, so that nobody need remember it any longer.
  Timestamp replay_until = {};
};

enum class LogoutStatus : std::uint8_t { Success, PartialLogout, RequestDenied, Failed };

struct LogoutResponse {
  std::string id;
  Timestamp issue_instant;
  std::string destination;
  std::string issuer;
  std::string in_response_to;
  LogoutStatus status = LogoutStatus::Success;
};

/// The unsigned messages; `redirect_url` and `post_form` sign and wrap them.
std::string write(const LogoutRequest& request);
std::string write(const LogoutResponse& response);

struct LogoutExpectations {
  /// Our logout URL, exactly.
  std::string slo_url;
  std::string idp_entity_id;
  std::vector<crypto::Certificate> signing_certificates;
  bool allow_sha1 = false;
  Duration clock_skew = Expectations::kDefaultClockSkew;
  Timestamp now;
  /// The ID of our LogoutRequest, for a LogoutResponse.
  std::string in_response_to = {};
};

/// A logout message as it came in, HTTP-Redirect or HTTP-POST, unverified.
class UnverifiedLogout {
 public:
  /// Of the document, after base64 and inflation.
  static constexpr std::size_t kMaxBytes = 64 * 1024;
  /// Of the query string as received.
  static constexpr std::size_t kMaxQuery = 16 * 1024;

  /// `raw_query` is what stood behind the question mark, untouched: the signature covers its spelling.
  static Result<UnverifiedLogout, Finding> from_query(std::string_view raw_query, Report& report);
  /// The values of the form fields. The signature is inside the document.
  static Result<UnverifiedLogout, Finding> from_form(MessageKind kind, std::string_view base64,
                                                     std::string_view relay_state, Report& report);

  UnverifiedLogout(UnverifiedLogout&&) noexcept;
  UnverifiedLogout& operator=(UnverifiedLogout&&) noexcept;
  ~UnverifiedLogout();

  MessageKind kind() const;
  const std::string& id() const;
  const std::string& issuer() const;
  /// Empty on a request.
  const std::string& in_response_to() const;
  const std::string& relay_state() const;

 private:
  friend class LogoutVerifier;
  struct State;
  explicit UnverifiedLogout(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

/// Signed and recent, or refused. Within the minutes that a request counts, a replay ends what it ended
/// before and perhaps a session begun since: there is no list of used requests.
Result<LogoutRequest, Finding> verify_logout_request(const UnverifiedLogout& message,
                                                     const LogoutExpectations& expectations, Report& report);

/// May be unsigned, as Entra's is: nothing but the words of a page depends on it. A signature that is there
/// must verify. Entra issues it under another name than its assertions; that name is accepted as well.
Result<LogoutResponse, Finding> verify_logout_response(const UnverifiedLogout& message,
                                                       const LogoutExpectations& expectations,
                                                       Report& report);

}  // namespace doorward::saml::protocol
