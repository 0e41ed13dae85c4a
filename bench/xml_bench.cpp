// What the steps of a sign-in's XML cost: an Entra-shaped response of 6 KB (15 attributes) and of 29 KB (200
// group values), its assertion signed with RSA-2048, beside the RSA verification alone and beside libxml2 and
// xmlsec1. Compare figures of one run only (reference machine: any; run with
// --benchmark_enable_random_interleaving=true).

#include <vector>

#include <benchmark/benchmark.h>

#include "base/check.h"
#include "entra_response.h"
#include "xml/canonical.h"
#include "xml/oracle.h"
#include "xml/reader.h"
#include "xml/signature.h"

namespace {

using namespace doorward;

const crypto::PrivateKey& key() {
  static const crypto::PrivateKey key = crypto::PrivateKey::generate_rsa();
  return key;
}

const std::string& response(const benchmark::State& state) {
  static const std::string small = bench::entra_response(bench::kFewGroups, key());
  static const std::string large = bench::entra_response(bench::kManyGroups, key());
  return state.range(0) == 0 ? small : large;
}

xml::Element assertion_of(const xml::Document& document) {
  return document.root().child("urn:oasis:names:tc:SAML:2.0:assertion", "Assertion").value();
}

void report(benchmark::State& state) {
  state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations()) *
                          static_cast<std::int64_t>(response(state).size()));
}

void parse(benchmark::State& state) {
  for (auto _ : state)
    benchmark::DoNotOptimize(xml::Document::parse(response(state)));
  report(state);
}

void parse_with_libxml2(benchmark::State& state) {
  for (auto _ : state)
    benchmark::DoNotOptimize(xml::oracle::accepts(response(state)));
  report(state);
}

void canonicalize(benchmark::State& state) {
  const auto document = xml::Document::parse(response(state)).value();
  const xml::Element assertion = assertion_of(document);
  const xml::Element signature = assertion.child(xml::kDsNamespace, "Signature").value();
  for (auto _ : state) {
    std::string out;
    benchmark::DoNotOptimize(xml::canonicalize(assertion, {}, signature, out));
    benchmark::DoNotOptimize(out.data());
  }
  report(state);
}

/// From the decoded bytes to the assertion as it was signed, parsed again.
void verify(benchmark::State& state) {
  const std::vector<crypto::PublicKey> keys = {key().public_key()};
  for (auto _ : state) {
    const auto document = xml::Document::parse(response(state)).value();
    auto verified = xml::verify_enveloped(assertion_of(document), keys);
    CHECK(verified.has_value());
    benchmark::DoNotOptimize(xml::Document::parse(std::move(*verified).bytes()));
  }
  report(state);
}

void verify_with_xmlsec1(benchmark::State& state) {
  for (auto _ : state)
    CHECK(xml::oracle::verifies(response(state), "_assertion", key().public_key()));
  report(state);
}

void verify_rsa_alone(benchmark::State& state) {
  const std::string data(700, 'x');
  const Bytes signature = crypto::sign(crypto::SignatureAlgorithm::RsaSha256, key(), data);
  for (auto _ : state)
    CHECK(crypto::verify(crypto::SignatureAlgorithm::RsaSha256, key().public_key(), data, signature));
}

BENCHMARK(parse)->Arg(0)->Arg(1);
BENCHMARK(parse_with_libxml2)->Arg(0)->Arg(1);
BENCHMARK(canonicalize)->Arg(0)->Arg(1);
BENCHMARK(verify)->Arg(0)->Arg(1);
BENCHMARK(verify_with_xmlsec1)->Arg(0)->Arg(1);
BENCHMARK(verify_rsa_alone);

}  // namespace

BENCHMARK_MAIN();
