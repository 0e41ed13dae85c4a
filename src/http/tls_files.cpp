#include "http/tls_files.h"

#include <sys/stat.h>

#include "base/log.h"

namespace doorward::http {

Result<std::unique_ptr<TlsFiles>> TlsFiles::open(TlsOptions options) {
  // Taken before reading: a change in between is seen at the next look.
  const auto stamps = stamps_of(options);
  ASSIGN_OR_RETURN(auto identity,
                   crypto::TlsIdentity::from_files(options.certificate_file, options.key_file));
  return std::unique_ptr<TlsFiles>(new TlsFiles(std::move(options), std::move(identity), stamps));
}

TlsFiles::Stamps TlsFiles::stamps_of(const TlsOptions& options) {
  const auto stamp_of = [](const std::string& path) {
    struct stat status = {};
    if (stat(path.c_str(), &status) != 0) return Stamp();
    return Stamp{status.st_mtim.tv_sec * std::int64_t{1'000'000'000} + status.st_mtim.tv_nsec, status.st_ino,
                 status.st_size};
  };
  return {stamp_of(options.certificate_file), stamp_of(options.key_file)};
}

crypto::TlsIdentity TlsFiles::identity() const {
  const std::lock_guard lock(mutex_);
  return identity_;
}

Result<void> TlsFiles::reload() {
  const auto stamps = stamps_of(options_);
  ASSIGN_OR_RETURN(auto identity,
                   crypto::TlsIdentity::from_files(options_.certificate_file, options_.key_file));
  const std::lock_guard lock(mutex_);
  identity_ = std::move(identity);
  stamps_ = stamps;
  return {};
}

void TlsFiles::reload_if_changed() {
  {
    const std::lock_guard lock(mutex_);
    if (stamps_of(options_) == stamps_) return;
  }
  // While only one of the two files has been replaced, they do not fit each other; the next look tries again.
  const auto reloaded = reload();
  if (!reloaded) return log::failure(log::Level::Warning, "http.tls_not_reloaded", reloaded.error());
  log::info("http.tls_reloaded", {{"certificate", options_.certificate_file}});
}

}  // namespace doorward::http
