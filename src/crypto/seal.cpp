#include "crypto/seal.h"

#include <array>
#include <cerrno>
#include <optional>
#include <system_error>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/check.h"
#include "base/text.h"
#include "crypto/hash.h"
#include "crypto/key.h"
#include "crypto/openssl.h"
#include "crypto/random.h"

namespace doorward::crypto {

namespace {

constexpr char kVersion = 1;
constexpr std::size_t kNonceLength = 12;
constexpr std::size_t kTagLength = 16;

class FileDescriptor {
 public:
  explicit FileDescriptor(int number) : number_(number) {}
  ~FileDescriptor() {
    if (number_ >= 0) ::close(number_);
  }
  FileDescriptor(const FileDescriptor&) = delete;
  FileDescriptor& operator=(const FileDescriptor&) = delete;
  int get() const { return number_; }

 private:
  int number_;
};

tl::unexpected<Error> file_failure(const std::string& path, std::string_view what, int error_number) {
  return fail(ErrorKind::Internal, "crypto.key_file",
              "The key file " + printable(path) + " " + std::string(what) + ": " +
                  std::generic_category().message(error_number) + ".");
}

tl::unexpected<Error> unusable(const std::string& path, std::string_view why) {
  return fail(ErrorKind::Internal, "crypto.key_file",
              "The key file " + printable(path) + " " + std::string(why));
}

Result<Secret> read_key(const std::string& path, int descriptor) {
  struct stat status = {};
  if (::fstat(descriptor, &status) != 0) return file_failure(path, "cannot be examined", errno);
  if (!S_ISREG(status.st_mode)) return unusable(path, "is not a regular file.");
  if ((status.st_mode & (S_IRWXO | S_IWGRP)) != 0) {
    return unusable(path, "is open to other users of this machine. Take their access away: chmod 600.");
  }
  std::string text(2 * Sealer::kKeyLength + 3, '\0');
  const ssize_t size = ::read(descriptor, text.data(), text.size());
  if (size < 0) return file_failure(path, "cannot be read", errno);
  auto key = from_hex(trim(std::string_view(text.data(), static_cast<std::size_t>(size))));
  wipe(text);
  if (!key || key->size() != Sealer::kKeyLength) {
    return unusable(path, "does not hold 64 hexadecimal digits. Restore it from a backup.");
  }
  return Secret(*std::move(key));
}

/// Makes the file appear under its name only when it is complete and on disk. One that somebody else made
/// meanwhile stays.
Result<void> create_key(const std::string& path) {
  const std::string temporary = path + '.' + to_hex(random_bytes(8));
  const FileDescriptor file(
      ::open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, S_IRUSR | S_IWUSR));
  if (file.get() < 0) return file_failure(path, "cannot be created", errno);
  Bytes key = random_bytes(Sealer::kKeyLength);
  std::string text = to_hex(key) + '\n';
  const bool written = ::write(file.get(), text.data(), text.size()) == static_cast<ssize_t>(text.size()) &&
                       ::fsync(file.get()) == 0;
  const bool linked = written && (::link(temporary.c_str(), path.c_str()) == 0 || errno == EEXIST);
  const int error_number = errno;
  wipe(key);
  wipe(text);
  ::unlink(temporary.c_str());
  if (!linked) return file_failure(path, "cannot be created", error_number);

  const auto slash = path.rfind('/');
  const std::string folder = slash == std::string::npos ? "." : path.substr(0, slash + 1);
  const FileDescriptor directory(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (directory.get() < 0 || ::fsync(directory.get()) != 0)
    return file_failure(path, "cannot be saved", errno);
  return {};
}

}  // namespace

Sealer::Sealer(Secret master_key) : master_key_(std::move(master_key)) {
  CHECK(master_key_.reveal().size() == kKeyLength);
}

Result<Sealer> Sealer::from_file(const std::string& path, KeyFileAbsent absent) {
  for (;;) {
    const FileDescriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
    if (file.get() >= 0) {
      ASSIGN_OR_RETURN(auto key, read_key(path, file.get()));
      return Sealer(std::move(key));
    }
    if (errno != ENOENT) return file_failure(path, "cannot be opened", errno);
    if (absent == KeyFileAbsent::Fail) {
      return unusable(
          path, "does not exist. Without it, the secrets in the database cannot be opened: restore it.");
    }
    RETURN_IF_ERROR(create_key(path));
    absent = KeyFileAbsent::Fail;
  }
}

Bytes Sealer::seal(std::string_view context, BytesView plain) const {
  const Secret key = derive_key(master_key_, context);
  const Bytes nonce = random_bytes(kNonceLength);
  const CipherContextOwner cipher(EVP_CIPHER_CTX_new());
  CHECK(cipher && EVP_EncryptInit_ex(cipher.get(), EVP_aes_256_gcm(), nullptr, octets(key.reveal()),
                                     octets(BytesView(nonce))) == 1);
  Bytes sealed = kVersion + nonce;
  const std::size_t start = sealed.size();
  sealed.resize(start + plain.size() + kTagLength);
  int length = 0;
  int rest = 0;
  CHECK(EVP_EncryptUpdate(cipher.get(), octets(sealed) + start, &length, octets(plain),
                          static_cast<int>(plain.size())) == 1);
  CHECK(EVP_EncryptFinal_ex(cipher.get(), octets(sealed) + start + length, &rest) == 1);
  CHECK(EVP_CIPHER_CTX_ctrl(cipher.get(), EVP_CTRL_AEAD_GET_TAG, static_cast<int>(kTagLength),
                            octets(sealed) + start + plain.size()) == 1);
  return sealed;
}

Result<Secret> Sealer::open(std::string_view context, BytesView sealed) const {
  if (!sealed.empty() && sealed.front() == kVersion) {
    auto plain = decrypt(BlockCipher::Aes256Gcm, derive_key(master_key_, context), sealed.substr(1));
    if (plain) return Secret(*std::move(plain));
  }
  return fail(ErrorKind::InvalidInput, "crypto.seal_broken",
              "The sealed value cannot be opened: it was changed, or sealed under another key file.");
}

}  // namespace doorward::crypto
