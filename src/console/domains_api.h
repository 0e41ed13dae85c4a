#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "console/check_guard.h"
#include "console/requests.h"
#include "http/message.h"

namespace doorward::console {

/// The account's e-mail domains, and those that it has yet to prove. All of it is for administrators, about
/// their own account. Every answer is the list as it is then.
class DomainsApi {
 public:
  /// Brings the TXT records of a name; outside transactions.
  using LookUp = std::function<Result<std::vector<std::string>>(std::string_view name)>;
  enum class Demand : std::uint8_t { Proof, AdministratorsWord };

  DomainsApi(const Dependencies& dependencies, Demand demand, LookUp look_up)
      : deps_(dependencies), demand_(demand), look_up_(std::move(look_up)) {}

  /// GET /api/v1/domains: the domains, the claims with the record that would prove each, and whether proof is
  /// asked for.
  Result<http::Response> domains(const http::Request& request);
  /// POST /api/v1/domains {name}: 201; a claim, or a domain where the administrator's word is enough.
  Result<http::Response> add(const http::Request& request);
  /// POST /api/v1/domains/{name}/check: asks the name server for the record, and says what was found in
  /// `checked`. Bounded by a `CheckGuard`.
  Result<http::Response> check(const http::Request& request);
  /// DELETE /api/v1/domains/{name}: a domain or a claim. A domain that support added stays. Once SSO is the
  /// only way in, a domain in which active employees have their address stays too: they would be locked out.
  Result<http::Response> remove(const http::Request& request);

 private:
  Result<json::Object> list(storage::Transaction& transaction, const Admission& admission) const;
  bool demands_proof(const Admission& admission) const;

  Dependencies deps_;
  Demand demand_;
  LookUp look_up_;
  CheckGuard guard_;
};

}  // namespace doorward::console
