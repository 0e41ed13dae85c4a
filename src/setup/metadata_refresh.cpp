#include "setup/metadata_refresh.h"

#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "base/log.h"
#include "base/text.h"
#include "crypto/certificate.h"
#include "crypto/hash.h"
#include "directory/certificate_notices.h"
#include "directory/events.h"
#include "directory/mails.h"

namespace doorward::setup {

namespace {

using directory::Connection;
using directory::Endpoint;
using directory::MetadataRefresh;
using directory::Provider;
using directory::RefreshVerdict;

std::string date_of(Timestamp time) {
  return format_rfc3339(time).substr(0, 10);
}

/// What a refresh learnt outside the transaction.
struct Learnt {
  directory::MetadataSource source;
  /// Nothing when it failed, or is another provider's.
  std::optional<Provider> provider;
  /// Another provider is described in the place of the connection's.
  bool other_provider = false;
  std::string problem;
};

// --- Certificates

bool has_der(const std::vector<Bytes>& certificates, const Bytes& der) {
  return std::ranges::find(certificates, der) != certificates.end();
}

bool has_valid_one(const std::vector<Bytes>& certificates, Timestamp now) {
  return std::ranges::any_of(certificates, [now](const Bytes& der) {
    const auto certificate = crypto::Certificate::from_der(der);
    return certificate && certificate->not_before() <= now && now < certificate->not_after();
  });
}

/// `thumbprint, valid until …`, as the provider's own page shows it.
std::string described(const crypto::Certificate& certificate) {
  return fmt::format("{}, valid until {}", certificate.thumbprint(), date_of(certificate.not_after()));
}

/// One that the document lists no more.
struct Missing {
  Bytes der;
  crypto::Certificate certificate;
  Timestamp since;
  bool known = false;
};

std::vector<Missing> missing_certificates(const Connection& connection, const Provider& found,
                                          const directory::WithdrawnCertificates& withdrawn, Timestamp now) {
  std::vector<Missing> missing;
  for (const Bytes& der : connection.provider.signing_certificates) {
    if (has_der(found.signing_certificates, der)) continue;
    const auto certificate = crypto::Certificate::from_der(der);
    if (!certificate) continue;
    const auto known = withdrawn.find(certificate->fingerprint());
    const bool is_known = known != withdrawn.end();
    missing.push_back({der, *certificate, is_known ? known->second : now, is_known});
  }
  std::ranges::stable_sort(missing, std::greater(), &Missing::since);
  return missing;
}

void plan_certificates(const Connection& connection, const Provider& found,
                       const directory::WithdrawnCertificates& withdrawn, Timestamp now, RefreshPlan& plan) {
  plan.provider.signing_certificates = found.signing_certificates;
  for (const Bytes& der : found.signing_certificates) {
    const auto certificate = crypto::Certificate::from_der(der);
    if (has_der(connection.provider.signing_certificates, der) || !certificate) continue;
    plan.changes.push_back(
        fmt::format("A new certificate counts from now on ({}).", described(*certificate)));
  }
  // As long as the document has no certificate of today, the old ones are all there is.
  const bool replaced = has_valid_one(found.signing_certificates, now);
  std::size_t kept = 0;
  for (const Missing& missing : missing_certificates(connection, found, withdrawn, now)) {
    const bool over = replaced && missing.since + kCertificateOverlap <= now;
    if (over || kept >= kMaxWithdrawn) {
      plan.changes.push_back(
          fmt::format("A certificate counts no more ({}): the provider has not listed it "
                      "since {}.",
                      described(missing.certificate), date_of(missing.since)));
      continue;
    }
    ++kept;
    plan.provider.signing_certificates.push_back(missing.der);
    plan.withdrawn.emplace(missing.certificate.fingerprint(), missing.since);
    if (missing.known) continue;
    plan.changes.push_back(
        fmt::format("The provider lists a certificate no more ({}). It still counts until {}.",
                    described(missing.certificate), date_of(now + kCertificateOverlap)));
  }
}

// --- Addresses

void add_origins(const std::vector<Endpoint>& endpoints, std::set<std::string>& origins) {
  for (const Endpoint& endpoint : endpoints) {
    for (const std::string& text : {endpoint.url, endpoint.response_url}) {
      if (text.empty()) continue;
      const auto url = Url::parse(text);
      // What cannot be read is on no host that is known.
      origins.insert(url ? url->origin() : text);
    }
  }
}

std::string addresses_text(const Provider& provider) {
  std::string text;
  const auto add = [&text](std::string_view service, const std::vector<Endpoint>& endpoints) {
    for (const Endpoint& endpoint : endpoints)
      text += fmt::format("{} {} {} {}\n", service, directory::to_text(endpoint.binding), endpoint.url,
                          endpoint.response_url);
  };
  add("sign-on", provider.sign_on);
  add("logout", provider.logout);
  return text;
}

/// The names of hosts that `found` leads to and the connection does not: employees would type what they know
/// there.
std::vector<std::string> new_origins(const Connection& connection, const Provider& found) {
  std::set<std::string> known;
  add_origins(connection.provider.sign_on, known);
  std::set<std::string> wanted;
  add_origins(found.sign_on, wanted);
  std::vector<std::string> unknown;
  std::ranges::set_difference(wanted, known, std::back_inserter(unknown));
  add_origins(connection.provider.logout, known);
  std::set<std::string> signed_out_at;
  add_origins(found.logout, signed_out_at);
  for (const std::string& origin : signed_out_at) {
    if (!known.contains(origin) && !wanted.contains(origin)) unknown.push_back(origin);
  }
  return unknown;
}

void plan_addresses(const Connection& connection, const Provider& found, std::string_view accepted,
                    RefreshPlan& plan) {
  const Provider& old = connection.provider;
  if (old.sign_on == found.sign_on && old.logout == found.logout) return;
  const std::vector<std::string> unknown = new_origins(connection, found);
  const std::string name = to_hex(crypto::sha256(addresses_text(found))).substr(0, 32);
  if (!unknown.empty() && name != accepted) {
    plan.held = name;
    plan.held_words = fmt::format(
        "The provider's metadata now sends people to {} to sign in, another address than before. Sign-ins "
        "go on at the old address until you accept the new one. Accept it only if your provider announced "
        "it.",
        printable(fmt::format("{}", fmt::join(unknown, ", "))));
    return;
  }
  plan.provider.sign_on = found.sign_on;
  plan.provider.logout = found.logout;
  if (old.sign_on != found.sign_on) {
    plan.changes.push_back(fmt::format("People sign in at {} now.", printable(found.sign_on.front().url)));
  }
  if (old.logout != found.logout) {
    plan.changes.push_back(found.logout.empty() ? "The provider offers no common sign-out any more."
                                                : fmt::format("People sign out at {} now.",
                                                              printable(found.logout.front().url)));
  }
}

// --- The fetch

Learnt learn(const Connection& connection, const FetchMetadata& fetch, Timestamp now) {
  Learnt learnt;
  const auto url = Url::parse(connection.metadata_url);
  if (!url) {
    learnt.problem = url.error().message;
    return learnt;
  }
  auto fetched = fetch(*url, now);
  if (!fetched) {
    log::failure(log::Level::Info, "setup.metadata_not_fetched", fetched.error());
    learnt.problem = fetch_problem(*url, fetched.error());
    return learnt;
  }
  learnt.source = *std::move(fetched);
  const std::string& entity_id = connection.provider.entity_id;
  ReadMetadata read = read_metadata(learnt.source.document, entity_id, now);
  if (read.provider && read.provider->entity_id == entity_id) {
    learnt.provider = std::move(read.provider);
    return learnt;
  }
  const ReadMetadata any = read_metadata(learnt.source.document, "", now);
  learnt.other_provider = any.provider && any.provider->entity_id != entity_id;
  if (learnt.other_provider) {
    learnt.problem = fmt::format(
        "The metadata now describes another identity provider, {}, in the place of {}. Nothing was changed. "
        "If that is meant, open the setup, *Service URL and check*, and check again; while SSO is the only "
        "way in, only support can change the provider.",
        printable(any.provider->entity_id), printable(entity_id));
  } else {
    const auto failure = read.report.failure();
    learnt.problem = fmt::format("What was fetched is no metadata that can be used. {}",
                                 failure && failure->finding ? message(*failure->finding) : "");
  }
  return learnt;
}

// --- What is told

/// The letter about what went wrong. The asterisks around names of screens are the console's.
std::string refresh_letter(const Connection& connection, std::string what) {
  std::erase(what, '*');
  return fmt::format(
      "Hello {{name}},\n\nDoorward looks regularly at what the identity provider of {{company}} says about "
      "itself (connection {}, {}).\n\n{}\n\nEmployees sign in as before for now. Open the console, "
      "Security, and look at the connection.\n",
      printable(connection.name), printable(connection.metadata_url), what);
}

Result<void> say_of_refresh(storage::Transaction& transaction, const Connection& connection,
                            std::string_view action, std::string_view problem, const directory::Actor& actor,
                            Timestamp now) {
  const json::Object details = {{"name", connection.name}, {"problem", problem}};
  RETURN_IF_ERROR(directory::record_audit(transaction, connection.account, actor, action,
                                          connection.public_id, details, now));
  return directory::append_event(transaction, connection.account, action, connection.public_id, details, now);
}

Result<void> say_failed(storage::Transaction& transaction, const Connection& connection,
                        const directory::Actor& actor, MetadataRefresh& refresh, Timestamp now) {
  if (!refresh.failing_since) {
    refresh.failing_since = now;
    RETURN_IF_ERROR(
        say_of_refresh(transaction, connection, "connection.refresh_failed", refresh.problem, actor, now));
  }
  if (refresh.told_at || now - *refresh.failing_since < kPatience) return {};
  refresh.told_at = now;
  RETURN_IF_ERROR(directory::queue_notice(
      transaction, connection.account, "The identity provider's metadata cannot be fetched",
      refresh_letter(
          connection,
          fmt::format("That has failed since {}. {} When the provider changes its certificate, nobody "
                      "could sign in.",
                      date_of(*refresh.failing_since), refresh.problem)),
      now));
  return {};
}

/// Once for each change that waits.
Result<void> say_held(storage::Transaction& transaction, const Connection& connection,
                      const directory::Actor& actor, const MetadataRefresh& before,
                      const MetadataRefresh& refresh, Timestamp now) {
  const bool again = before.verdict == RefreshVerdict::Held && before.held == refresh.held &&
                     before.problem == refresh.problem;
  if (again) return {};
  RETURN_IF_ERROR(
      say_of_refresh(transaction, connection, "connection.change_held", refresh.problem, actor, now));
  RETURN_IF_ERROR(directory::queue_notice(transaction, connection.account,
                                          "The identity provider changed: your decision is needed",
                                          refresh_letter(connection, refresh.problem), now));
  return {};
}

Duration pause_until_next(const RefreshOrder& order, bool failed) {
  const Duration base = failed ? std::min<Duration>(kRetry, order.interval) : order.interval;
  const double factor = 0.9 + 0.2 * std::clamp(order.spread, 0.0, 1.0);
  return Duration(static_cast<std::int64_t>(static_cast<double>(base.count()) * factor));
}

/// Takes over what the document of the same provider says.
Result<void> take_over(storage::Transaction& transaction, const Connection& connection, const Learnt& learnt,
                       const RefreshOrder& order, const MetadataRefresh& before, MetadataRefresh& refresh,
                       Timestamp now) {
  ASSIGN_OR_RETURN(const auto withdrawn,
                   directory::list_withdrawn_certificates(transaction, connection.account, connection.id));
  const RefreshPlan plan = plan_refresh(connection, *learnt.provider, withdrawn, order.accepted, now);
  RETURN_IF_ERROR(directory::update_provider(transaction, connection.account, connection.id, plan.provider,
                                             learnt.source, directory::EntityIdChange::Refuse, order.actor,
                                             now, plan.changes));
  RETURN_IF_ERROR(
      directory::set_withdrawn_certificates(transaction, connection.account, connection.id, plan.withdrawn));
  refresh.changes = plan.changes;
  refresh.verdict = plan.changes.empty() ? RefreshVerdict::Unchanged : RefreshVerdict::Changed;
  if (plan.held.empty()) return {};
  refresh.verdict = RefreshVerdict::Held;
  refresh.problem = plan.held_words;
  refresh.held = plan.held;
  return say_held(transaction, connection, order.actor, before, refresh, now);
}

Result<MetadataRefresh> apply_learnt(storage::Transaction& transaction, const Connection& fetched_for,
                                     const Learnt& learnt, const RefreshOrder& order, Timestamp now) {
  if (order.still_allowed) RETURN_IF_ERROR(order.still_allowed(transaction));
  ASSIGN_OR_RETURN(const Connection connection,
                   directory::load_connection(transaction, order.account, order.connection));
  if (connection.metadata_url != fetched_for.metadata_url ||
      connection.provider.entity_id != fetched_for.provider.entity_id) {
    return fail(ErrorKind::Conflict, "setup.connection_changed",
                "The connection was changed while its metadata was fetched. Try again.");
  }
  ASSIGN_OR_RETURN(const auto stored,
                   directory::find_metadata_refresh(transaction, connection.account, connection.id));
  const MetadataRefresh before = stored.value_or(MetadataRefresh{.due_at = now});
  const bool failed = !learnt.provider && !learnt.other_provider;
  MetadataRefresh refresh{
      .due_at = now + pause_until_next(order, failed), .at = now, .problem = learnt.problem};
  if (learnt.provider) {
    RETURN_IF_ERROR(take_over(transaction, connection, learnt, order, before, refresh, now));
  } else if (learnt.other_provider) {
    refresh.verdict = RefreshVerdict::Held;
    RETURN_IF_ERROR(say_held(transaction, connection, order.actor, before, refresh, now));
  } else {
    refresh.verdict = RefreshVerdict::Failed;
    refresh.failing_since = before.failing_since;
    refresh.told_at = before.told_at;
    RETURN_IF_ERROR(say_failed(transaction, connection, order.actor, refresh, now));
  }
  RETURN_IF_ERROR(
      directory::record_metadata_refresh(transaction, connection.account, connection.id, refresh));
  // A certificate that was learnt just now may end soon.
  RETURN_IF_ERROR(directory::tell_of_ending_certificates(transaction, connection.account, now));
  return refresh;
}

}  // namespace

RefreshPlan plan_refresh(const Connection& connection, const Provider& found,
                         const directory::WithdrawnCertificates& withdrawn, std::string_view accepted,
                         Timestamp now) {
  RefreshPlan plan;
  plan.provider = connection.provider;
  plan_certificates(connection, found, withdrawn, now, plan);
  plan_addresses(connection, found, accepted, plan);
  // Another order is nothing new.
  if (plan.changes.empty()) plan.provider = connection.provider;
  return plan;
}

Result<MetadataRefresh> refresh_metadata(storage::Database& database, const Clock& clock,
                                         const FetchMetadata& fetch, const RefreshOrder& order) {
  ASSIGN_OR_RETURN(const Connection connection, database.read([&](storage::Transaction& transaction) {
    return directory::load_connection(transaction, order.account, order.connection);
  }));
  if (connection.metadata_url.empty()) {
    return fail(ErrorKind::Refused, "setup.no_metadata_url",
                "This connection was made from a file, so there is no address to fetch it from again. Give "
                "the metadata's address in the setup, *Service URL and check*.");
  }
  const Learnt learnt = learn(connection, fetch, clock.now());
  return database.write([&](storage::Transaction& transaction) {
    return apply_learnt(transaction, connection, learnt, order, clock.now());
  });
}

}  // namespace doorward::setup
