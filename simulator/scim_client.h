#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "simulator/provisioning_cycle.h"
#include "simulator/scim_messages.h"

namespace doorward::simulator {

/// Failures that end a cycle at once and put the job into quarantine.
inline constexpr ErrorCode kInvalidCredentials = "provisioning.invalid_credentials";
inline constexpr ErrorCode kNotCompliant = "provisioning.not_compliant";
/// The application was not reached, which ends a cycle but not the job.
inline constexpr ErrorCode kUnreachable = "provisioning.unreachable";
/// An answer that is a failure of this one object.
inline constexpr ErrorCode kRefused = "provisioning.refused";

/// Requests of the provisioning service; each is kept with its answer.
class ScimClient {
 public:
  static Result<ScimClient> make(const ProvisioningSettings& settings, const Transport& transport);

  const ScimEndpoint& endpoint() const { return endpoint_; }

  /// The resource that the attribute has this value in; nothing when there is none. More than one is a
  /// failure.
  Result<std::optional<json::Object>> find(std::string_view path, std::string_view query,
                                           std::vector<Exchange>& exchanges) const;
  /// The `id` of the created resource.
  Result<std::string> create(std::string_view path, const json::Object& body,
                             std::vector<Exchange>& exchanges) const;
  enum class PatchAnswer : std::uint8_t { ResourceOrNothing, Nothing };
  Result<void> patch(std::string_view path, const json::Object& body, PatchAnswer expected,
                     std::vector<Exchange>& exchanges) const;
  /// One that is gone already counts as deleted.
  Result<void> remove(std::string_view path, std::vector<Exchange>& exchanges) const;

 private:
  ScimClient(ScimEndpoint endpoint, const ProvisioningSettings& settings, const Transport& transport)
      : endpoint_(std::move(endpoint)), token_(settings.secret_token), transport_(transport) {}
  Result<net::SendResponse> ask(net::SendMethod method, std::string_view path, std::string_view query,
                                const json::Object* body, std::vector<Exchange>& exchanges) const;

  ScimEndpoint endpoint_;
  crypto::Secret token_;
  const Transport& transport_;
};

}  // namespace doorward::simulator
