#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "directory/ids.h"
#include "storage/database.h"

/// Certificates that end while nothing has taken their place, and who was told of it.
namespace doorward::directory {

/// Administrators are told so many days before.
inline constexpr int kNoticeDays[] = {60, 30, 7};

enum class CertificateUse : std::uint8_t {
  Provider,    ///< The identity provider signs with it.
  Signing,     ///< We sign requests with it.
  Encryption,  ///< Assertions are encrypted to it.
};
std::string_view to_text(CertificateUse use);

struct EndingCertificate {
  CertificateUse use = CertificateUse::Provider;
  /// The connection's name, for the provider's; empty for our own.
  std::string connection;
  /// Public id of the connection or of the key.
  std::string subject;
  /// Of the last certificate to end: after it, there is none.
  std::string thumbprint;
  std::string fingerprint;
  Timestamp ends_at;
};

/// The certificates of active connections, and our own, that end within 60 days or have ended, unless another
/// one lasts longer. One that the provider lists no more lasts for nobody.
Result<std::vector<EndingCertificate>> list_ending_certificates(storage::Transaction& transaction,
                                                                AccountId account, Timestamp now);

/// What happens on which day, and what to do. Names of Entra's screens stand between asterisks.
std::string notice_words(const EndingCertificate& certificate, Timestamp now);

/// Tells the administrators by mail and event of each certificate once 60, 30 and 7 days before its end; says
/// of how many. Once means for ever, so it may be called as often as one likes.
Result<int> tell_of_ending_certificates(storage::Transaction& transaction, AccountId account, Timestamp now);

}  // namespace doorward::directory
