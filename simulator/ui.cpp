#include "simulator/ui.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/text.h"
#include "json/json.h"

extern "C" {
extern const char simulator_css[];
extern const char simulator_css_end[];
extern const char simulator_copy_js[];
extern const char simulator_copy_js_end[];
extern const char simulator_submit_js[];
extern const char simulator_submit_js_end[];
}

namespace doorward::simulator::ui {

namespace {

Html head(std::string_view title, const Html& scripts) {
  return html(
      R"(<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><meta name="color-scheme" content="light dark"><title>{} – Entra simulator</title><link rel="stylesheet" href="/simulator/assets/simulator.css">{}</head>)",
      title, scripts);
}

Html copy_script() {
  return html(R"(<script src="/simulator/assets/copy.js" defer></script>)");
}

constexpr const char* kLabel = "Entra simulator – for development";

Html nav_item(const Tenant& tenant, Section current, Section section, std::string_view path,
              std::string_view title) {
  const std::string href = portal_path(tenant, path);
  return current == section ? html(R"(<li><a href="{}" aria-current="page">{}</a></li>)", href, title)
                            : html(R"(<li><a href="{}">{}</a></li>)", href, title);
}

Html navigation(const Tenant& tenant, Section current) {
  Html items;
  items += nav_item(tenant, current, Section::Overview, "", "Overview");
  items += nav_item(tenant, current, Section::Users, "/users", "Users");
  items += nav_item(tenant, current, Section::Groups, "/groups", "Groups");
  items += nav_item(tenant, current, Section::Applications, "/applications", "Enterprise applications");
  items += nav_item(tenant, current, Section::Registrations, "/registrations", "App registrations");
  items += nav_item(tenant, current, Section::Faults, "/faults", "Faults and clock");
  items += html(R"(<li class="apart"><a href="/myapps">My Apps</a></li>)");
  return html(R"(<nav aria-label="Admin center"><ul>{}</ul></nav>)", items);
}

Html breadcrumbs(const Tenant& tenant, const std::vector<Link>& links) {
  Html items = html(R"(<li><a href="{}">{}</a></li>)", portal_path(tenant), tenant.name);
  for (const Link& item : links)
    items += html(R"(<li><a href="{}">{}</a></li>)", item.href, item.title);
  return html(R"(<nav aria-label="Breadcrumb" class="crumbs"><ol>{}</ol></nav>)", items);
}

/// A label and its hint need ids that belong to the field.
Html hint_line(std::string_view name, std::string_view hint) {
  return hint.empty() ? Html() : html(R"(<p class="hint" id="{}-hint">{}</p>)", name, hint);
}

http::Status status_of(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::InvalidInput:
      return http::Status::UnprocessableContent;
    case ErrorKind::NotFound:
      return http::Status::NotFound;
    case ErrorKind::Conflict:
      return http::Status::Conflict;
    case ErrorKind::Refused:
      return http::Status::Forbidden;
    case ErrorKind::RateLimited:
      return http::Status::TooManyRequests;
    case ErrorKind::Unavailable:
      return http::Status::ServiceUnavailable;
    case ErrorKind::Internal:
      return http::Status::InternalServerError;
  }
  return http::Status::InternalServerError;
}

std::string_view bytes(const char* begin, const char* end) {
  return {begin, static_cast<std::size_t>(end - begin)};
}

}  // namespace

http::Response portal_page(const Tenant& tenant, const PortalPage& page) {
  const Html crumbs = page.section == Section::Overview && page.breadcrumbs.empty()
                          ? Html()
                          : breadcrumbs(tenant, page.breadcrumbs);
  const Html document = html(
      R"({}<body><a class="skip" href="#main">Skip to content</a><header class="bar"><a class="brand" href="{}">{}</a><span class="tenant">{}</span></header><div class="frame">{}<main id="main">{}<h1>{}</h1>{}</main></div></body></html>)",
      head(page.title, copy_script()), portal_path(tenant), kLabel, tenant.primary_domain,
      navigation(tenant, page.section), crumbs, page.title, page.body);
  return http::Response::html(page.status, document.markup());
}

http::Response plain_page(std::string_view title, const Html& body, http::Status status,
                          AutoSubmit auto_submit) {
  const Html scripts = auto_submit == AutoSubmit::Yes
                           ? html(R"(<script src="/simulator/assets/submit.js" defer></script>)")
                           : copy_script();
  const Html document = html(
      R"({}<body class="plain"><header class="bar"><a class="brand" href="/">{}</a></header><main id="main" class="panel"><h1>{}</h1>{}</main></body></html>)",
      head(title, scripts), kLabel, title, body);
  return http::Response::html(status, document.markup());
}

std::string portal_path(const Tenant& tenant, std::string_view path) {
  return fmt::format("/portal/{}{}", tenant.tenant_id, path);
}

std::string application_path(const Tenant& tenant, const Application& application, std::string_view path) {
  return portal_path(tenant, fmt::format("/applications/{}{}", application.app_id, path));
}

Html done_notice(const http::Request& request) {
  const auto query = request.query_form();
  const auto what = query ? query->find("done") : std::nullopt;
  return what ? html(R"(<p class="notice done" role="status">{}</p>)", printable(*what)) : Html();
}

Html problem_notice(const std::optional<Error>& problem) {
  return problem ? html(R"(<p class="notice problem" role="alert">{}</p>)", problem->message) : Html();
}

Html note(const Html& text) {
  return html(R"(<p class="notice">{}</p>)", text);
}

Html copyable(std::string_view term, std::string_view value) {
  if (value.empty()) return property(term, html(R"(<span class="muted">Not set</span>)"));
  return html(
      R"(<div><dt>{}</dt><dd><code>{}</code> <button type="button" class="copy" data-copy="{}" aria-label="Copy {}" hidden>Copy</button></dd></div>)",
      term, value, value, term);
}

Html property(std::string_view term, const Html& value) {
  return html("<div><dt>{}</dt><dd>{}</dd></div>", term, value);
}

Html properties(const Html& rows) {
  return html(R"(<dl class="properties">{}</dl>)", rows);
}

Html text_field(std::string_view label, std::string_view name, std::string_view value,
                std::string_view hint) {
  const Html input =
      hint.empty()
          ? html(R"(<input type="text" id="{}" name="{}" value="{}" autocomplete="off" spellcheck="false">)",
                 name, name, value)
          : html(
                R"(<input type="text" id="{}" name="{}" value="{}" autocomplete="off" spellcheck="false" aria-describedby="{}-hint">)",
                name, name, value, name);
  return html(R"(<div class="field"><label for="{}">{}</label>{}{}</div>)", name, label, input,
              hint_line(name, hint));
}

Html text_area(std::string_view label, std::string_view name, std::string_view value, std::string_view hint) {
  // A line break right behind the start tag is dropped by HTML, so one is given away.
  return html(
      R"(<div class="field"><label for="{}">{}</label><textarea id="{}" name="{}" rows="3" spellcheck="false">
{}</textarea>{}</div>)",
      name, label, name, name, value, hint_line(name, hint));
}

Html checkbox(std::string_view label, std::string_view name, bool checked, std::string_view hint) {
  const Html input =
      checked ? html(R"(<input type="checkbox" id="{}" name="{}" value="yes" checked>)", name, name)
              : html(R"(<input type="checkbox" id="{}" name="{}" value="yes">)", name, name);
  return html(R"(<div class="field check">{}<label for="{}">{}</label>{}</div>)", input, name, label,
              hint_line(name, hint));
}

Html select(std::string_view label, std::string_view name, const std::vector<Choice>& choices,
            std::string_view chosen) {
  Html options;
  for (const Choice& choice : choices) {
    options += choice.value == chosen
                   ? html(R"(<option value="{}" selected>{}</option>)", choice.value, choice.label)
                   : html(R"(<option value="{}">{}</option>)", choice.value, choice.label);
  }
  return html(R"(<div class="field"><label for="{}">{}</label><select id="{}" name="{}">{}</select></div>)",
              name, label, name, name, options);
}

Html form(std::string_view action, const Html& fields, std::string_view button) {
  return html(
      R"(<form method="post" action="{}">{}<div class="buttons"><button type="submit" class="primary">{}</button></div></form>)",
      action, fields, button);
}

Html action_button(std::string_view action, std::string_view button) {
  return html(R"(<form method="post" action="{}" class="inline"><button type="submit">{}</button></form>)",
              action, button);
}

Html danger_button(std::string_view action, std::string_view button) {
  return html(
      R"(<form method="post" action="{}" class="inline"><button type="submit" class="danger">{}</button></form>)",
      action, button);
}

Html link(std::string_view href, std::string_view title) {
  return html(R"(<a href="{}">{}</a>)", href, title);
}

Html table(std::string_view caption, const Html& head_row, const Html& rows) {
  return html(
      R"(<div class="scroll" tabindex="0" role="region" aria-label="{}"><table><caption class="hidden">{}</caption><thead>{}</thead><tbody>{}</tbody></table></div>)",
      caption, caption, head_row, rows);
}

Html card(std::string_view title, const Html& body) {
  return html(R"(<section class="card"><h2>{}</h2>{}</section>)", title, body);
}

std::string field(const http::Form& form, std::string_view name) {
  return std::string(trim(form.find(name).value_or("")));
}

std::vector<std::string> field_lines(const http::Form& form, std::string_view name) {
  std::vector<std::string> lines;
  for (const std::string_view line : split(form.find(name).value_or(""), '\n')) {
    const std::string value(trim(line));
    if (!value.empty() && std::ranges::find(lines, value) == lines.end()) lines.push_back(value);
  }
  return lines;
}

http::Response done(const std::string& location, std::string_view what) {
  return http::Response::see_other(fmt::format("{}?done={}", location, percent_encode(what)));
}

Result<http::Response> serve_asset(const http::Request& request) {
  const std::string& name = request.parameter("name");
  if (name == "simulator.css") {
    return http::Response::bytes(http::Status::Ok, "text/css; charset=utf-8",
                                 std::string(bytes(simulator_css, simulator_css_end)));
  }
  if (name == "copy.js" || name == "submit.js") {
    const auto script = name == "copy.js" ? bytes(simulator_copy_js, simulator_copy_js_end)
                                          : bytes(simulator_submit_js, simulator_submit_js_end);
    return http::Response::bytes(http::Status::Ok, "text/javascript; charset=utf-8", std::string(script));
  }
  return fail(ErrorKind::NotFound, "simulator.no_asset", "There is no such file.");
}

http::Response error_page(const http::Request& request, const Error& error) {
  if (request.path.starts_with("/simulator/api/")) {
    return http::Response::json(
        status_of(error.kind),
        json::serialize(json::Object{{"code", error.code.name()}, {"message", error.message}}));
  }
  return plain_page("That did not work",
                    html(R"(<p>{}</p><p><a href="/">Back to the start page</a></p>)", error.message),
                    status_of(error.kind));
}

void add_headers(const http::Request&, http::Response& response) {
  // Signing out shows the applications' logout addresses in frames, as Entra does, and responses are posted
  // anywhere.
  response.headers.set("Content-Security-Policy",
                       "default-src 'none'; style-src 'self'; script-src 'self'; frame-src http: https:; "
                       "base-uri 'none'; frame-ancestors 'none'");
  response.headers.set("X-Content-Type-Options", "nosniff");
  // As Entra: with `no-referrer`, browsers would post responses with `Origin: null`.
  response.headers.set("Referrer-Policy", "strict-origin-when-cross-origin");
  response.headers.set("Cache-Control", "no-store");
}

}  // namespace doorward::simulator::ui
