#include "console/views.h"

#include "crypto/certificate.h"

namespace doorward::console {

json::Object view(const directory::Employee& employee) {
  const directory::Profile& profile = employee.profile;
  return {{"id", employee.public_id},
          {"userName", profile.user_name},
          {"email", profile.email},
          {"displayName", employee.shown_name()},
          {"givenName", profile.given_name},
          {"familyName", profile.family_name},
          {"objectId", profile.object_id},
          {"externalId", profile.external_id},
          {"active", employee.active},
          {"administrator", employee.administrator},
          {"hasPassword", employee.has_password},
          {"origin", directory::to_text(employee.origin)},
          {"createdAt", format_rfc3339(employee.created_at)},
          {"updatedAt", format_rfc3339(employee.updated_at)}};
}

json::Object view(const directory::Domain& domain) {
  return {{"name", domain.name},
          {"proof", directory::to_text(domain.proof)},
          {"addedAt", format_rfc3339(domain.added_at)}};
}

json::Object view(const directory::Connection& connection) {
  json::Array certificates;
  for (const Bytes& der : connection.provider.signing_certificates) {
    const auto certificate = crypto::Certificate::from_der(der);
    if (!certificate) continue;
    certificates.push_back(json::Object{{"thumbprint", certificate->thumbprint()},
                                        {"subject", certificate->subject()},
                                        {"notBefore", format_rfc3339(certificate->not_before())},
                                        {"notAfter", format_rfc3339(certificate->not_after())}});
  }
  const directory::ConnectionSettings& settings = connection.settings;
  return {{"id", connection.public_id},
          {"name", connection.name},
          {"active", connection.active},
          {"proposedBy", connection.proposed_by},
          {"entityId", connection.provider.entity_id},
          {"metadataUrl", connection.metadata_url},
          {"metadataFetchedAt", connection.metadata_fetched_at
                                    ? json::Value(format_rfc3339(*connection.metadata_fetched_at))
                                    : json::Value(nullptr)},
          {"certificates", std::move(certificates)},
          {"unsolicited", directory::to_text(settings.unsolicited)},
          {"clockSkewSeconds", settings.clock_skew_seconds},
          {"allowSha1", settings.allow_sha1},
          {"requireSignedResponse", settings.require_signed_response},
          {"signRequests", settings.sign_requests}};
}

json::Object view(const directory::Attempt& attempt) {
  return {{"reference", attempt.reference},
          {"at", format_rfc3339(attempt.at)},
          {"outcome", directory::to_text(attempt.outcome)},
          {"finding", attempt.finding},
          {"employee", attempt.employee},
          {"clientAddress", attempt.client_address}};
}

json::Object view(const directory::AuditEntry& entry) {
  return {{"at", format_rfc3339(entry.at)},
          {"actor", json::Object{{"kind", directory::to_text(entry.actor.kind)}, {"name", entry.actor.name}}},
          {"action", entry.action},
          {"target", entry.target},
          {"details", entry.details}};
}

json::Value test_account_of(const directory::Account& account) {
  if (!account.parent) return nullptr;
  return json::Value(account.parent_name);
}

json::Object view(const directory::SignedIn& signed_in) {
  const directory::Account& account = signed_in.account;
  const directory::Session& session = signed_in.session;
  return {{"account", json::Object{{"id", account.public_id},
                                   {"name", account.name},
                                   {"slug", account.slug},
                                   {"testAccountOf", test_account_of(account)}}},
          {"employee", view(signed_in.employee)},
          {"administrator", signed_in.employee.administrator},
          {"session", json::Object{{"id", session.public_id},
                                   {"method", directory::to_text(session.method)},
                                   {"createdAt", format_rfc3339(session.created_at)},
                                   {"expiresAt", format_rfc3339(session.expires_at)}}}};
}

Result<json::Object> named_view(storage::Transaction& transaction, const directory::Attempt& attempt) {
  json::Object shown = view(attempt);
  shown["employeeName"] = "";
  if (attempt.employee.empty()) return shown;
  ASSIGN_OR_RETURN(const auto employee,
                   directory::find_employee(transaction, attempt.account, attempt.employee));
  if (employee) shown["employeeName"] = employee->shown_name();
  return shown;
}

Result<json::Object> attempt_story(storage::Transaction& transaction, const directory::Attempt& attempt) {
  ASSIGN_OR_RETURN(json::Object shown, named_view(transaction, attempt));
  ASSIGN_OR_RETURN(shown["report"], json::parse(attempt.report.empty() ? "{}" : attempt.report));
  return shown;
}

}  // namespace doorward::console
