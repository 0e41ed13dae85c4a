#include "directory/certificate_notices.h"

#include <algorithm>
#include <iterator>
#include <optional>

#include <fmt/format.h>

#include "base/text.h"
#include "crypto/certificate.h"
#include "directory/accounts.h"
#include "directory/audit.h"
#include "directory/connections.h"
#include "directory/events.h"
#include "directory/key_pairs.h"
#include "directory/mails.h"
#include "directory/metadata_refreshes.h"
#include "directory/names.h"

namespace doorward::directory {
namespace {

constexpr Names<CertificateUse, 3> kCertificateUses = {{{CertificateUse::Provider, "provider"},
                                                        {CertificateUse::Signing, "signing"},
                                                        {CertificateUse::Encryption, "encryption"}}};

using Days = std::chrono::duration<std::int64_t, std::ratio<86'400>>;

/// Begun days count.
std::int64_t days_until(Timestamp end, Timestamp now) {
  return std::chrono::ceil<Days>(end - now).count();
}

/// The smallest threshold that is reached; nothing while none is.
std::optional<int> threshold_of(const EndingCertificate& certificate, Timestamp now) {
  std::optional<int> reached;
  for (const int days : kNoticeDays) {
    if (certificate.ends_at - now <= Days(days)) reached = days;
  }
  return reached;
}

/// Keeps the one that ends last.
void keep_last(std::optional<crypto::Certificate>& last, const Bytes& der) {
  auto certificate = crypto::Certificate::from_der(der);
  if (!certificate) return;
  if (!last || last->not_after() < certificate->not_after()) last = *std::move(certificate);
}

void add_ending(const std::optional<crypto::Certificate>& last, CertificateUse use,
                std::string_view connection, std::string_view subject, Timestamp now,
                std::vector<EndingCertificate>& ending) {
  if (!last) return;
  EndingCertificate certificate{.use = use,
                                .connection = std::string(connection),
                                .subject = std::string(subject),
                                .thumbprint = last->thumbprint(),
                                .fingerprint = last->fingerprint(),
                                .ends_at = last->not_after()};
  if (threshold_of(certificate, now)) ending.push_back(std::move(certificate));
}

Result<void> add_provider(storage::Transaction& transaction, const Connection& connection, Timestamp now,
                          std::vector<EndingCertificate>& ending) {
  ASSIGN_OR_RETURN(const WithdrawnCertificates withdrawn,
                   list_withdrawn_certificates(transaction, connection.account, connection.id));
  std::optional<crypto::Certificate> last;
  for (const Bytes& der : connection.provider.signing_certificates) {
    const auto certificate = crypto::Certificate::from_der(der);
    if (certificate && !withdrawn.contains(certificate->fingerprint())) keep_last(last, der);
  }
  add_ending(last, CertificateUse::Provider, connection.name, connection.public_id, now, ending);
  return {};
}

Result<void> add_own(storage::Transaction& transaction, AccountId account, Timestamp now,
                     std::vector<EndingCertificate>& ending) {
  ASSIGN_OR_RETURN(const std::vector<KeyPair> pairs, list_key_pairs(transaction, account));
  for (const auto& [purpose, use] : {std::pair(KeyPurpose::Signing, CertificateUse::Signing),
                                     std::pair(KeyPurpose::Encryption, CertificateUse::Encryption)}) {
    std::optional<crypto::Certificate> last;
    std::string subject;
    for (const KeyPair& pair : pairs) {
      if (pair.purpose != purpose || pair.state == KeyState::Retiring) continue;
      keep_last(last, pair.certificate);
      subject = pair.public_id;
    }
    add_ending(last, use, "", subject, now, ending);
  }
  return {};
}

std::string ends_words(const EndingCertificate& certificate, Timestamp now) {
  const std::string date = format_rfc3339(certificate.ends_at).substr(0, 10);
  if (certificate.ends_at <= now) return fmt::format("ended on {}", date);
  const std::int64_t days = days_until(certificate.ends_at, now);
  return fmt::format("ends on {}, in {} {}", date, days, days == 1 ? "day" : "days");
}

std::string notice_subject(const EndingCertificate& certificate, Timestamp now) {
  const std::string_view whose = certificate.use == CertificateUse::Provider
                                     ? "The sign-in certificate of your identity provider"
                                     : "Doorward's own certificate";
  return fmt::format("{} {}", whose, ends_words(certificate, now));
}

Result<void> tell_of_ending(storage::Transaction& transaction, AccountId account,
                            const EndingCertificate& certificate, int days, Timestamp now) {
  const json::Object details = {{"use", to_text(certificate.use)},
                                {"connection", certificate.connection},
                                {"thumbprint", certificate.thumbprint},
                                {"ends_at", format_rfc3339(certificate.ends_at)},
                                {"notice_days", days}};
  const Actor doorward{ActorKind::System, "Doorward"};
  RETURN_IF_ERROR(record_audit(transaction, account, doorward, "connection.certificate_expiring",
                               certificate.subject, details, now));
  RETURN_IF_ERROR(append_event(transaction, account, "connection.certificate_expiring", certificate.subject,
                               details, now));
  std::string words = notice_words(certificate, now);
  std::erase(words, '*');
  RETURN_IF_ERROR(queue_notice(
      transaction, account, notice_subject(certificate, now),
      fmt::format("Hello {{name}},\n\nthis is about how employees of {{company}} sign in.\n\n{}\n\nThe "
                  "certificate's thumbprint is {}. In the console, Security shows when all is well "
                  "again.\n",
                  words, certificate.thumbprint),
      now));
  return {};
}

/// False when somebody was told already, or of a later notice.
Result<bool> note_notice(storage::Transaction& transaction, AccountId account,
                         const EndingCertificate& certificate, int days, Timestamp now) {
  std::int64_t noted = 0;
  for (const int each : kNoticeDays) {
    if (each < days) continue;
    // A notice that was missed, while the server was off, is not made up for: the nearest one says more.
    ASSIGN_OR_RETURN(
        noted, transaction.execute("INSERT INTO certificate_notices (account_id, fingerprint, days, told_at)"
                                   " VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING",
                                   {account, certificate.fingerprint, each, now}));
  }
  return noted > 0;
}

}  // namespace

std::string_view to_text(CertificateUse use) {
  return name_of(kCertificateUses, use);
}

Result<std::vector<EndingCertificate>> list_ending_certificates(storage::Transaction& transaction,
                                                                AccountId account, Timestamp now) {
  ASSIGN_OR_RETURN(const std::vector<Connection> connections, list_connections(transaction, account));
  std::vector<EndingCertificate> ending;
  bool any_active = false;
  for (const Connection& connection : connections) {
    if (!connection.active) continue;
    any_active = true;
    RETURN_IF_ERROR(add_provider(transaction, connection, now, ending));
  }
  // Without a provider, nobody uses ours.
  if (any_active) RETURN_IF_ERROR(add_own(transaction, account, now, ending));
  return ending;
}

std::string notice_words(const EndingCertificate& certificate, Timestamp now) {
  const std::string ends = ends_words(certificate, now);
  const bool over = certificate.ends_at <= now;
  switch (certificate.use) {
    case CertificateUse::Provider:
      return fmt::format(
          "The certificate with which the identity provider signs ({}) {}, and there is no newer one here. "
          "{} "
          "In Entra: open the application, *Single sign-on*, *SAML Certificates*, *Edit*, *New Certificate*, "
          "*Save*. Then press *Refresh now* at the connection in this console, so that the new certificate "
          "is "
          "known here, and only after that choose *Make certificate active* in Entra. With another provider, "
          "add the new certificate to its metadata in the same order.",
          printable(certificate.connection), ends,
          over ? "The provider may change or stop its sign-ins at any time: people would be locked out."
               : "When the provider changes it on that day, sign-ins may stop until the new one is known "
                 "here.");
    case CertificateUse::Signing:
      return fmt::format(
          "Doorward's own certificate for signing requests {}. {} Start a new key in this console under "
          "*Security*, *Doorward's own keys*; it says what the identity provider must be given.",
          ends,
          over ? "A provider that looks at the date refuses sign-ins."
               : "After that day, a provider that looks at the date refuses sign-ins.");
    case CertificateUse::Encryption:
      break;
  }
  return fmt::format(
      "Doorward's own certificate for encrypted answers {}. {} Start a new key in this console under "
      "*Security*, *Doorward's own keys*; it says what the identity provider must be given.",
      ends,
      over ? "A provider that looks at the date can encrypt no answer to it."
           : "After that day, a provider that looks at the date can encrypt no answer to it.");
}

Result<int> tell_of_ending_certificates(storage::Transaction& transaction, AccountId account, Timestamp now) {
  ASSIGN_OR_RETURN(const auto ending, list_ending_certificates(transaction, account, now));
  int told = 0;
  for (const EndingCertificate& certificate : ending) {
    const int days = *threshold_of(certificate, now);
    ASSIGN_OR_RETURN(const bool is_new, note_notice(transaction, account, certificate, days, now));
    if (!is_new) continue;
    RETURN_IF_ERROR(tell_of_ending(transaction, account, certificate, days, now));
    ++told;
  }
  return told;
}

}  // namespace doorward::directory
