#include "saml/protocol/logout.h"

#include <algorithm>

#include "base/encoding.h"
#include "base/text.h"
#include "saml/protocol/assertion_reader.h"
#include "saml/protocol/names.h"
#include "saml/protocol/query.h"
#include "saml/protocol/require.h"
#include "saml/protocol/signature_check.h"
#include "saml/protocol/structure.h"
#include "xml/reader.h"
#include "xml/signature.h"
#include "xml/writer.h"

namespace doorward::saml::protocol {

namespace {

constexpr xml::Limits kLogoutLimits{.bytes = UnverifiedLogout::kMaxBytes, .nodes = 2'000};

/// A browser brings a request within seconds. A request that names no session ends all of them, those of
/// later days too, so that whoever has an old one (it stands in a URL) must not be able to use it again.
constexpr Duration kMaxRequestAge = std::chrono::minutes(10);

std::string_view element_name(MessageKind kind) {
  return kind == MessageKind::Request ? "LogoutRequest" : "LogoutResponse";
}

void open_message(xml::Writer& writer, std::string_view name, std::string_view id, Timestamp issue_instant,
                  std::string_view destination) {
  writer.open(name)
      .attribute("xmlns:samlp", kProtocolNamespace)
      .attribute("xmlns:saml", kAssertionNamespace)
      .attribute("ID", id)
      .attribute("Version", "2.0")
      .attribute("IssueInstant", format_rfc3339(issue_instant))
      .attribute("Destination", destination);
}

void write_name_id(xml::Writer& writer, const NameId& name_id) {
  writer.open("saml:NameID");
  const auto attribute = [&](std::string_view name, std::string_view value) {
    if (!value.empty()) writer.attribute(name, value);
  };
  attribute("Format", name_id.format);
  attribute("NameQualifier", name_id.name_qualifier);
  attribute("SPNameQualifier", name_id.sp_name_qualifier);
  attribute("SPProvidedID", name_id.sp_provided_id);
  writer.text(name_id.value).close();
}

/// Entra signs assertions as https://sts.windows.net/<tenant>/ and sign-out answers as
/// https://login.microsoftonline.com/<tenant>/.
std::string entra_logout_issuer(std::string_view idp_entity_id) {
  constexpr std::string_view assertions = "https://sts.windows.net/";
  if (!idp_entity_id.starts_with(assertions)) return std::string(idp_entity_id);
  return std::string("https://login.microsoftonline.com/").append(idp_entity_id.substr(assertions.size()));
}

}  // namespace

std::string write(const LogoutRequest& request) {
  xml::Writer writer;
  open_message(writer, "samlp:LogoutRequest", request.id, request.issue_instant, request.destination);
  if (request.not_on_or_after) writer.attribute("NotOnOrAfter", format_rfc3339(*request.not_on_or_after));
  writer.element("saml:Issuer", request.issuer);
  write_name_id(writer, request.name_id);
  for (const std::string& index : request.session_indexes)
    writer.element("samlp:SessionIndex", index);
  writer.close();
  return std::move(writer).take();
}

std::string write(const LogoutResponse& response) {
  xml::Writer writer;
  open_message(writer, "samlp:LogoutResponse", response.id, response.issue_instant, response.destination);
  writer.attribute("InResponseTo", response.in_response_to);
  writer.element("saml:Issuer", response.issuer);
  writer.open("samlp:Status").open("samlp:StatusCode");
  switch (response.status) {
    case LogoutStatus::Success:
      writer.attribute("Value", kStatusSuccess);
      break;
    case LogoutStatus::PartialLogout:
      // SAML Core 3.7.3.2: a second-level code below Success.
      writer.attribute("Value", kStatusSuccess);
      writer.open("samlp:StatusCode").attribute("Value", kStatusPartialLogout).close();
      break;
    case LogoutStatus::RequestDenied:
      writer.attribute("Value", kStatusRequester);
      writer.open("samlp:StatusCode").attribute("Value", kStatusRequestDenied).close();
      break;
    case LogoutStatus::Failed:
      writer.attribute("Value", kStatusResponder);
      break;
  }
  writer.close().close().close();
  return std::move(writer).take();
}

struct UnverifiedLogout::State {
  xml::Document document;
  MessageKind kind;
  std::string relay_state;
  /// Of the HTTP-Redirect binding.
  std::optional<QuerySignature> query_signature;
  bool from_query;
  std::string id, issuer, in_response_to;

  static Result<std::unique_ptr<State>, Finding> read(MessageKind kind, Bytes document, Report& report);
};

Result<std::unique_ptr<UnverifiedLogout::State>, Finding> UnverifiedLogout::State::read(MessageKind kind,
                                                                                        Bytes document,
                                                                                        Report& report) {
  ASSIGN_OR_RETURN(auto parsed,
                   lift(report, Check::Message, xml::Document::parse(std::move(document), kLogoutLimits)));
  const xml::Element root = parsed.root();
  if (!root.is(kProtocolNamespace, element_name(kind))) {
    return refuse(report, Check::Structure, Finding::MessageKind, element_name(kind), root.local_name());
  }
  std::string issuer;
  const auto element = root.optional_child(kAssertionNamespace, "Issuer");
  if (element && *element) issuer = (*element)->text().value_or(std::string_view());
  auto state = std::make_unique<State>(State{std::move(parsed),
                                             kind,
                                             {},
                                             std::nullopt,
                                             false,
                                             std::string(root.attribute("ID").value_or("")),
                                             std::move(issuer),
                                             std::string(root.attribute("InResponseTo").value_or(""))});
  report.pass(Check::Message);
  return state;
}

UnverifiedLogout::UnverifiedLogout(std::unique_ptr<State> state) : state_(std::move(state)) {}
UnverifiedLogout::UnverifiedLogout(UnverifiedLogout&&) noexcept = default;
UnverifiedLogout& UnverifiedLogout::operator=(UnverifiedLogout&&) noexcept = default;
UnverifiedLogout::~UnverifiedLogout() = default;

MessageKind UnverifiedLogout::kind() const {
  return state_->kind;
}
const std::string& UnverifiedLogout::id() const {
  return state_->id;
}
const std::string& UnverifiedLogout::issuer() const {
  return state_->issuer;
}
const std::string& UnverifiedLogout::in_response_to() const {
  return state_->in_response_to;
}
const std::string& UnverifiedLogout::relay_state() const {
  return state_->relay_state;
}

Result<UnverifiedLogout, Finding> UnverifiedLogout::from_query(std::string_view raw_query, Report& report) {
  if (raw_query.size() > kMaxQuery) return refuse(report, Check::Message, Finding::MessageTooLarge);
  ASSIGN_OR_RETURN(auto query, read_query(raw_query, report));
  const auto compressed = from_base64(query.message);
  if (!compressed) return refuse(report, Check::Message, Finding::MessageNotBase64);
  auto document = inflate(*compressed, kMaxBytes);
  if (!document) return refuse(report, Check::Message, Finding::MessageNotDeflate);
  ASSIGN_OR_RETURN(auto state, State::read(query.kind, *std::move(document), report));
  state->from_query = true;
  state->relay_state = std::move(query.relay_state);
  state->query_signature = std::move(query.signature);
  return UnverifiedLogout(std::move(state));
}

Result<UnverifiedLogout, Finding> UnverifiedLogout::from_form(MessageKind kind, std::string_view base64,
                                                              std::string_view relay_state, Report& report) {
  if (base64.size() > kMaxBytes * 2) return refuse(report, Check::Message, Finding::MessageTooLarge);
  auto document = from_base64(base64, Base64Space::Allowed);
  if (!document) return refuse(report, Check::Message, Finding::MessageNotBase64);
  ASSIGN_OR_RETURN(auto state, State::read(kind, *std::move(document), report));
  state->relay_state = relay_state;
  return UnverifiedLogout(std::move(state));
}

/// Profiles 4.4.4.
class LogoutVerifier {
 public:
  LogoutVerifier(const LogoutExpectations& expectations, Report& report)
      : expectations_(expectations), report_(report) {}

  Result<LogoutRequest, Finding> request(const UnverifiedLogout& message);
  Result<LogoutResponse, Finding> response(const UnverifiedLogout& message);

 private:
  using State = UnverifiedLogout::State;

  Result<void, Finding> check_kind(const State& state, MessageKind kind);
  Result<std::optional<xml::Document>, Finding> check_signatures(const State& state);
  Result<Head, Finding> check_envelope(xml::Element root, std::string_view issuer);
  Result<LogoutRequest, Finding> read_target(xml::Sequence& children, LogoutRequest request);
  Duration skew() const {
    return std::clamp(expectations_.clock_skew, Duration(0), Expectations::kMaxClockSkew);
  }

  const LogoutExpectations& expectations_;
  Report& report_;
  bool is_signed_ = false;
};

Result<void, Finding> LogoutVerifier::check_kind(const State& state, MessageKind kind) {
  RETURN_IF_ERROR(check_placement(report_, state.document.root()));
  if (state.kind == kind) return {};
  return refuse(report_, Check::Structure, Finding::MessageKind, element_name(kind),
                element_name(state.kind));
}

/// Verifies what is there. Returns the signed bytes read anew when the signature is inside the document.
Result<std::optional<xml::Document>, Finding> LogoutVerifier::check_signatures(const State& state) {
  const xml::Element root = state.document.root();
  const Signers signers{expectations_.signing_certificates, expectations_.allow_sha1, expectations_.now};
  if (!state.from_query) {
    if (!xml::has_signature(root)) return std::optional<xml::Document>();
    ASSIGN_OR_RETURN(auto bytes, check_signature(report_, Check::ResponseSignature, root, signers));
    is_signed_ = true;
    ASSIGN_OR_RETURN(auto document,
                     lift(report_, Check::ResponseSignature, xml::Document::parse(std::move(bytes).bytes())));
    return std::optional(std::move(document));
  }
  // Bindings 3.4.4.1: a signature inside the document must have been removed.
  RETURN_IF_ERROR(require(report_, Check::Structure, Finding::ElementUnexpected, !xml::has_signature(root),
                          {}, "Signature"));
  if (!state.query_signature) return std::optional<xml::Document>();
  const QuerySignature& query = *state.query_signature;
  RETURN_IF_ERROR(check_query_signature(report_, query.algorithm, query.value, query.signed_text, signers));
  is_signed_ = true;
  return std::optional<xml::Document>();
}

Result<Head, Finding> LogoutVerifier::check_envelope(xml::Element root, std::string_view issuer) {
  ASSIGN_OR_RETURN(const auto head, check_head(report_, root, expectations_.now, skew()));
  const auto element = root.optional_child(kAssertionNamespace, "Issuer");
  if (!element || !*element) return refuse(report_, Check::Issuer, Finding::IssuerMissing, issuer);
  RETURN_IF_ERROR(check_issuer(report_, **element, issuer));

  // Bindings 3.4.5.2 and 3.5.5.2: a signed message must have a Destination, and it must be us.
  const auto destination = root.attribute("Destination");
  RETURN_IF_ERROR(require(report_, Check::Destination, Finding::DestinationMissing,
                          destination || !is_signed_, expectations_.slo_url));
  RETURN_IF_ERROR(require(report_, Check::Destination, Finding::DestinationMismatch,
                          !destination || *destination == expectations_.slo_url, expectations_.slo_url,
                          destination.value_or("")));
  report_.pass(Check::Destination, expectations_.slo_url, destination.value_or(""));
  return head;
}

Result<LogoutRequest, Finding> LogoutVerifier::request(const UnverifiedLogout& message) {
  const State& state = *message.state_;
  RETURN_IF_ERROR(check_kind(state, MessageKind::Request));
  ASSIGN_OR_RETURN(const auto signed_document, check_signatures(state));
  // Profiles 4.4.4.1: the request must be signed, or else anybody could sign people out.
  RETURN_IF_ERROR(require(report_, state.from_query ? Check::QuerySignature : Check::ResponseSignature,
                          Finding::SignatureMissing, is_signed_));
  const xml::Element root = signed_document ? signed_document->root() : state.document.root();
  ASSIGN_OR_RETURN(const auto head, check_envelope(root, expectations_.idp_entity_id));

  // SAML Core 3.7.1: NotOnOrAfter is when the request expires. Most providers leave it out.
  const auto now = expectations_.now;
  ASSIGN_OR_RETURN(const auto not_on_or_after,
                   optional_time(report_, Check::LogoutTarget, root, "NotOnOrAfter"));
  const Timestamp latest_end = head.issue_instant + kMaxRequestAge;
  const Timestamp end = std::min(latest_end, not_on_or_after.value_or(latest_end));
  RETURN_IF_ERROR(require(report_, Check::LogoutTarget, Finding::LogoutExpired, now < end + skew(),
                          ClockReading{now, skew()}, Moment{end, now}));
  xml::Sequence children(root);
  children.take(kAssertionNamespace, "Issuer");
  return read_target(children, {std::string(head.id),
                                head.issue_instant,
                                expectations_.slo_url,
                                expectations_.idp_entity_id,
                                {},
                                {},
                                not_on_or_after,
                                end + skew()});
}

/// SAML Core 3.7.1: who, and which of the sessions.
Result<LogoutRequest, Finding> LogoutVerifier::read_target(xml::Sequence& children, LogoutRequest request) {
  children.take(kProtocolNamespace, "Extensions");
  if (children.take(kAssertionNamespace, "EncryptedID")) {
    return refuse(report_, Check::LogoutTarget, Finding::EncryptedIdentifier);
  }
  const auto name_id = children.take(kAssertionNamespace, "NameID");
  if (!name_id) return refuse(report_, Check::LogoutTarget, Finding::LogoutSubjectMissing);
  ASSIGN_OR_RETURN(request.name_id, read_name_id(report_, *name_id));
  while (const auto index = children.take(kProtocolNamespace, "SessionIndex")) {
    ASSIGN_OR_RETURN(const auto text, lift(report_, Check::LogoutTarget, index->text()));
    request.session_indexes.emplace_back(text);
  }
  RETURN_IF_ERROR(lift(report_, Check::Structure, children.finish()));
  report_.pass(Check::LogoutTarget, {}, request.name_id.value);
  return request;
}

Result<LogoutResponse, Finding> LogoutVerifier::response(const UnverifiedLogout& message) {
  const State& state = *message.state_;
  RETURN_IF_ERROR(check_kind(state, MessageKind::Response));
  ASSIGN_OR_RETURN(const auto signed_document, check_signatures(state));
  const xml::Element root = signed_document ? signed_document->root() : state.document.root();
  const auto entra = entra_logout_issuer(expectations_.idp_entity_id);
  const std::string& issuer = message.issuer() == entra ? entra : expectations_.idp_entity_id;
  ASSIGN_OR_RETURN(const auto head, check_envelope(root, issuer));
  const auto in_response_to = root.attribute("InResponseTo").value_or("");
  RETURN_IF_ERROR(require(report_, Check::InResponseTo, Finding::InResponseToMismatch,
                          in_response_to == expectations_.in_response_to, expectations_.in_response_to,
                          in_response_to));
  ASSIGN_OR_RETURN(const auto status,
                   lift(report_, Check::Structure, root.child(kProtocolNamespace, "Status")));
  RETURN_IF_ERROR(check_status(report_, status));
  ASSIGN_OR_RETURN(const auto code,
                   lift(report_, Check::Status, status.child(kProtocolNamespace, "StatusCode")));
  ASSIGN_OR_RETURN(const auto second,
                   lift(report_, Check::Status, code.optional_child(kProtocolNamespace, "StatusCode")));
  const bool partial = second && second->attribute("Value") == kStatusPartialLogout;
  return LogoutResponse{
      std::string(head.id),         head.issue_instant,
      expectations_.slo_url,        issuer,
      expectations_.in_response_to, partial ? LogoutStatus::PartialLogout : LogoutStatus::Success};
}

Result<LogoutRequest, Finding> verify_logout_request(const UnverifiedLogout& message,
                                                     const LogoutExpectations& expectations, Report& report) {
  return LogoutVerifier(expectations, report).request(message);
}

Result<LogoutResponse, Finding> verify_logout_response(const UnverifiedLogout& message,
                                                       const LogoutExpectations& expectations,
                                                       Report& report) {
  return LogoutVerifier(expectations, report).response(message);
}

}  // namespace doorward::saml::protocol
