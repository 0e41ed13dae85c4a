#include "console/diagnosis_words.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "base/text.h"
#include "console/requests.h"

namespace doorward::console {

namespace {

using directory::ActorKind;
using directory::Attempt;
using directory::AttemptOutcome;
using directory::AuditEntry;
using directory::Diagnosis;
using directory::Obstacle;
using directory::SignInHistory;

/// A name from outside; without what would change the looks of the sentence around it.
std::string said(std::string_view text) {
  std::string shown = printable(text);
  std::erase(shown, '*');
  return shown;
}

std::string minute_of(Timestamp time) {
  const std::string text = format_rfc3339(time);
  return fmt::format("{} {} UTC", text.substr(0, 10), text.substr(11, 5));
}

std::string person_of(const SignInHistory& history) {
  if (history.employee) return said(history.employee->shown_name());
  if (history.deleted) {
    return said(history.deleted->display_name.empty() ? history.deleted->user_name
                                                      : history.deleted->display_name);
  }
  return history.address.empty() ? "this person" : said(history.address);
}

std::string actor_of(const directory::Actor& actor) {
  switch (actor.kind) {
    case ActorKind::Support:
      return fmt::format("Support ({})", said(actor.name));
    case ActorKind::Administrator:
    case ActorKind::Employee:
      return said(actor.name);
    case ActorKind::Directory:
      return fmt::format("Your directory (“{}”)", said(actor.name));
    case ActorKind::System:
      return "Doorward";
  }
  return "Doorward";
}

std::string domains_of(const SignInHistory& history) {
  std::string names;
  for (const directory::Domain& domain : history.domains) {
    if (!names.empty()) names += ", ";
    names += domain.name;
  }
  return names.empty() ? "none is added yet" : names;
}

/// Finding codes, or the beginnings of some, with what is said about them. The first that fits counts.
struct FindingWords {
  std::string_view code;
  std::string_view words;
};

/// How a refusal of ours goes on after "was refused: "; `{0}` is the person, `{1}` their address.
constexpr auto kRefusals = std::to_array<FindingWords>({
    {"identity.account_plan", "your company’s plan has no single sign-on"},
    {"identity.connection_inactive", "the connection was switched off"},
    {"identity.connection_not_accepted",
     "the connection was set up by a setup link, and no administrator had accepted it"},
    {"identity.wrong_tenant", "the account that signed in is of another tenant than your company’s"},
    {"identity.no_email", "there was no e-mail address"},
    {"identity.outside_domains", "the e-mail address lies outside your company’s domains"},
    {"identity.other_connection", "another connection of your company signs in the people of that domain"},
    {"identity.not_provisioned", "the provider let {0} in, but nobody here has that address"},
    {"identity.deactivated", "{0} was deactivated"},
    {"identity.ambiguous", "several employees match, and nothing tells which of them it was"},
    {"identity.linked_elsewhere", "the address belongs to {0}, whom the provider knows as somebody else"},
    {"identity.sso_enforced", "{0} typed a password, and single sign-on is the only way in"},
    {"identity.no_password", "{0} typed a password, and has none"},
});

constexpr auto kAdvice = std::to_array<FindingWords>({
    {"identity.account_plan", "Ask whoever runs Doorward for a plan with single sign-on."},
    {"identity.connection_inactive", "Ask whoever runs Doorward to switch the connection on again."},
    {"identity.connection_not_accepted",
     "Look at what was set up, under *Security* > *SSO and SCIM*, and accept it if it is your provider. Then "
     "{0} signs in again."},
    {"identity.wrong_tenant",
     "{0} should sign in with the account of your company. Where the browser picks another one by itself, a "
     "private window helps."},
    {"identity.no_email",
     "Enter the address in your directory, in Entra under *Contact information* > *Email*, and look whether "
     "the claim *emailaddress* is sent. Then {0} signs in again."},
    {"identity.outside_domains",
     "Give {0} an address in one of your domains, or, if the domain is your company’s, add it under "
     "*Security*."},
    {"identity.other_connection",
     "{0} should sign in at the other provider, or have an address in a domain of this one."},
    {"identity.not_provisioned",
     "Assign {0} to the application in your directory and have the account made: in Entra, *Users and "
     "groups*, "
     "then *Provision on demand*. Or add the employee by hand."},
    {"identity.ambiguous",
     "Give each of them an address and a user name of their own, under *Employees* or in your directory."},
    {"identity.linked_elsewhere",
     "If it is somebody new who was given an old address, change one of the two addresses. If it is the same "
     "person with a new account, whoever runs Doorward takes the old link away: doorward employee unlink."},
    {"identity.sso_enforced",
     "Nothing is wrong here: {0} enters the e-mail address on the sign-in page and goes on with the company "
     "account, without a password of its own."},
    {"identity.no_password", "Send {0} an invitation, or have {0} go on with the company account."},
    {"session.", "{0} should start again at the sign-in page, in one window, with cookies allowed."},
    {"saml.in_response_to", "{0} should start again at the sign-in page, in one window."},
    {"saml.replayed", "{0} should start again at the sign-in page: going back in the browser is not enough."},
    {"saml.unsolicited", "{0} should start at the sign-in page."},
    {"saml.status_not_success",
     "The provider itself said no. In Entra, look whether {0} is assigned to the application under *Users "
     "and "
     "groups*, and look at the sign-in logs there."},
    {"saml.audience",
     "In the provider’s application, compare *Identifier (Entity ID)* with the one that the setup shows."},
    {"saml.destination",
     "In the provider’s application, compare *Reply URL* with the one that the setup shows."},
    {"saml.recipient",
     "In the provider’s application, compare *Reply URL* with the one that the setup shows."},
    {"saml.issuer",
     "The application that answered is not the one that is connected: compare the metadata address under "
     "*Security*."},
    {"saml.signature_key_unknown",
     "The provider signs with a new certificate: have its metadata checked again under *Security*."},
    {"saml.signature_invalid",
     "The provider may sign with a new certificate: have its metadata checked again under *Security*."},
    {"saml.signing_certificate_expired",
     "Renew the signing certificate at the provider, then have its metadata checked again under *Security*."},
    {"saml.signature_sha1", "In Entra, under *SAML Certificates*, choose SHA-256 as *Signing Algorithm*."},
    {"saml.signature_algorithm",
     "In Entra, under *SAML Certificates*, choose SHA-256 as *Signing Algorithm*."},
    {"saml.signature_missing",
     "In Entra, under *SAML Certificates*, choose *Sign SAML response and assertion* as *Signing Option*."},
    {"saml.response_signature_missing",
     "In Entra, under *SAML Certificates*, choose *Sign SAML response and assertion* as *Signing Option*."},
    {"saml.assertion_signature_missing",
     "In Entra, under *SAML Certificates*, choose *Sign SAML response and assertion* as *Signing Option*."},
    {"saml.decryption_cbc_unsigned",
     "In Entra, under *SAML Certificates*, choose *Sign SAML response and assertion* as *Signing Option*."},
    {"saml.decryption",
     "Give the provider the encryption certificate of this server’s metadata, or switch "
     "encryption off there."},
    {"saml.encrypted", "Have the provider encrypt the whole assertion instead."},
    {"saml.issued_in_future", "The clocks of this server and of the provider differ: set them."},
    {"saml.not_yet_valid", "The clocks of this server and of the provider differ: set them."},
    {"saml.authn_instant_in_future", "The clocks of this server and of the provider differ: set them."},
    {"saml.expired", "{0} should sign in again. If it happens to everybody, the clocks differ."},
    {"saml.issued_too_long_ago", "{0} should sign in again. If it happens to everybody, the clocks differ."},
    {"saml.confirmation_expired", "{0} should sign in again. If it happens to everybody, the clocks differ."},
    {"saml.authn_instant_too_old", "{0} should sign in again at the provider."},
    {"saml.session_expired", "{0} should sign in again at the provider."},
    {"saml.claim_repeated", "At the provider, send each claim once."},
    {"saml.message_too_large",
     "Send fewer group claims: in Entra, only *Groups assigned to the application*."},
    {"saml.", "Look at the attempt: it shows every check with what was expected and what came."},
    {"", "Look at the attempt: it shows what was expected and what came."},
});

template <std::size_t N>
std::string words_for(const std::array<FindingWords, N>& table, std::string_view finding,
                      const SignInHistory& history) {
  const auto found =
      std::ranges::find_if(table, [&](const FindingWords& each) { return finding.starts_with(each.code); });
  if (found == table.end()) return {};
  return fmt::format(fmt::runtime(found->words), person_of(history));
}

/// What the attempt's own report says about the check that failed.
std::string reported_message(const Attempt& attempt) {
  const auto report = json::parse(attempt.report);
  if (!report || !report->is_object()) return {};
  const auto* checks = report->as_object().if_contains("checks");
  if (checks == nullptr || !checks->is_array()) return {};
  for (const json::Value& check : checks->as_array()) {
    const auto* verdict = check.is_object() ? check.as_object().if_contains("verdict") : nullptr;
    if (verdict == nullptr || *verdict != "failed") continue;
    const auto* message = check.as_object().if_contains("message");
    if (message == nullptr || !message->is_string()) continue;
    std::string text = said(std::string_view(message->as_string()));
    while (text.ends_with('.'))
      text.pop_back();
    return text;
  }
  return {};
}

/// What follows "refused: ".
std::string reason_of(const Attempt& attempt, const SignInHistory& history) {
  std::string words = words_for(kRefusals, attempt.finding, history);
  if (words.empty()) words = reported_message(attempt);
  if (words.empty()) words = said(attempt.finding);
  return words;
}

/// Where the employee's data is kept.
std::string_view kept_at(const SignInHistory& history) {
  return history.provisioned ? "in your directory, in Entra under *Contact information*; it arrives with the "
                               "next provisioning run"
                             : "here, on the employee’s page";
}

constexpr std::string_view kSwitchOn =
    "Switch {0} on in your directory: in Entra that is *Account enabled*, and the assignment to the "
    "application "
    "under *Users and groups*. It arrives with the next provisioning run, within about 40 minutes, or at "
    "once "
    "with *Provision on demand*.";

Verdict deactivated(const SignInHistory& history, const Diagnosis& diagnosis) {
  const std::string person = person_of(history);
  if (!diagnosis.change) {
    return {fmt::format("{} is deactivated.", person),
            history.provisioned ? fmt::format(kSwitchOn, person)
                                : fmt::format("Activate {} on the employee’s page.", person)};
  }
  const AuditEntry& change = *diagnosis.change;
  if (change.actor.kind == ActorKind::Directory) {
    return {fmt::format("{} switched {} off on {}. Nothing is wrong here.", actor_of(change.actor), person,
                        minute_of(change.at)),
            fmt::format(kSwitchOn, person)};
  }
  return {
      fmt::format("{} deactivated {} on {}.", actor_of(change.actor), person, minute_of(change.at)),
      fmt::format("If {0} should come in again, activate {0} on the employee’s page. Administrator rights do "
                  "not come back with that.",
                  person)};
}

Verdict deletion_held(const SignInHistory& history, const Diagnosis& diagnosis) {
  const std::string when = diagnosis.change ? " on " + minute_of(diagnosis.change->at) : std::string();
  return {fmt::format("Your directory deleted {}{} while many left at once. Access is off, and the deletion "
                      "waits for your decision.",
                      person_of(history), when),
          "Decide about all who left then, under *Provisioning*: restore them if it was a mistake."};
}

Verdict no_connection(const SignInHistory& history) {
  if (!history.connection) {
    return {fmt::format("No connection signs in the people of {}, and single sign-on is the only way in.",
                        history.domain->name),
            fmt::format("Ask whoever runs Doorward to say whose domain it is: doorward domain assign {} {}",
                        history.account.slug, history.domain->name)};
  }
  return {
      fmt::format("The connection “{}” is switched off: it signs in the people of {}, and single sign-on is "
                  "the only way in.",
                  said(history.connection->name), history.domain->name),
      fmt::format("Ask whoever runs Doorward to switch it on: doorward saml set {} --active on",
                  history.account.slug)};
}

Verdict outside_domains(const SignInHistory& history) {
  return {
      fmt::format("The address {} lies outside your company’s domains ({}), and single sign-on is the only "
                  "way in.",
                  said(history.address), domains_of(history)),
      fmt::format("Give {} an address in one of them, {}. If the domain is your company’s, add it under "
                  "*Security*.",
                  person_of(history), kept_at(history))};
}

Verdict wrong_passwords(const SignInHistory& history, Obstacle obstacle) {
  const auto& guesses = history.guesses;
  const std::string person = person_of(history);
  const std::string typed =
      guesses.failures == 1 ? fmt::format("A wrong password was typed for {}", person)
                            : fmt::format("{} wrong passwords were typed for {}", guesses.failures, person);
  const std::string when = guesses.last_at ? " on " + minute_of(*guesses.last_at) : std::string();
  Verdict verdict;
  verdict.advice = fmt::format(
      "If {0} forgot the password, send a link to choose a new one, from the employee’s page. If it "
      "was somebody else, they did not come in.",
      person);
  if (obstacle == Obstacle::TooManyPasswords) {
    verdict.answer = fmt::format("{}, the last{}. The next one is looked at after {}.", typed, when,
                                 minute_of(*guesses.wait_until));
    return verdict;
  }
  verdict.answer = fmt::format("{}{}{}. Nothing else stands in the way.", typed,
                               guesses.failures == 1 ? "" : ", the last", when);
  return verdict;
}

Verdict stranger(const SignInHistory& history, Obstacle obstacle) {
  const std::string person = person_of(history);
  if (obstacle == Obstacle::Deleted) {
    const auto& deleted = *history.deleted;
    const bool by_directory = deleted.actor.kind == ActorKind::Directory;
    return {
        fmt::format("{} deleted {} on {}.", actor_of(deleted.actor), person, minute_of(deleted.deleted_at)),
        by_directory ? fmt::format("If {} should come in, restore or assign the account in your directory: "
                                   "in Entra, *Deleted users*, then *Users and groups* of the application.",
                                   person)
                     : fmt::format("If {} should come in, add the employee again.", person)};
  }
  Verdict verdict{fmt::format("Nobody here has the address or user name {}.", person), {}};
  if (history.attempts.empty()) verdict.answer += " No attempt to sign in names it either.";
  verdict.advice =
      history.domain
          ? words_for(kAdvice, "identity.not_provisioned", history)
          : fmt::format(
                "Look at the spelling: your company’s domains are {}. If it is right, this is nobody "
                "whom your company vouches for.",
                domains_of(history));
  if (history.domains.empty()) {
    verdict.advice =
        "Look at the spelling. If it is right, add the employee, by hand or from your directory.";
  }
  return verdict;
}

Verdict mended(const SignInHistory& history, const Attempt& attempt) {
  const std::string person = person_of(history);
  Verdict verdict{fmt::format("Attempt {}, on {}, was refused: {}. ", attempt.reference,
                              minute_of(attempt.at), reason_of(attempt, history)),
                  {}};
  const auto later = std::ranges::find_if(history.attempts, [&](const Attempt& other) {
    return other.id > attempt.id && other.outcome == AttemptOutcome::Success;
  });
  if (later != history.attempts.end()) {
    verdict.answer += fmt::format("Since then {} has signed in, on {}.", person, minute_of(later->at));
    verdict.advice = "There is nothing to do.";
    return verdict;
  }
  verdict.answer += "That does not hold any more.";
  verdict.advice = fmt::format("Ask {} to sign in again.", person);
  return verdict;
}

Verdict unhindered(const SignInHistory& history, const std::optional<Attempt>& attempt) {
  const std::string person = person_of(history);
  Verdict verdict;
  if (attempt && attempt->outcome == AttemptOutcome::Test) {
    verdict.answer =
        fmt::format("Nothing stands in the way: a test came through on {}.", minute_of(attempt->at));
  } else if (attempt) {
    verdict.answer =
        fmt::format("Nothing stands in the way: {} signed in on {}.", person, minute_of(attempt->at));
  } else {
    verdict.answer = fmt::format("Nothing stands in the way here, and no attempt of {} has arrived.", person);
  }
  const std::string provider =
      history.connected
          ? "If the provider shows an error of its own, it does not let {0} through: in Entra, look "
            "whether {0} is assigned under *Users and groups* of the application. "
          : "";
  verdict.advice = fmt::format(
      fmt::runtime(provider + "Otherwise ask {0} for the reference number on the screen and search for it."),
      person);
  if (provider.empty()) verdict.advice = "Ask for the reference number on the screen and search for it.";
  return verdict;
}

Verdict no_way_in(const SignInHistory& history) {
  const std::string person = person_of(history);
  const std::string why =
      !history.connected ? "no identity provider is connected"
      : !history.domain  ? fmt::format("the address {} is in none of your domains", said(history.address))
                         : fmt::format("no connection signs in the people of {}", history.domain->name);
  return {
      fmt::format("{} has no password, and there is no single sign-on: {}.", person, why),
      fmt::format("Send {} an invitation from the employee’s page: its link leads to a password.", person)};
}

// --- The timeline

struct Moment {
  Timestamp at;
  std::string_view kind;
  std::string_view tone;
  std::string text;
  std::string reference = {};
  std::int64_t entry = 0;
};

Moment moment_of(const Attempt& attempt, const SignInHistory& history) {
  Moment moment{.at = attempt.at, .kind = "attempt", .tone = "bad", .text = {}};
  moment.reference = attempt.reference;
  const bool test = attempt.outcome == AttemptOutcome::Test;
  if (attempt.finding.empty()) {
    moment.tone = "good";
    moment.text = test                 ? "A test sign-in came through"
                  : attempt.connection ? "Signed in through single sign-on"
                                       : "Signed in without single sign-on";
  } else {
    moment.text =
        fmt::format("{} was refused: {}", test ? "A test sign-in" : "A sign-in", reason_of(attempt, history));
  }
  return moment;
}

constexpr auto kChanges = std::to_array<FindingWords>({
    {"employee.created", "Added"},
    {"employee.updated", "Changed"},
    {"employee.deactivated", "Deactivated"},
    {"employee.reactivated", "Activated"},
    {"employee.deleted", "Deleted"},
    {"employee.adopted", "Taken over by the directory"},
    {"employee.deletion_held", "Deleted by the directory while many left: held"},
    {"employee.deletion_taken_back", "The held deletion was taken back"},
    {"employee.administrator_granted", "Made an administrator"},
    {"employee.administrator_revoked", "No administrator any more"},
    {"employee.administrator_kept", "Kept the administrator rights"},
    {"employee.password_set", "Got a new password"},
    {"employee.password_removed", "Lost the password"},
    {"employee.signed_out_everywhere", "Signed out everywhere"},
    {"employee.access_ended", "Access to the applications ended"},
    {"employee.linked", "Known to the provider from now on"},
    {"employee.unlinked", "Not known to the provider any more"},
    {"access_link.created", "A link to come in was made"},
    {"access_link.used", "The link to come in was used"},
    {"mail.link_queued", "A mail with a link was ordered"},
    {"mail.recovery_asked", "Asked for a new password"},
    {"setup.loss_accepted", "Accepted: loses access once single sign-on is the only way in"},
    {"setup.loss_refused", "Not accepted any more: loses access once single sign-on is the only way in"},
    {"sso.enabled", "For everybody: single sign-on became the only way in"},
    {"sso.disabled", "For everybody: single sign-on is not the only way in any more"},
    {"account.plan_changed", "For everybody: the plan was changed"},
    {"connection.activated", "For everybody: the connection was switched on"},
    {"connection.deactivated", "For everybody: the connection was switched off"},
    {"connection.provider_changed", "For everybody: new metadata of the provider"},
    {"connection.deleted", "For everybody: the connection was removed"},
    {"domain.added", "The domain of the address was added"},
    {"domain.removed", "The domain of the address was removed"},
    {"domain.assigned", "The domain of the address was given to a connection"},
});

Moment moment_of(const AuditEntry& entry) {
  const auto found = std::ranges::find(kChanges, std::string_view(entry.action), &FindingWords::code);
  std::string text(found != kChanges.end() ? found->words : std::string_view(entry.action));
  if (entry.actor.kind != ActorKind::System) text += fmt::format(", by {}", actor_of(entry.actor));
  const auto* ended = entry.details.if_contains("sessions_ended");
  if (ended != nullptr && ended->is_int64() && ended->get_int64() > 0) {
    text += ended->get_int64() == 1 ? ". One session ended"
                                    : fmt::format(". {} sessions ended", ended->get_int64());
  }
  const bool closes = entry.action == "employee.deactivated" || entry.action == "employee.deleted" ||
                      entry.action == "connection.deactivated" || entry.action == "domain.removed" ||
                      entry.action == "employee.deletion_held" || entry.action == "connection.deleted";
  return {.at = entry.at, .kind = "change", .tone = closes ? "bad" : "calm", .text = std::move(text)};
}

Moment moment_of(const directory::ProvisioningEntry& entry) {
  const bool failed = entry.outcome == directory::ProvisioningOutcome::Failed;
  std::string text = said(entry.summary);
  if (text.empty()) text = fmt::format("{} {}", said(entry.method), said(entry.path));
  return {.at = entry.at,
          .kind = "directory",
          .tone = failed ? "bad" : "calm",
          .text = std::move(text),
          .reference = {},
          .entry = entry.id.value};
}

Moment moment_of(const directory::LinkMail& mail) {
  using directory::MailState;
  const std::string_view what =
      mail.kind == directory::MailKind::Invitation ? "The invitation" : "The mail with a new password’s link";
  Moment moment{.at = mail.finished_at.value_or(mail.queued_at), .kind = "mail", .tone = "calm", .text = {}};
  switch (mail.state) {
    case MailState::Waiting:
      moment.text = fmt::format("{} waits to be sent", what);
      break;
    case MailState::Sent:
      moment.text = fmt::format("{} was handed to the mail server", what);
      break;
    case MailState::Dead:
      moment.tone = "bad";
      moment.text = fmt::format("{} could not be sent: {}", what, said(mail.problem));
      break;
  }
  return moment;
}

/// What the provisioning log tells in better words already.
bool told_by_directory(const AuditEntry& entry, const SignInHistory& history) {
  if (entry.actor.kind != ActorKind::Directory || !entry.action.starts_with("employee.")) return false;
  return std::ranges::any_of(history.requests, [&](const directory::ProvisioningEntry& request) {
    const auto apart = request.at > entry.at ? request.at - entry.at : entry.at - request.at;
    return request.outcome == directory::ProvisioningOutcome::Changed && apart < std::chrono::seconds(2);
  });
}

json::Object fact(std::string_view name, std::string value, bool good) {
  return {{"name", name}, {"value", std::move(value)}, {"good", good}};
}

}  // namespace

Verdict verdict_of(const SignInHistory& history, const Diagnosis& diagnosis) {
  const std::string person = person_of(history);
  switch (diagnosis.obstacle) {
    case Obstacle::None:
      return unhindered(history, diagnosis.attempt);
    case Obstacle::Mended:
      return mended(history, *diagnosis.attempt);
    case Obstacle::DeletionHeld:
      return deletion_held(history, diagnosis);
    case Obstacle::Deactivated:
      return deactivated(history, diagnosis);
    case Obstacle::Plan:
      return {fmt::format("{} has no password, and your company’s plan has no single sign-on.", person),
              fmt::format("Send {} an invitation from the employee’s page: its link leads to a password.",
                          person)};
    case Obstacle::NoEmail:
      return {
          fmt::format("{} has no e-mail address. Single sign-on is the only way in, and needs one in your "
                      "company’s domains ({}).",
                      person, domains_of(history)),
          fmt::format("Enter the address {}.", kept_at(history))};
    case Obstacle::OutsideDomains:
      return outside_domains(history);
    case Obstacle::NoConnection:
      return no_connection(history);
    case Obstacle::NoWayIn:
      return no_way_in(history);
    case Obstacle::TooManyPasswords:
    case Obstacle::WrongPassword:
      return wrong_passwords(history, diagnosis.obstacle);
    case Obstacle::Attempt:
      return {fmt::format("Attempt {}, on {}, was refused: {}.", diagnosis.attempt->reference,
                          minute_of(diagnosis.attempt->at), reason_of(*diagnosis.attempt, history)),
              words_for(kAdvice, diagnosis.attempt->finding, history)};
    case Obstacle::Deleted:
    case Obstacle::Unknown:
      return stranger(history, diagnosis.obstacle);
  }
  return {};
}

json::Array standing_view(const SignInHistory& history) {
  json::Array facts;
  const bool enforced = history.account.sso_enforced_at.has_value();
  const bool routed = history.domain && history.connection && history.connection->admits();
  if (history.employee) {
    const directory::Employee& employee = *history.employee;
    facts.push_back(fact("Access", employee.active ? "active" : "deactivated", employee.active));
    facts.push_back(fact("Password",
                         enforced                ? "not needed: single sign-on is the only way in"
                         : employee.has_password ? "has one"
                                                 : "has none",
                         enforced || employee.has_password || routed));
  }
  const bool plan = history.account.plan == directory::Plan::Enterprise;
  facts.push_back(fact("Single sign-on",
                       !plan               ? "not part of your company’s plan"
                       : enforced          ? "the only way in"
                       : history.connected ? "set up; passwords work as well"
                                           : "not set up yet",
                       plan && history.connected));
  if (plan) {
    std::string domain = fmt::format("{} is in none of your domains",
                                     history.address.empty() ? "the address" : said(history.address));
    if (history.domain) {
      domain = !history.connection ? fmt::format("{} leads to no connection", history.domain->name)
               : routed
                   ? fmt::format("{} leads to “{}”", history.domain->name, said(history.connection->name))
                   : fmt::format("{} leads to “{}”, which is switched off", history.domain->name,
                                 said(history.connection->name));
    }
    facts.push_back(fact("Domain of the address", std::move(domain), routed));
  }
  if (history.employee) {
    facts.push_back(fact("Signed in now",
                         history.live_sessions == 0   ? "nowhere"
                         : history.live_sessions == 1 ? "in one browser"
                                                      : fmt::format("in {} browsers", history.live_sessions),
                         true));
  }
  return facts;
}

json::Array timeline_view(const SignInHistory& history) {
  std::vector<Moment> moments;
  moments.reserve(history.attempts.size() + history.changes.size());
  for (const Attempt& attempt : history.attempts)
    moments.push_back(moment_of(attempt, history));
  for (const AuditEntry& entry : history.changes) {
    if (!told_by_directory(entry, history)) moments.push_back(moment_of(entry));
  }
  for (const directory::ProvisioningEntry& entry : history.requests)
    moments.push_back(moment_of(entry));
  if (history.mail) moments.push_back(moment_of(*history.mail));
  std::ranges::stable_sort(moments, [](const Moment& a, const Moment& b) { return a.at > b.at; });
  json::Array shown;
  for (Moment& moment : moments) {
    json::Object line{{"at", format_rfc3339(moment.at)},
                      {"kind", moment.kind},
                      {"tone", moment.tone},
                      {"text", std::move(moment.text)},
                      {"reference", std::move(moment.reference)},
                      {"entry", nullptr}};
    if (moment.entry > 0) line["entry"] = moment.entry;
    shown.push_back(std::move(line));
  }
  return shown;
}

}  // namespace doorward::console
