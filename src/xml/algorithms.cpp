#include "xml/algorithms.h"

namespace doorward::xml {

namespace {

constexpr Named<crypto::Digest> kDigests[] = {
    {"http://www.w3.org/2001/04/xmlenc#sha256", crypto::Digest::Sha256},
    {"http://www.w3.org/2001/04/xmldsig-more#sha384", crypto::Digest::Sha384},
    {"http://www.w3.org/2001/04/xmlenc#sha512", crypto::Digest::Sha512},
    {"http://www.w3.org/2000/09/xmldsig#sha1", crypto::Digest::Sha1},
};

}  // namespace

std::string_view algorithm_of(Element method) {
  return method.attribute("Algorithm").value_or("");
}

std::optional<crypto::Digest> digest_from_uri(std::string_view uri) {
  return find_algorithm(kDigests, uri);
}

Result<Bytes> read_base64(Element element) {
  ASSIGN_OR_RETURN(const std::string_view text, element.text());
  std::optional<Bytes> bytes = from_base64(text, Base64Space::Allowed);
  if (!bytes || bytes->empty()) {
    return fail(ErrorKind::InvalidInput, kSplitValue,
                "The element \"" + std::string(element.local_name()) + "\" does not hold base64.");
  }
  return *std::move(bytes);
}

Error as_shape_error(Error error, ErrorCode code, std::string_view sentence) {
  if (error.code == kMissing || error.code == kUnexpected || error.code == kSplitValue) {
    error.kind = ErrorKind::Refused;
    error.code = code;
    error.message = std::string(sentence) + " " + error.message;
  }
  return error;
}

}  // namespace doorward::xml
