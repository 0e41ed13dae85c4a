#include "jobs/mailer.h"

#include <array>

#include <fmt/format.h>

#include "base/log.h"
#include "directory/access_links.h"

namespace doorward::jobs {

namespace {

/// While a node works on mails, no other takes them.
constexpr std::chrono::minutes kClaim{10};

/// How long after the n-th failure it is tried again.
Duration pause_after(int attempts) {
  constexpr std::array<std::chrono::minutes, 6> kPauses = {std::chrono::minutes(1),  std::chrono::minutes(5),
                                                           std::chrono::minutes(30), std::chrono::hours(2),
                                                           std::chrono::hours(6),    std::chrono::hours(12)};
  const auto index = std::min(static_cast<std::size_t>(attempts), kPauses.size() - 1);
  return kPauses[index];
}

directory::Actor doorward_itself() {
  return {directory::ActorKind::System, "Doorward"};
}

}  // namespace

Mailer::Mailer(storage::Database& database, const Clock& clock, MailerOptions options, Send send,
               metrics::Registry& metrics)
    : database_(database),
      clock_(clock),
      options_(std::move(options)),
      send_(std::move(send)),
      sent_(metrics.counter("doorward_mails_total", "Mails, by outcome", "outcome=\"sent\"")),
      failed_(metrics.counter("doorward_mails_total", "Mails, by outcome", "outcome=\"failed\"")) {}

Result<void> Mailer::run() {
  while (!stopping_) {
    const Timestamp now = clock_.now();
    ASSIGN_OR_RETURN(const bool due, database_.read([&](storage::Transaction& transaction) {
      return directory::has_due_mails(transaction, now);
    }));
    if (!due) return {};
    ASSIGN_OR_RETURN(const auto mails, database_.write([&](storage::Transaction& transaction) {
      return directory::claim_mails(transaction, now, now + kClaim, kBatch);
    }));
    if (mails.empty()) return {};
    bool reachable = true;
    for (const directory::QueuedMail& mail : mails) {
      // What was claimed and not tried is due again at the end of the claim.
      if (stopping_ || !reachable) return {};
      ASSIGN_OR_RETURN(reachable, deliver(mail));
    }
  }
  return {};
}

Result<void> Mailer::add_link(const directory::QueuedMail& queued, LetterFacts& facts) {
  const bool invites = queued.kind == directory::MailKind::Invitation;
  // With SSO as the only way in, an invitation needs no link.
  if (invites && queued.account.sso_enforced_at) return {};
  const auto secret = directory::AccessLinkSecret::issue(queued.account);
  const auto purpose = invites ? directory::LinkPurpose::Invitation : directory::LinkPurpose::Recovery;
  ASSIGN_OR_RETURN(facts.expires_at, database_.write([&](storage::Transaction& transaction) {
    return directory::create_access_link(transaction, queued.account, queued.employee, purpose, secret, {},
                                         doorward_itself(), clock_.now());
  }));
  facts.link = fmt::format("{}/access?link={}", options_.public_url, secret.value().reveal());
  return {};
}

Result<Letter> Mailer::letter_for(const directory::QueuedMail& queued) {
  LetterFacts facts{
      .locale = queued.employee.profile.locale,
      .name = queued.employee.shown_name(),
      .company = queued.account.name,
      .sign_in_url = fmt::format("{}/sign-in?account={}", options_.public_url, queued.account.slug),
      .requested_by = queued.requested_by,
      .contact = options_.contact};
  switch (queued.kind) {
    case directory::MailKind::Invitation:
      RETURN_IF_ERROR(add_link(queued, facts));
      return invitation_letter(facts);
    case directory::MailKind::Recovery:
      RETURN_IF_ERROR(add_link(queued, facts));
      return recovery_letter(facts);
    case directory::MailKind::Instructions:
    case directory::MailKind::Notice:
      break;
  }
  return filled_in(queued.subject, queued.body, facts);
}

/// Says whether the mail server can be reached.
Result<bool> Mailer::deliver(const directory::QueuedMail& queued) {
  const auto attempt = [&]() -> Result<void> {
    if (!send_) {
      return fail(ErrorKind::Refused, "jobs.no_mail_server", "No mail server is configured (mail.server).");
    }
    const auto to = net::Mailbox::parse(queued.employee.profile.email);
    if (!to) {
      return fail(ErrorKind::Refused, "jobs.mail_address",
                  "The employee's e-mail address cannot be written to.");
    }
    if (!queued.employee.active) {
      return fail(ErrorKind::Refused, "jobs.mail_inactive", "The employee was deactivated meanwhile.");
    }
    ASSIGN_OR_RETURN(const Letter letter, letter_for(queued));
    return send_({.from = options_.from,
                  .to = *to,
                  .subject = letter.subject,
                  .text = letter.text,
                  .id = fmt::format("doorward.{}.{}", queued.account.public_id, queued.id),
                  .date = clock_.now()});
  };
  const Result<void> sent = attempt();
  const Timestamp now = clock_.now();
  directory::MailOutcome outcome{.sent = sent.has_value()};
  if (sent) {
    sent_.add();
  } else {
    failed_.add();
    log::failure(log::Level::Warning, "jobs.mail_failed", sent.error());
    outcome.problem = sent.error().message;
    const bool for_good = sent.error().kind == ErrorKind::Refused || now - queued.created_at > kGiveUpAfter;
    if (!for_good) outcome.again_at = now + pause_after(queued.attempts);
  }
  RETURN_IF_ERROR(database_.write([&](storage::Transaction& transaction) {
    return directory::record_mail(transaction, queued.account.id, queued.id, outcome, now);
  }));
  return sent || sent.error().kind != ErrorKind::Unavailable;
}

}  // namespace doorward::jobs
