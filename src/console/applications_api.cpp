#include "console/applications_api.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "base/text.h"
#include "console/application_bodies.h"
#include "directory/application_uses.h"
#include "directory/applications.h"
#include "directory/grants.h"
#include "directory/sessions.h"

namespace doorward::console {

namespace {

constexpr std::size_t kMaxApplicationBody = std::size_t{512} * 1024;

http::Response done() {
  http::Response response;
  response.status = http::Status::NoContent;
  return response;
}

tl::unexpected<Error> no_application() {
  return fail(ErrorKind::NotFound, directory::kNoApplication,
              "There is no such application. Another administrator may have deleted it.");
}

tl::unexpected<Error> no_grant() {
  return fail(ErrorKind::NotFound, "directory.no_grant", "This access has ended already.");
}

/// One of the account's own, or of all accounts.
Result<directory::Application> find_application(storage::Transaction& transaction, const Admission& admission,
                                                const http::Request& request) {
  ASSIGN_OR_RETURN(auto found,
                   directory::find_application(transaction, to_ascii_lower(request.parameter("id"))));
  if (!found || !found->serves(admission.account())) return no_application();
  return *std::move(found);
}

/// One that the administrator may change.
Result<directory::Application> find_own(storage::Transaction& transaction, const Admission& admission,
                                        const http::Request& request) {
  ASSIGN_OR_RETURN(directory::Application found, find_application(transaction, admission, request));
  if (found.account == admission.account()) return found;
  return fail(ErrorKind::Refused, "directory.support_only",
              "This application serves every account of the server: only technical support can change it.");
}

Result<directory::Employee> find_employee(storage::Transaction& transaction, const Admission& admission,
                                          const http::Request& request) {
  ASSIGN_OR_RETURN(auto employee,
                   directory::find_employee(transaction, admission.account(), request.parameter("id")));
  if (!employee) {
    return fail(ErrorKind::NotFound, directory::kNoEmployee,
                "There is no such employee. Your directory may have deleted them.");
  }
  return *std::move(employee);
}

Result<json::Object> shown(storage::Transaction& transaction, const Admission& admission,
                           const directory::Application& application, std::string_view issuer,
                           Timestamp now) {
  const bool own = application.account == admission.account();
  json::Array secrets;
  if (own) {
    ASSIGN_OR_RETURN(const auto all, directory::list_application_secrets(transaction, application.id));
    for (const directory::ApplicationSecret& secret : all)
      secrets.push_back(
          json::Object{{"id", secret.public_id}, {"created_at", format_rfc3339(secret.created_at)}});
  }
  ASSIGN_OR_RETURN(const auto last,
                   directory::last_use(transaction, admission.account(), application.id, now));
  json::Object item = editable(application.settings);
  item["version"] = version_of(item);
  item["client_id"] = application.client_id;
  item["kind"] = to_text(application.kind);
  item["secrets"] = std::move(secrets);
  item["created_at"] = format_rfc3339(application.created_at);
  item["updated_at"] = format_rfc3339(application.updated_at);
  item["last_used_at"] = time_or_null(last);
  item["issuer"] = issuer;
  item["of_all_accounts"] = !application.account.has_value();
  return item;
}

json::Object shown(const directory::ListedGrant& listed) {
  const directory::Grant& grant = listed.grant;
  return {{"id", grant.public_id},
          {"scope", grant.scope},
          {"device", grant.device},
          {"client_address", grant.client_address},
          {"created_at", format_rfc3339(grant.created_at)},
          {"last_used_at", format_rfc3339(grant.last_used_at)},
          {"signed_in_at",
           grant.employee ? json::Value(format_rfc3339(grant.signed_in_at)) : json::Value(nullptr)}};
}

json::Object shown(const directory::ApplicationUse& use) {
  return {{"first_used_at", format_rfc3339(use.first_used_at)},
          {"last_used_at", format_rfc3339(use.last_used_at)},
          {"signed_in", use.signed_in}};
}

json::Object shown(const directory::IssuedApplicationSecret& issued) {
  return {{"id", issued.secret.public_id},
          {"value", issued.value.reveal()},
          {"created_at", format_rfc3339(issued.secret.created_at)}};
}

http::Response never_kept(http::Response response) {
  response.headers.set("Cache-Control", "no-store");
  return response;
}

}  // namespace

Result<http::Response> ApplicationsApi::applications(const http::Request& request) {
  ASSIGN_OR_RETURN(auto admission, admit_administrator(deps_.sessions, request));
  if (admission.refusal) return *std::move(admission.refusal);
  return deps_.database.read([&](storage::Transaction& transaction) -> Result<http::Response> {
    ASSIGN_OR_RETURN(auto found, directory::list_applications(transaction, admission.account()));
    ASSIGN_OR_RETURN(auto of_all, directory::list_applications(transaction, std::nullopt));
    std::ranges::move(of_all, std::back_inserter(found));
    json::Array items;
    for (const directory::Application& application : found) {
      ASSIGN_OR_RETURN(auto item, shown(transaction, admission, application, issuer_, deps_.clock.now()));
      items.push_back(std::move(item));
    }
    return answer({{"applications", std::move(items)}});
  });
}

Result<http::Response> ApplicationsApi::create(const http::Request& request) {
  ASSIGN_OR_RETURN(auto admission, admit_administrator(deps_.sessions, request));
  if (admission.refusal) return *std::move(admission.refusal);
  ASSIGN_OR_RETURN(json::Object body, json_body(request, kMaxApplicationBody));
  ASSIGN_OR_RETURN(const auto kind_name, json::optional_string(body, "kind"));
  body.erase("kind");
  ASSIGN_OR_RETURN(const auto settings, settings_from(body, {}));
  const auto kind = directory::parse_application_kind(kind_name.value_or(""));
  if (!kind || *kind == directory::ApplicationKind::Mobile) {
    return fail(ErrorKind::InvalidInput, "api.bad_body", "`kind` must be web, public, service or proxy.");
  }
  const Timestamp now = deps_.clock.now();
  return deps_.database.write([&](storage::Transaction& transaction) -> Result<http::Response> {
    ASSIGN_OR_RETURN(const auto created,
                     directory::create_application(
                         transaction, {.account = admission.account(), .kind = *kind, .settings = settings},
                         admission.actor(), now));
    std::optional<directory::IssuedApplicationSecret> secret;
    if (created.keeps_secrets() && created.settings.jwks.empty()) {
      ASSIGN_OR_RETURN(secret,
                       directory::add_application_secret(transaction, created, admission.actor(), now));
    }
    ASSIGN_OR_RETURN(auto item, shown(transaction, admission, created, issuer_, now));
    if (secret) item["secret"] = shown(*secret);
    return never_kept(answer(item, http::Status::Created));
  });
}

Result<http::Response> ApplicationsApi::application(const http::Request& request) {
  ASSIGN_OR_RETURN(auto admission, admit_administrator(deps_.sessions, request));
  if (admission.refusal) return *std::move(admission.refusal);
  return deps_.database.read([&](storage::Transaction& transaction) -> Result<http::Response> {
    ASSIGN_OR_RETURN(const auto found, find_application(transaction, admission, request));
    ASSIGN_OR_RETURN(const auto item, shown(transaction, admission, found, issuer_, deps_.clock.now()));
    return answer(item);
  });
}

Result<http::Response> ApplicationsApi::edit(const http::Request& request) {
  ASSIGN_OR_RETURN(auto admission, admit_administrator(deps_.sessions, request));
  if (admission.refusal) return *std::move(admission.refusal);
  ASSIGN_OR_RETURN(const json::Object body, json_body(request, kMaxApplicationBody));
  json::Object wanted = body;
  wanted.erase("version");
  // What cannot be understood is refused whatever application it is about.
  RETURN_IF_ERROR(settings_from(wanted, {}));
  const Timestamp now = deps_.clock.now();
  return deps_.database.write([&](storage::Transaction& transaction) -> Result<http::Response> {
    ASSIGN_OR_RETURN(const auto found, find_own(transaction, admission, request));
    RETURN_IF_ERROR(check_version(body, editable(found.settings)));
    ASSIGN_OR_RETURN(const auto settings, settings_from(wanted, found.settings));
    ASSIGN_OR_RETURN(const auto changed,
                     directory::update_application(transaction, found.id, settings, admission.actor(), now));
    ASSIGN_OR_RETURN(const auto item, shown(transaction, admission, changed, issuer_, now));
    return answer(item);
  });
}

Result<http::Response> ApplicationsApi::remove(const http::Request& request) {
  ASSIGN_OR_RETURN(auto admission, admit_administrator(deps_.sessions, request));
  if (admission.refusal) return *std::move(admission.refusal);
  return deps_.database.write([&](storage::Transaction& transaction) -> Result<http::Response> {
    ASSIGN_OR_RETURN(const auto found, find_own(transaction, admission, request));
    RETURN_IF_ERROR(
        directory::delete_application(transaction, found.id, admission.actor(), deps_.clock.now()));
    return done();
  });
}

Result<http::Response> ApplicationsApi::add_secret(const http::Request& request) {
  ASSIGN_OR_RETURN(auto admission, admit_administrator(deps_.sessions, request));
  if (admission.refusal) return *std::move(admission.refusal);
  return deps_.database.write([&](storage::Transaction& transaction) -> Result<http::Response> {
    ASSIGN_OR_RETURN(const auto found, find_own(transaction, admission, request));
    ASSIGN_OR_RETURN(const auto issued, directory::add_application_secret(
                                            transaction, found, admission.actor(), deps_.clock.now()));
    return never_kept(answer(shown(issued), http::Status::Created));
  });
}

Result<http::Response> ApplicationsApi::remove_secret(const http::Request& request) {
  ASSIGN_OR_RETURN(auto admission, admit_administrator(deps_.sessions, request));
  if (admission.refusal) return *std::move(admission.refusal);
  return deps_.database.write([&](storage::Transaction& transaction) -> Result<http::Response> {
    ASSIGN_OR_RETURN(const auto found, find_own(transaction, admission, request));
    RETURN_IF_ERROR(directory::remove_application_secret(transaction, found, request.parameter("secret"),
                                                         admission.actor(), deps_.clock.now()));
    return done();
  });
}

Result<http::Response> ApplicationsApi::usage(const http::Request& request) {
  ASSIGN_OR_RETURN(auto admission, admit_administrator(deps_.sessions, request));
  if (admission.refusal) return *std::move(admission.refusal);
  ASSIGN_OR_RETURN(const http::Form query, request.query_form());
  ASSIGN_OR_RETURN(const int limit, limit_field(query));
  return deps_.database.read([&](storage::Transaction& transaction) -> Result<http::Response> {
    ASSIGN_OR_RETURN(const auto found, find_application(transaction, admission, request));
    ASSIGN_OR_RETURN(const auto grants,
                     directory::list_grants_of_application(transaction, admission.account(), found.id,
                                                           deps_.clock.now(), limit));
    json::Array items;
    for (const directory::ListedGrant& listed : grants) {
      json::Object item = shown(listed);
      item["employee"] = nullptr;
      if (listed.grant.employee)
        item["employee"] = json::Object{{"id", listed.employee_public_id}, {"name", listed.employee_name}};
      items.push_back(std::move(item));
    }
    return answer({{"grants", std::move(items)}});
  });
}

Result<http::Response> ApplicationsApi::users(const http::Request& request) {
  ASSIGN_OR_RETURN(auto admission, admit_administrator(deps_.sessions, request));
  if (admission.refusal) return *std::move(admission.refusal);
  ASSIGN_OR_RETURN(const http::Form query, request.query_form());
  ASSIGN_OR_RETURN(const int limit, limit_field(query));
  return deps_.database.read([&](storage::Transaction& transaction) -> Result<http::Response> {
    ASSIGN_OR_RETURN(const auto found, find_application(transaction, admission, request));
    ASSIGN_OR_RETURN(const auto uses,
                     directory::list_uses_of_application(transaction, admission.account(), found.id,
                                                         deps_.clock.now(), limit));
    json::Array items;
    for (const directory::ApplicationUse& use : uses) {
      json::Object item = shown(use);
      item["employee"] = json::Object{
          {"id", use.employee_public_id}, {"name", use.employee_name}, {"active", use.employee_active}};
      items.push_back(std::move(item));
    }
    ASSIGN_OR_RETURN(const std::int64_t total,
                     directory::count_users(transaction, admission.account(), found.id));
    return answer({{"users", std::move(items)}, {"total", total}});
  });
}

Result<http::Response> ApplicationsApi::end_usage(const http::Request& request) {
  ASSIGN_OR_RETURN(auto admission, admit_administrator(deps_.sessions, request));
  if (admission.refusal) return *std::move(admission.refusal);
  return deps_.database.write([&](storage::Transaction& transaction) -> Result<http::Response> {
    ASSIGN_OR_RETURN(const auto found, find_application(transaction, admission, request));
    ASSIGN_OR_RETURN(const bool ended, directory::sign_out_of(
                                           transaction, admission.account(), {.application = found.id},
                                           request.parameter("grant"), admission.actor(), deps_.clock.now()));
    if (!ended) return no_grant();
    return done();
  });
}

Result<http::Response> ApplicationsApi::grants_of_employee(const http::Request& request) {
  ASSIGN_OR_RETURN(auto admission, admit_administrator(deps_.sessions, request));
  if (admission.refusal) return *std::move(admission.refusal);
  ASSIGN_OR_RETURN(const http::Form query, request.query_form());
  ASSIGN_OR_RETURN(const int limit, limit_field(query));
  return deps_.database.read([&](storage::Transaction& transaction) -> Result<http::Response> {
    ASSIGN_OR_RETURN(const auto employee, find_employee(transaction, admission, request));
    ASSIGN_OR_RETURN(const auto grants,
                     directory::list_grants_of_employee(transaction, employee.account, employee.id,
                                                        deps_.clock.now(), limit));
    json::Array items;
    for (const directory::ListedGrant& listed : grants) {
      json::Object item = shown(listed);
      item["application"] = json::Object{
          {"client_id", listed.client_id}, {"name", listed.application_name}, {"kind", to_text(listed.kind)}};
      items.push_back(std::move(item));
    }
    return answer({{"grants", std::move(items)}});
  });
}

Result<http::Response> ApplicationsApi::applications_of_employee(const http::Request& request) {
  ASSIGN_OR_RETURN(auto admission, admit_administrator(deps_.sessions, request));
  if (admission.refusal) return *std::move(admission.refusal);
  ASSIGN_OR_RETURN(const http::Form query, request.query_form());
  ASSIGN_OR_RETURN(const int limit, limit_field(query));
  return deps_.database.read([&](storage::Transaction& transaction) -> Result<http::Response> {
    ASSIGN_OR_RETURN(const auto employee, find_employee(transaction, admission, request));
    ASSIGN_OR_RETURN(const auto uses,
                     directory::list_uses_of_employee(transaction, employee.account, employee.id,
                                                      deps_.clock.now(), limit));
    json::Array items;
    for (const directory::ApplicationUse& use : uses) {
      json::Object item = shown(use);
      item["application"] = json::Object{
          {"client_id", use.client_id}, {"name", use.application_name}, {"kind", to_text(use.kind)}};
      items.push_back(std::move(item));
    }
    return answer({{"applications", std::move(items)}});
  });
}

Result<http::Response> ApplicationsApi::end_grant_of_employee(const http::Request& request) {
  ASSIGN_OR_RETURN(auto admission, admit_administrator(deps_.sessions, request));
  if (admission.refusal) return *std::move(admission.refusal);
  return deps_.database.write([&](storage::Transaction& transaction) -> Result<http::Response> {
    ASSIGN_OR_RETURN(const auto employee, find_employee(transaction, admission, request));
    ASSIGN_OR_RETURN(const bool ended, directory::sign_out_of(
                                           transaction, employee.account, {.employee = employee.id},
                                           request.parameter("grant"), admission.actor(), deps_.clock.now()));
    if (!ended) return no_grant();
    return done();
  });
}

Result<http::Response> ApplicationsApi::sign_out_everywhere(const http::Request& request) {
  ASSIGN_OR_RETURN(auto admission, admit_administrator(deps_.sessions, request));
  if (admission.refusal) return *std::move(admission.refusal);
  return deps_.database.write([&](storage::Transaction& transaction) -> Result<http::Response> {
    ASSIGN_OR_RETURN(const auto employee, find_employee(transaction, admission, request));
    ASSIGN_OR_RETURN(const auto ended,
                     directory::sign_out_everywhere(transaction, employee.account, employee.id,
                                                    admission.actor(), deps_.clock.now()));
    return answer({{"sessions", ended.sessions}, {"grants", ended.grants}});
  });
}

}  // namespace doorward::console
