#include <array>
#include <memory>

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/param_build.h>

#include "base/check.h"
#include "crypto/key.h"
#include "crypto/openssl.h"

namespace doorward::crypto {

namespace {

using BuilderOwner = std::unique_ptr<OSSL_PARAM_BLD, Freer<OSSL_PARAM_BLD_free>>;
using ParametersOwner = std::unique_ptr<OSSL_PARAM, Freer<OSSL_PARAM_free>>;

tl::unexpected<Error> unfit(std::string message) {
  return fail(ErrorKind::InvalidInput, "crypto.key_numbers", std::move(message));
}

BignumOwner read_number(BytesView bytes) {
  BignumOwner number(BN_bin2bn(octets(bytes), static_cast<int>(bytes.size()), nullptr));
  CHECK(number);
  return number;
}

/// Nothing when OpenSSL finds no such key.
std::shared_ptr<EVP_PKEY> make_key(const char* type, OSSL_PARAM_BLD* builder) {
  const ParametersOwner parameters(OSSL_PARAM_BLD_to_param(builder));
  const PkeyContextOwner context(EVP_PKEY_CTX_new_from_name(nullptr, type, nullptr));
  CHECK(parameters && context && EVP_PKEY_fromdata_init(context.get()) == 1);
  EVP_PKEY* key = nullptr;
  if (EVP_PKEY_fromdata(context.get(), &key, EVP_PKEY_PUBLIC_KEY, parameters.get()) != 1) return nullptr;
  return {key, &EVP_PKEY_free};
}

BignumOwner number_of(const EVP_PKEY* key, const char* name) {
  BIGNUM* number = nullptr;
  CHECK(EVP_PKEY_get_bn_param(key, name, &number) == 1);
  return BignumOwner(number);
}

Bytes write_number(const BIGNUM* number, std::size_t width) {
  Bytes bytes(width, '\0');
  CHECK(BN_bn2binpad(number, octets(bytes), static_cast<int>(width)) == static_cast<int>(width));
  return bytes;
}

Bytes write_number(const BIGNUM* number) {
  return write_number(number, static_cast<std::size_t>(BN_num_bytes(number)));
}

struct CurveWidth {
  KeyType type;
  const char* name;
  std::size_t coordinate;  ///< Bytes.
};
constexpr std::array<CurveWidth, 3> kCurveWidths = {{{KeyType::EcP256, SN_X9_62_prime256v1, 32},
                                                     {KeyType::EcP384, SN_secp384r1, 48},
                                                     {KeyType::EcP521, SN_secp521r1, 66}}};

const CurveWidth* find_curve(KeyType type) {
  for (const CurveWidth& curve : kCurveWidths) {
    if (curve.type == type) return &curve;
  }
  return nullptr;
}

}  // namespace

Result<PublicKey> PublicKey::from_rsa_numbers(const RsaNumbers& numbers) {
  constexpr std::size_t kMaxModulus = kMaxRsaBits / 8 + 1;
  constexpr std::size_t kMaxExponent = 16;
  // `adopt` names the limit that was missed; what is longer than these is not worth a key object.
  if (numbers.modulus.empty() || numbers.modulus.size() > kMaxModulus || numbers.exponent.empty() ||
      numbers.exponent.size() > kMaxExponent) {
    return unfit("The modulus or the exponent of the RSA key is empty or too long.");
  }
  const ErrorQueueGuard guard;
  const BignumOwner modulus = read_number(numbers.modulus);
  const BignumOwner exponent = read_number(numbers.exponent);
  const BuilderOwner builder(OSSL_PARAM_BLD_new());
  CHECK(builder && OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_N, modulus.get()) == 1 &&
        OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_E, exponent.get()) == 1);
  auto handle = make_key("RSA", builder.get());
  if (!handle) return unfit("The numbers are no RSA key.");
  return adopt(std::move(handle));
}

Result<PublicKey> PublicKey::from_curve_point(KeyType curve, const CurvePoint& point) {
  const CurveWidth* width = find_curve(curve);
  CHECK(width != nullptr);
  // RFC 7518 section 6.2.1.2: exactly as wide as the field; a shorter or longer spelling of the same number
  // would be a second name of the same key.
  if (point.x.size() != width->coordinate || point.y.size() != width->coordinate) {
    return unfit("The coordinates of the key are not as wide as its curve demands.");
  }
  const ErrorQueueGuard guard;
  const Bytes octet_string = '\x04' + point.x + point.y;
  const BuilderOwner builder(OSSL_PARAM_BLD_new());
  CHECK(builder &&
        OSSL_PARAM_BLD_push_utf8_string(builder.get(), OSSL_PKEY_PARAM_GROUP_NAME, width->name, 0) == 1 &&
        OSSL_PARAM_BLD_push_octet_string(builder.get(), OSSL_PKEY_PARAM_PUB_KEY, octet_string.data(),
                                         octet_string.size()) == 1);
  auto handle = make_key("EC", builder.get());
  if (!handle) return unfit("The point of the key is not on its curve.");
  return adopt(std::move(handle));
}

RsaNumbers PublicKey::rsa_numbers() const {
  CHECK(type() == KeyType::Rsa);
  return {.modulus = write_number(number_of(handle(), OSSL_PKEY_PARAM_RSA_N).get()),
          .exponent = write_number(number_of(handle(), OSSL_PKEY_PARAM_RSA_E).get())};
}

CurvePoint PublicKey::curve_point() const {
  const CurveWidth* width = find_curve(type());
  CHECK(width != nullptr);
  return {.x = write_number(number_of(handle(), OSSL_PKEY_PARAM_EC_PUB_X).get(), width->coordinate),
          .y = write_number(number_of(handle(), OSSL_PKEY_PARAM_EC_PUB_Y).get(), width->coordinate)};
}

}  // namespace doorward::crypto
