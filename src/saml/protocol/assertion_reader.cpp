#include "saml/protocol/assertion_reader.h"

#include <algorithm>

#include "base/text.h"
#include "saml/protocol/claims.h"
#include "saml/protocol/names.h"
#include "saml/protocol/require.h"

namespace doorward::saml::protocol {

namespace {

/// An assertion is refused this long after it was issued, whatever it says of itself, so that no provider can
/// make the list of used assertions grow for ever.
constexpr Duration kMaxAssertionAge = std::chrono::hours(24);

bool is_saml(xml::Element element, std::string_view local_name) {
  return element.is(kAssertionNamespace, local_name);
}

bool is_nil(xml::Element value) {
  const auto nil = value.attribute(kXsiNamespace, "nil");
  return nil == "true" || nil == "1";
}

}  // namespace

Result<NameId, Finding> read_name_id(Report& report, xml::Element element) {
  ASSIGN_OR_RETURN(const auto value, lift(report, Check::Subject, element.text()));
  RETURN_IF_ERROR(
      require(report, Check::Subject, Finding::NameIdMalformed,
              !value.empty() && value.size() <= NameId::kMaxLength && xml::trim_white_space(value) == value,
              {}, value));
  const auto attribute = [&](std::string_view name) {
    return std::string(element.attribute(name).value_or(""));
  };
  return NameId{std::string(value), attribute("Format"), attribute("NameQualifier"),
                attribute("SPNameQualifier"), attribute("SPProvidedID")};
}

Result<VerifiedAssertion, Finding> AssertionReader::read(xml::Element assertion) {
  // SAML Core 2.3.3: Version, ID, IssueInstant, then the children in this order.
  const auto now = expectations_.now;
  const auto skew = expectations_.skew();
  ASSIGN_OR_RETURN(const auto head, check_head(report_, assertion, now, skew));
  RETURN_IF_ERROR(require(report_, Check::IssueInstant, Finding::IssuedTooLongAgo,
                          now < head.issue_instant + kMaxAssertionAge, ClockReading{now, skew},
                          Moment{head.issue_instant, now}));
  report_.pass(Check::IssueInstant, {}, Moment{head.issue_instant, now});
  assertion_.id_ = head.id;
  assertion_.replay_until_ = head.issue_instant + kMaxAssertionAge;

  constexpr std::size_t kUsualAttributes = 32;
  assertion_.attributes_.reserve(kUsualAttributes);
  assertion_.values_.reserve(kUsualAttributes);
  value_counts_.reserve(kUsualAttributes);

  xml::Sequence children(assertion);
  const auto issuer = children.take(kAssertionNamespace, "Issuer");
  if (!issuer) return refuse(report_, Check::Issuer, Finding::IssuerMissing, expectations_.idp_entity_id);
  // Profiles 4.1.4.2: the Issuer is the entity identifier of the identity provider.
  RETURN_IF_ERROR(check_issuer(report_, *issuer, expectations_.idp_entity_id));
  assertion_.issuer_ = expectations_.idp_entity_id;

  // No Signature follows: an assertion that has one is read from the bytes that were signed, which leave it
  // out.
  const auto subject = children.take(kAssertionNamespace, "Subject");
  if (!subject) return refuse(report_, Check::Subject, Finding::SubjectMissing);
  const auto conditions = children.take(kAssertionNamespace, "Conditions");
  if (!conditions) return refuse(report_, Check::Conditions, Finding::ConditionsMissing);
  children.take(kAssertionNamespace, "Advice");

  RETURN_IF_ERROR(read_conditions(*conditions));
  RETURN_IF_ERROR(read_subject(*subject));
  RETURN_IF_ERROR(read_statements(children));
  RETURN_IF_ERROR(lift(report_, Check::Structure, children.finish()));
  hand_out_values();
  RETURN_IF_ERROR(check_claims());
  return std::move(assertion_);
}

// SAML Core 2.4.1.
Result<void, Finding> AssertionReader::read_subject(xml::Element subject) {
  xml::Sequence children(subject);
  if (children.take(kAssertionNamespace, "EncryptedID")) {
    return refuse(report_, Check::Subject, Finding::EncryptedIdentifier);
  }
  const auto name_id = children.take(kAssertionNamespace, "NameID");
  if (!name_id) return refuse(report_, Check::Subject, Finding::NameIdMissing);
  ASSIGN_OR_RETURN(assertion_.name_id_, read_name_id(report_, *name_id));
  RETURN_IF_ERROR(read_confirmations(children));
  return lift(report_, Check::Structure, children.finish());
}

// Profiles 4.1.4.3: verify that at least one bearer confirmation holds. Others neither help nor harm.
Result<void, Finding> AssertionReader::read_confirmations(xml::Sequence& children) {
  bool confirmed = false;
  std::optional<Problem> first_problem;
  while (const auto confirmation = children.take(kAssertionNamespace, "SubjectConfirmation")) {
    // Profiles 4.1.4.2: Method="urn:oasis:names:tc:SAML:2.0:cm:bearer".
    if (!holds(Check::Subject, Finding::ConfirmationMissing,
               confirmation->attribute("Method") == kBearerMethod)) {
      continue;
    }
    ASSIGN_OR_RETURN(auto problem, confirmation_problem(*confirmation));
    if (!problem) {
      confirmed = true;
    } else if (!first_problem) {
      first_problem = problem;
    }
  }
  if (confirmed) {
    assertion_.in_response_to_ = expectations_.in_response_to.value_or("");
    report_.pass(Check::Subject, expectations_.acs_url, assertion_.name_id_.value);
    return {};
  }
  if (!first_problem) return refuse(report_, Check::Subject, Finding::ConfirmationMissing, kBearerMethod);
  return refuse(report_, Check::Subject, first_problem->finding, first_problem->expected,
                first_problem->actual);
}

Result<std::optional<AssertionReader::Problem>, Finding> AssertionReader::confirmation_problem(
    xml::Element confirmation) {
  // SAML Core 2.4.1.1: an optional identifier, then the data.
  xml::Sequence children(confirmation);
  if (!children.take(kAssertionNamespace, "NameID")) children.take(kAssertionNamespace, "EncryptedID");
  const auto data = children.take(kAssertionNamespace, "SubjectConfirmationData");
  RETURN_IF_ERROR(lift(report_, Check::Structure, children.finish()));
  if (!data) return std::optional(Problem{Finding::ConfirmationMissing, "SubjectConfirmationData", {}});

  ASSIGN_OR_RETURN(const auto not_on_or_after, optional_time(report_, Check::Subject, *data, "NotOnOrAfter"));
  if (!not_on_or_after) return std::optional(Problem{Finding::ConfirmationExpired, "NotOnOrAfter", {}});
  return data_problem(*data, *not_on_or_after);
}

// Profiles 4.1.4.2, the list under "at least one bearer SubjectConfirmation", and 4.1.4.3.
std::optional<AssertionReader::Problem> AssertionReader::data_problem(xml::Element data,
                                                                      Timestamp not_on_or_after) const {
  const auto unless = [](Finding finding, bool condition, const Described& expected,
                         const Described& actual) -> std::optional<Problem> {
    if (holds(Check::Subject, finding, condition)) return std::nullopt;
    return Problem{finding, expected, actual};
  };

  // A Recipient attribute with the assertion consumer service URL to which the response was delivered.
  const auto recipient = data.attribute("Recipient");
  if (auto problem = unless(Finding::RecipientMissing, recipient.has_value(), expectations_.acs_url, "")) {
    return problem;
  }
  if (auto problem = unless(Finding::RecipientMismatch, !recipient || *recipient == expectations_.acs_url,
                            expectations_.acs_url, recipient.value_or(""))) {
    return problem;
  }

  // A NotOnOrAfter attribute that limits the window during which the assertion can be delivered.
  const auto now = expectations_.now;
  const auto skew = expectations_.skew();
  if (auto problem = unless(Finding::ConfirmationExpired, now < not_on_or_after + skew,
                            ClockReading{now, skew}, Moment{not_on_or_after, now})) {
    return problem;
  }

  // No NotBefore attribute.
  const auto not_before = data.attribute("NotBefore");
  if (auto problem = unless(Finding::ConfirmationNotBefore, !not_before, "", not_before.value_or(""))) {
    return problem;
  }

  // InResponseTo matches the request's ID. Without a request (4.1.5) there is none.
  const auto in_response_to = data.attribute("InResponseTo");
  if (!expectations_.in_response_to) {
    return unless(Finding::Unsolicited, !in_response_to, "", in_response_to.value_or(""));
  }
  if (auto problem = unless(Finding::InResponseToMissing, in_response_to.has_value(),
                            *expectations_.in_response_to, "")) {
    return problem;
  }
  return unless(Finding::InResponseToMismatch,
                !in_response_to || in_response_to == expectations_.in_response_to,
                *expectations_.in_response_to, in_response_to.value_or(""));
}

// SAML Core 2.5.1.
Result<void, Finding> AssertionReader::read_conditions(xml::Element conditions) {
  RETURN_IF_ERROR(check_window(conditions));

  bool has_audience = false;
  bool has_proxy_restriction = false;
  xml::Sequence children(conditions);
  while (const auto condition = children.take_any()) {
    if (is_saml(*condition, "AudienceRestriction")) {
      // Core 2.5.1.4: each restriction must be met.
      RETURN_IF_ERROR(check_audience(*condition));
      has_audience = true;
    } else if (is_saml(*condition, "OneTimeUse")) {
      // Core 2.5.1.5: not more than one. Doorward uses every assertion once.
      RETURN_IF_ERROR(require(report_, Check::Structure, Finding::ElementUnexpected,
                              !assertion_.one_time_use_, "OneTimeUse", "OneTimeUse, twice"));
      assertion_.one_time_use_ = true;
    } else if (is_saml(*condition, "ProxyRestriction")) {
      // Core 2.5.1.6: not more than one. Doorward passes no assertion on.
      RETURN_IF_ERROR(require(report_, Check::Structure, Finding::ElementUnexpected, !has_proxy_restriction,
                              "ProxyRestriction", "ProxyRestriction, twice"));
      has_proxy_restriction = true;
    } else {
      // Core 2.5.1.1: a condition that is not understood makes the assertion's status indeterminate.
      RETURN_IF_ERROR(
          require(report_, Check::Conditions, Finding::ConditionUnknown, false, {}, condition->local_name()));
    }
  }
  RETURN_IF_ERROR(lift(report_, Check::Structure, children.finish()));
  // Profiles 4.1.4.2: an AudienceRestriction that includes the service provider's identifier.
  return require(report_, Check::Audience, Finding::AudienceMissing, has_audience,
                 expectations_.sp_entity_id);
}

// SAML Core 2.5.1.2.
Result<void, Finding> AssertionReader::check_window(xml::Element conditions) {
  ASSIGN_OR_RETURN(const auto not_before, optional_time(report_, Check::Conditions, conditions, "NotBefore"));
  ASSIGN_OR_RETURN(const auto not_on_or_after,
                   optional_time(report_, Check::Conditions, conditions, "NotOnOrAfter"));
  const auto now = expectations_.now;
  const auto skew = expectations_.skew();
  const ClockReading clock{now, skew};
  Window window{.from = not_before, .until = std::nullopt, .now = now};
  if (not_before) {
    RETURN_IF_ERROR(
        require(report_, Check::Conditions, Finding::NotYetValid, *not_before <= now + skew, clock, window));
  }
  if (not_on_or_after) {
    window.until = not_on_or_after;
    RETURN_IF_ERROR(
        require(report_, Check::Conditions, Finding::Expired, now < *not_on_or_after + skew, clock, window));
    assertion_.replay_until_ = std::min(assertion_.replay_until_, *not_on_or_after + skew);
  }
  report_.pass(Check::Conditions, clock, window);
  return {};
}

// SAML Core 2.5.1.4: one of the audiences must be us.
Result<void, Finding> AssertionReader::check_audience(xml::Element restriction) {
  xml::Sequence children(restriction);
  std::string named;
  bool is_ours = false;
  while (const auto audience = children.take(kAssertionNamespace, "Audience")) {
    ASSIGN_OR_RETURN(const auto value, lift(report_, Check::Audience, audience->text()));
    is_ours = is_ours || value == expectations_.sp_entity_id;
    if (!named.empty()) named += ", ";
    named += printable(value);
  }
  RETURN_IF_ERROR(lift(report_, Check::Structure, children.finish()));
  RETURN_IF_ERROR(require(report_, Check::Audience, Finding::AudienceMismatch, is_ours,
                          expectations_.sp_entity_id, named));
  report_.pass(Check::Audience, expectations_.sp_entity_id, named);
  return {};
}

// SAML Core 2.7.
Result<void, Finding> AssertionReader::read_statements(xml::Sequence& children) {
  for (auto next = children.peek(); next; next = children.peek()) {
    if (is_saml(*next, "AuthnStatement")) {
      RETURN_IF_ERROR(read_authn_statement(*next));
    } else if (is_saml(*next, "AttributeStatement")) {
      RETURN_IF_ERROR(read_attribute_statement(*next));
    } else if (!is_saml(*next, "AuthzDecisionStatement") && !is_saml(*next, "Statement")) {
      return refuse(report_, Check::Structure, Finding::ElementUnexpected, {}, next->local_name());
    }
    children.take_any();
  }
  // Profiles 4.1.4.2: at least one AuthnStatement.
  return require(report_, Check::AuthnStatement, Finding::AuthnStatementMissing, has_authn_statement_);
}

// SAML Core 2.7.2.
Result<void, Finding> AssertionReader::read_authn_statement(xml::Element statement) {
  const auto now = expectations_.now;
  const auto skew = expectations_.skew();
  ASSIGN_OR_RETURN(const auto instant,
                   required_time(report_, Check::AuthnStatement, statement, "AuthnInstant"));
  RETURN_IF_ERROR(require(report_, Check::AuthnStatement, Finding::AuthnInstantInFuture,
                          instant <= now + skew, ClockReading{now, skew}, Moment{instant, now}));
  if (expectations_.authenticated_after) {
    // Core 3.4.1: with ForceAuthn the provider must authenticate anew.
    RETURN_IF_ERROR(require(report_, Check::AuthnStatement, Finding::AuthnInstantTooOld,
                            instant + skew >= *expectations_.authenticated_after,
                            format_rfc3339(*expectations_.authenticated_after), Moment{instant, now}));
  }

  // Profiles 4.1.4.3: discard the security context when SessionNotOnOrAfter is reached.
  ASSIGN_OR_RETURN(const auto session_end,
                   optional_time(report_, Check::AuthnStatement, statement, "SessionNotOnOrAfter"));
  if (session_end) {
    RETURN_IF_ERROR(require(report_, Check::AuthnStatement, Finding::SessionExpired,
                            now < *session_end + skew, ClockReading{now, skew}, Moment{*session_end, now}));
    assertion_.session_not_on_or_after_ =
        std::min(*session_end, assertion_.session_not_on_or_after_.value_or(*session_end));
  }

  ASSIGN_OR_RETURN(const auto context, lift(report_, Check::AuthnStatement,
                                            statement.child(kAssertionNamespace, "AuthnContext")));
  if (has_authn_statement_) return {};  // The first one names the session and how the person signed in.
  has_authn_statement_ = true;
  assertion_.authn_instant_ = instant;
  assertion_.session_index_ = statement.attribute("SessionIndex").value_or("");
  ASSIGN_OR_RETURN(const auto reference,
                   lift(report_, Check::AuthnStatement,
                        context.optional_child(kAssertionNamespace, "AuthnContextClassRef")));
  if (reference) {
    ASSIGN_OR_RETURN(assertion_.authn_context_,
                     lift(report_, Check::AuthnStatement, reference->trimmed_text()));
  }
  report_.pass(Check::AuthnStatement, {}, Moment{instant, now});
  return {};
}

// SAML Core 2.7.3.
Result<void, Finding> AssertionReader::read_attribute_statement(xml::Element statement) {
  xml::Sequence children(statement);
  while (const auto element = children.take(kAssertionNamespace, "Attribute"))
    RETURN_IF_ERROR(read_attribute(*element));
  if (children.take(kAssertionNamespace, "EncryptedAttribute")) {
    return refuse(report_, Check::Attributes, Finding::EncryptedAttribute);
  }
  return lift(report_, Check::Structure, children.finish());
}

Result<void, Finding> AssertionReader::read_attribute(xml::Element element) {
  ASSIGN_OR_RETURN(const auto name, required_attribute(report_, Check::Attributes, element, "Name"));
  assertion_.attributes_.push_back({.name = name,
                                    .name_format = element.attribute("NameFormat").value_or(""),
                                    .friendly_name = element.attribute("FriendlyName").value_or(""),
                                    .values = {}});
  const std::size_t before = assertion_.values_.size();
  xml::Sequence children(element);
  while (const auto value = children.take(kAssertionNamespace, "AttributeValue")) {
    // Shibboleth's eduPersonTargetedID holds a NameID; no claim that we use is of that kind.
    if (value->content() == xml::Content::Elements || is_nil(*value)) continue;
    ASSIGN_OR_RETURN(const auto text, lift(report_, Check::Attributes, value->text()));
    assertion_.values_.push_back(text);
  }
  value_counts_.push_back(assertion_.values_.size() - before);
  return lift(report_, Check::Structure, children.finish());
}

/// Once all values are there, and will not move any more.
void AssertionReader::hand_out_values() {
  std::span<const std::string_view> rest = assertion_.values_;
  for (std::size_t i = 0; i < value_counts_.size(); ++i) {
    assertion_.attributes_[i].values = rest.first(value_counts_[i]);
    rest = rest.subspan(value_counts_[i]);
  }
}

Result<void, Finding> AssertionReader::check_claims() {
  const auto repeated = repeated_claim(assertion_.attributes_);
  RETURN_IF_ERROR(require(report_, Check::Attributes, Finding::ClaimRepeated, !repeated, "one value",
                          repeated.value_or("")));
  report_.pass(Check::Attributes, {}, Amount{assertion_.attributes_.size(), "attributes"});
  return {};
}

}  // namespace doorward::saml::protocol
