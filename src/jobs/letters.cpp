#include "jobs/letters.h"

#include <fmt/format.h>

namespace doorward::jobs {

namespace {

bool is_german(std::string_view locale) {
  return locale == "de" || locale.starts_with("de-") || locale.starts_with("de_");
}

/// `29 Nov 2026, 14:00 UTC`, as pages write it.
std::string moment(Timestamp time) {
  const std::string text = format_rfc3339(time);
  return fmt::format("{} {} UTC", text.substr(0, 10), text.substr(11, 5));
}

std::string greeting(const LetterFacts& facts, bool german) {
  if (facts.name.empty()) return german ? "Guten Tag," : "Hello,";
  return fmt::format(fmt::runtime(german ? "Guten Tag {}," : "Hello {},"), facts.name);
}

std::string closing(const LetterFacts& facts, bool german) {
  if (facts.contact.empty()) {
    return german ? "Fragen beantwortet Ihre Administration."
                  : "If you have questions, ask your administrator.";
  }
  return german ? fmt::format("Fragen beantwortet {}.", facts.contact)
                : fmt::format("If you have questions, ask {}.", facts.contact);
}

std::string until(const LetterFacts& facts, bool german) {
  if (!facts.expires_at) return {};
  return german ? fmt::format("Der Link gilt einmal, bis {}.", moment(*facts.expires_at))
                : fmt::format("The link works once, until {}.", moment(*facts.expires_at));
}

std::string replace_all(std::string text, std::string_view word, std::string_view value) {
  for (std::size_t at = text.find(word); at != std::string::npos; at = text.find(word, at + value.size()))
    text.replace(at, word.size(), value);
  return text;
}

}  // namespace

Letter invitation_letter(const LetterFacts& facts) {
  const bool german = is_german(facts.locale);
  Letter letter;
  if (german) {
    letter.subject = fmt::format("Ihr Zugang zu {}", facts.company);
    letter.text = fmt::format("{}\n\nSie haben jetzt Zugang zum Portal von {}.\n\n", greeting(facts, true),
                              facts.company);
    letter.text +=
        facts.link.empty()
            ? fmt::format("Melden Sie sich mit Ihrem Firmenkonto an, ohne eigenes Passwort:\n{}\n",
                          facts.sign_in_url)
            : fmt::format("Wählen Sie hier Ihr Passwort:\n{}\n\n{} Danach melden Sie sich hier an:\n{}\n",
                          facts.link, until(facts, true), facts.sign_in_url);
  } else {
    letter.subject = fmt::format("Your access to {}", facts.company);
    letter.text = fmt::format("{}\n\nYou have access to the portal of {} now.\n\n", greeting(facts, false),
                              facts.company);
    letter.text +=
        facts.link.empty()
            ? fmt::format("Sign in with your company account; you need no password of its own:\n{}\n",
                          facts.sign_in_url)
            : fmt::format("Choose your password here:\n{}\n\n{} After that you sign in here:\n{}\n",
                          facts.link, until(facts, false), facts.sign_in_url);
  }
  letter.text += fmt::format("\n{}\n", closing(facts, german));
  return letter;
}

Letter recovery_letter(const LetterFacts& facts) {
  const bool german = is_german(facts.locale);
  Letter letter;
  if (german) {
    letter.subject = fmt::format("Ein neues Passwort für {}", facts.company);
    letter.text = fmt::format(
        "{}\n\nmit diesem Link wählen Sie ein neues Passwort für das Portal von {}:\n{}\n\n{}\n\n{}\n",
        greeting(facts, true), facts.company, facts.link, until(facts, true),
        facts.requested_by.empty() ? "Haben Sie das nicht angefordert, so löschen Sie diese Nachricht: Ihr "
                                     "Passwort bleibt, wie es ist."
                                   : "Ihre Administration hat diese Nachricht angefordert, weil die "
                                     "Anmeldung mit Passwort wieder gilt.");
  } else {
    letter.subject = fmt::format("A new password for {}", facts.company);
    letter.text =
        fmt::format("{}\n\nWith this link you choose a new password for the portal of {}:\n{}\n\n{}\n\n{}\n",
                    greeting(facts, false), facts.company, facts.link, until(facts, false),
                    facts.requested_by.empty()
                        ? "If you did not ask for it, delete this message: your password stays as it is."
                        : "Your administrator asked for this message, since you sign in with a password.");
  }
  letter.text += fmt::format("\n{}\n", closing(facts, german));
  return letter;
}

Letter filled_in(std::string_view subject, std::string_view body, const LetterFacts& facts) {
  const auto fill = [&](std::string_view text) {
    // The company first: what an employee is called must not be read as a word to fill in.
    return replace_all(replace_all(std::string(text), "{company}", facts.company), "{name}", facts.name);
  };
  return {fill(subject), fill(body)};
}

}  // namespace doorward::jobs
