#include "server/describe.h"

#include <algorithm>
#include <string_view>

#include "crypto/certificate.h"

namespace doorward::server {

namespace {

json::Value connection_name(const std::vector<directory::Connection>& connections,
                            std::optional<directory::ConnectionId> id) {
  const auto found = std::ranges::find_if(connections, [&](const auto& c) { return id && c.id == *id; });
  return found == connections.end() ? json::Value(nullptr) : json::Value(found->name);
}

std::string_view certificate_state(const crypto::Certificate& certificate, Timestamp now) {
  if (now < certificate.not_before()) return "not yet valid";
  return now > certificate.not_after() ? "expired" : "valid";
}

json::Object describe_certificate(const Bytes& der, Timestamp now) {
  const auto certificate = crypto::Certificate::from_der(der);
  if (!certificate) return {{"state", "unreadable"}};
  return {{"thumbprint", certificate->thumbprint()},
          {"fingerprint", certificate->fingerprint()},
          {"subject", certificate->subject()},
          {"not_before", format_rfc3339(certificate->not_before())},
          {"not_after", format_rfc3339(certificate->not_after())},
          {"state", certificate_state(*certificate, now)}};
}

json::Array describe_endpoints(const std::vector<directory::Endpoint>& endpoints) {
  json::Array list;
  for (const directory::Endpoint& endpoint : endpoints) {
    json::Object object = {{"binding", to_text(endpoint.binding)}, {"url", endpoint.url}};
    if (!endpoint.response_url.empty()) object["response_url"] = endpoint.response_url;
    list.push_back(std::move(object));
  }
  return list;
}

json::Array describe_texts(const std::vector<std::string>& texts) {
  json::Array list;
  for (const std::string& text : texts)
    list.emplace_back(text);
  return list;
}

}  // namespace

json::Value time_value(std::optional<Timestamp> time) {
  return time ? json::Value(format_rfc3339(*time)) : json::Value(nullptr);
}

json::Object describe(const directory::Account& account) {
  return {{"id", account.public_id},
          {"name", account.name},
          {"slug", account.slug},
          {"plan", to_text(account.plan)},
          {"test_account_of", account.parent ? json::Value(account.parent_name) : json::Value(nullptr)},
          {"sso_enforced", account.sso_enforced_at.has_value()},
          {"sso_enforced_at", time_value(account.sso_enforced_at)},
          {"provision_at_sign_in", account.provision_at_sign_in},
          {"created_at", format_rfc3339(account.created_at)}};
}

json::Object describe(const directory::Employee& employee) {
  const directory::Profile& profile = employee.profile;
  return {{"id", employee.public_id},
          {"user_name", profile.user_name},
          {"email", profile.email},
          {"given_name", profile.given_name},
          {"family_name", profile.family_name},
          {"display_name", profile.display_name},
          {"locale", profile.locale},
          {"object_id", profile.object_id},
          {"external_id", profile.external_id},
          {"active", employee.active},
          {"administrator", employee.administrator},
          {"has_password", employee.has_password},
          {"origin", to_text(employee.origin)},
          {"created_at", format_rfc3339(employee.created_at)},
          {"updated_at", format_rfc3339(employee.updated_at)}};
}

json::Object describe(const directory::Session& session) {
  return {{"id", session.public_id},
          {"method", to_text(session.method)},
          {"client_address", session.client_address},
          {"user_agent", session.user_agent},
          {"created_at", format_rfc3339(session.created_at)},
          {"last_seen_at", format_rfc3339(session.last_seen_at)},
          {"idle_expires_at", format_rfc3339(session.idle_expires_at)},
          {"expires_at", format_rfc3339(session.expires_at)}};
}

json::Object describe(const directory::AuditEntry& entry) {
  return {{"id", entry.id.value},
          {"at", format_rfc3339(entry.at)},
          {"actor_kind", to_text(entry.actor.kind)},
          {"actor", entry.actor.name},
          {"action", entry.action},
          {"target", entry.target},
          {"details", entry.details}};
}

json::Object describe(const directory::Domain& domain,
                      const std::vector<directory::Connection>& connections) {
  return {{"name", domain.name},
          {"proof", to_text(domain.proof)},
          {"connection", connection_name(connections, domain.connection)},
          {"added_at", format_rfc3339(domain.added_at)}};
}

json::Object describe(const directory::Attempt& attempt,
                      const std::vector<directory::Connection>& connections) {
  return {{"reference", attempt.reference},
          {"id", attempt.id.value},
          {"at", format_rfc3339(attempt.at)},
          {"outcome", to_text(attempt.outcome)},
          {"finding", attempt.finding},
          {"employee_id", attempt.employee},
          {"connection", connection_name(connections, attempt.connection)},
          {"client_address", attempt.client_address}};
}

json::Object describe(const directory::Connection& connection, Timestamp now) {
  const directory::ConnectionSettings& settings = connection.settings;
  json::Array certificates;
  for (const Bytes& der : connection.provider.signing_certificates)
    certificates.push_back(describe_certificate(der, now));
  return {{"name", connection.name},
          {"id", connection.public_id},
          {"active", connection.active},
          {"proposed_by", connection.proposed_by},
          {"entity_id", connection.provider.entity_id},
          {"tenant_id", connection.tenant_id},
          {"metadata_url", connection.metadata_url},
          {"metadata_fetched_at", time_value(connection.metadata_fetched_at)},
          {"sign_on", describe_endpoints(connection.provider.sign_on)},
          {"logout", describe_endpoints(connection.provider.logout)},
          {"settings", json::Object{{"unsolicited", to_text(settings.unsolicited)},
                                    {"clock_skew_seconds", settings.clock_skew_seconds},
                                    {"allow_sha1", settings.allow_sha1},
                                    {"require_signed_response", settings.require_signed_response},
                                    {"sign_requests", settings.sign_requests},
                                    {"force_authn", settings.force_authn}}},
          {"certificates", std::move(certificates)}};
}

json::Array describe(const saml::protocol::Report& report) {
  json::Array entries;
  for (const auto& entry : report.entries()) {
    const bool has_finding = entry.finding.has_value();
    entries.push_back(json::Object{
        {"check", name(entry.check)},
        {"verdict", name(entry.verdict)},
        {"finding", has_finding ? json::Value(code(*entry.finding).name()) : json::Value(nullptr)},
        {"message", has_finding ? json::Value(message(*entry.finding)) : json::Value(nullptr)},
        {"expected", entry.expected},
        {"actual", entry.actual}});
  }
  return entries;
}

json::Object describe(const directory::ProvisioningToken& token, Timestamp now) {
  const std::string_view status = token.lives(now) ? "active" : token.revoked_at ? "revoked" : "expired";
  return {{"id", token.public_id},
          {"name", token.name},
          {"scope", to_text(token.scope)},
          {"status", status},
          {"created_at", format_rfc3339(token.created_at)},
          {"expires_at", time_value(token.expires_at)},
          {"last_used_at", time_value(token.last_used_at)},
          {"last_used_address", token.last_used_address},
          {"proposed_by", token.proposed_by},
          {"revoked_at", time_value(token.revoked_at)}};
}

json::Object describe(const directory::Group& group, const std::vector<directory::Department>& departments) {
  json::Value department;
  for (const directory::Department& each : departments) {
    if (each.id == group.department) department = each.name;
  }
  return {{"id", group.public_id},
          {"name", group.display_name},
          {"external_id", group.external_id},
          {"grants_administrator", group.grants_administrator},
          {"department", department},
          {"version", group.version},
          {"created_at", format_rfc3339(group.created_at)},
          {"updated_at", format_rfc3339(group.updated_at)}};
}

json::Object describe(const directory::ProvisioningEntry& entry) {
  return {{"id", entry.id.value},
          {"at", format_rfc3339(entry.at)},
          {"token", entry.token_name},
          {"client_address", entry.client_address},
          {"request_id", entry.request_id},
          {"method", entry.method},
          {"path", entry.path},
          {"status", entry.status},
          {"outcome", to_text(entry.outcome)},
          {"summary", entry.summary},
          {"subject", entry.subject},
          {"duration_micros", entry.duration_micros}};
}

json::Object describe(const directory::Application& application,
                      const std::vector<directory::ApplicationSecret>& secrets) {
  const directory::ApplicationSettings& settings = application.settings;
  json::Array described;
  for (const directory::ApplicationSecret& secret : secrets) {
    described.push_back(
        json::Object{{"id", secret.public_id}, {"created_at", format_rfc3339(secret.created_at)}});
  }
  return {{"client_id", application.client_id},
          {"name", settings.name},
          {"kind", to_text(application.kind)},
          {"all_accounts", !application.account.has_value()},
          {"active", settings.active},
          {"access", to_text(settings.access)},
          {"departments", describe_texts(settings.departments)},
          {"groups", describe_texts(settings.groups)},
          {"scope", settings.scope},
          {"asks_consent", settings.asks_consent},
          {"access_token_format", to_text(settings.access_token_format)},
          {"id_token_algorithm", settings.id_token_algorithm},
          {"redirect_uris", describe_texts(settings.redirect_uris)},
          {"post_logout_redirect_uris", describe_texts(settings.post_logout_redirect_uris)},
          {"origins", describe_texts(settings.origins)},
          {"backchannel_logout_uri", settings.backchannel_logout_uri},
          {"has_keys", !settings.jwks.empty()},
          {"secrets", std::move(described)},
          {"created_at", format_rfc3339(application.created_at)},
          {"updated_at", format_rfc3339(application.updated_at)}};
}

}  // namespace doorward::server
