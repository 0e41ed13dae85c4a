#pragma once

#include <algorithm>
#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "crypto/certificate.h"
#include "saml/protocol/assertion.h"
#include "saml/protocol/finding.h"

namespace doorward::saml::protocol {

/// What the connection demands beyond "the assertion or the response around it is signed".
enum class SignaturePolicy : std::uint8_t { AssertionOrResponse, Assertion, Response, Both };

enum class Unsolicited : std::uint8_t { Refused, Accepted };

/// Everything that a response is measured against. It comes from the connection in the ACS path and from the
/// request that the browser's cookie names, never from the response.
struct Expectations {
  static constexpr Duration kDefaultClockSkew = std::chrono::seconds(180);
  static constexpr Duration kMaxClockSkew = std::chrono::seconds(300);

  std::string acs_url;
  std::string sp_entity_id;
  std::string idp_entity_id;
  /// All keys of the connection; any of them may have signed.
  std::vector<crypto::Certificate> signing_certificates;
  /// Ours, newest first.
  std::vector<crypto::PrivateKey> decryption_keys = {};
  SignaturePolicy signature_policy = SignaturePolicy::AssertionOrResponse;
  bool allow_sha1 = false;
  /// Anything above `kMaxClockSkew` counts as that.
  Duration clock_skew = kDefaultClockSkew;
  Timestamp now;
  /// The ID of the request that the browser started. Without it the response must be unsolicited.
  std::optional<std::string> in_response_to = std::nullopt;
  Unsolicited unsolicited = Unsolicited::Refused;
  /// Set when the request asked for a fresh sign-in (ForceAuthn): the person must have signed in after it.
  std::optional<Timestamp> authenticated_after = std::nullopt;

  Duration skew() const { return std::clamp(clock_skew, Duration(0), kMaxClockSkew); }
};

/// A response that is well-formed and nothing more. What it says is a claim by whoever sent it: good for
/// finding the flow and the connection, for nothing else.
class UnverifiedResponse {
 public:
  static constexpr std::size_t kMaxBytes = 512 * 1024;

  /// Reads the value of the form field `SAMLResponse`.
  static Result<UnverifiedResponse, Finding> parse(std::string_view base64, Report& report);
  /// The same from the decoded document.
  static Result<UnverifiedResponse, Finding> from_xml(BytesView document, Report& report);

  UnverifiedResponse(UnverifiedResponse&&) noexcept;
  UnverifiedResponse& operator=(UnverifiedResponse&&) noexcept;
  ~UnverifiedResponse();

  /// Empty when the message has none.
  const std::string& in_response_to() const;
  const std::string& issuer() const;
  const std::string& id() const;

 private:
  friend class ResponseVerifier;
  struct State;
  static Result<UnverifiedResponse, Finding> read(Bytes document, Report& report);
  explicit UnverifiedResponse(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

/// Verifies `response` (SAML Profiles 4.1.4.3) and reads the assertion from the bytes that were signed. Stops
/// at the first failure, which is returned and also the last entry of `report`. Replay is for the caller to
/// refuse: (issuer, id) must be unique until `replay_until()`.
Result<VerifiedAssertion, Finding> verify(const UnverifiedResponse& response,
                                          const Expectations& expectations, Report& report);

}  // namespace doorward::saml::protocol
