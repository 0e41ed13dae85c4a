#include <algorithm>
#include <charconv>

#include <fmt/format.h>

#include "base/url.h"
#include "simulator/application_page.h"
#include "simulator/call.h"
#include "simulator/provisioning_service.h"
#include "simulator/words.h"

/// *Provisioning* of an enterprise application.
namespace doorward::simulator {

namespace {

using namespace ui;

/// What every handler here begins with.
struct Place {
  Tenant* tenant;
  Application* application;

  std::string path(std::string_view rest = "") const {
    return application_path(*tenant, *application, fmt::format("/provisioning{}", rest));
  }
  Provisioning& provisioning() const { return application->provisioning; }
};

Result<Place> place_of(Call& call) {
  ASSIGN_OR_RETURN(Tenant * tenant, tenant_of(call));
  ASSIGN_OR_RETURN(Application * application, application_of(call, *tenant));
  return Place{tenant, application};
}

http::Response page(const Call& call, const Place& place, std::string_view title, const Html& body,
                    const std::optional<Error>& problem = std::nullopt) {
  return application_page(call, *place.tenant, *place.application, ApplicationTab::Provisioning, title, body,
                          problem);
}

// Requests and answers.

Html exchange_details(const Exchange& exchange) {
  Html body = html("<p><code>{} {}</code></p>", exchange.method, exchange.url);
  if (!exchange.request_body.empty()) body += html("<pre>{}</pre>", exchange.request_body);
  if (!exchange.failure.empty()) return body + html("<p>No answer: {}</p>", exchange.failure);
  body += html("<p>Answer: <code>{} {}</code></p>", exchange.status, exchange.content_type);
  if (!exchange.response_body.empty()) body += html("<pre>{}</pre>", exchange.response_body);
  return body;
}

Html details(std::string_view summary, const std::vector<Exchange>& exchanges) {
  Html body;
  for (const Exchange& exchange : exchanges)
    body += exchange_details(exchange);
  return body.empty() ? Html() : html("<details><summary>{}</summary>{}</details>", summary, body);
}

Html log_row(const ProvisioningLogEntry& entry) {
  return html(
      R"(<tr><td>{}</td><td>{}</td><td>{}</td><td>{}<br><span class="muted">{}</span></td><td>{}{}</td></tr>)",
      format_rfc3339(entry.at), label(entry.action), label(entry.status), entry.name, entry.object_type,
      entry.reason, details(fmt::format("Details ({})", entry.exchanges.size()), entry.exchanges));
}

Html log_table(const std::vector<const ProvisioningLogEntry*>& entries) {
  Html rows;
  for (const ProvisioningLogEntry* entry : entries)
    rows += log_row(*entry);
  if (rows.empty())
    rows = html(R"(<tr><td colspan="5" class="muted">Nothing has been provisioned.</td></tr>)");
  return table("Provisioning logs",
               html("<tr><th>Date</th><th>Action</th><th>Status</th><th>Identity</th><th>Details</th></tr>"),
               rows);
}

// Overview.

std::string status_line(const Provisioning& provisioning) {
  const ProvisioningJob& job = provisioning.job;
  const char* cycle = job.initial_cycle_done ? "Incremental cycle" : "Initial cycle";
  if (job.quarantine) return job.started ? "Quarantined" : "Quarantined, and disabled after four weeks";
  if (provisioning.running) return fmt::format("{} in progress", cycle);
  if (!job.started) return "Not running";
  if (!job.last_cycle) return "Initial cycle about to start";
  if (!job.last_problem.empty()) return "The last cycle broke off; it will be tried again";
  return job.statistics.cycles > 1 ? "Incremental cycle completed" : "Initial cycle completed";
}

Html number(const char* term, std::int64_t value) {
  return html("<div><dt>{}</dt><dd>{}</dd></div>", term, value);
}

Html statistics(const ProvisioningStatistics& sums) {
  return html(R"(<dl class="numbers">{}{}{}{}{}{}{}</dl>)", number("Cycles", sums.cycles),
              number("Created", sums.created), number("Updated", sums.updated),
              number("Disabled", sums.disabled), number("Deleted", sums.deleted),
              number("Skipped", sums.skipped), number("Failed", sums.failed));
}

Html quarantine_card(const Quarantine& quarantine) {
  return card("Provisioning is in quarantine",
              html("<p>{}</p>", quarantine.message) +
                  properties(property("Quarantine reason", html("{}", quarantine.reason)) +
                             property("Since", html("{}", format_rfc3339(quarantine.since))) +
                             property("Next retry", html("{}", format_rfc3339(quarantine.next_retry)))) +
                  html("<p>Correct the cause, then choose Restart provisioning.</p>"));
}

Html job_buttons(const Place& place) {
  const bool started = place.provisioning().job.started;
  return html(R"(<div class="buttons">{}{}{}</div>)",
              started ? action_button(place.path("/stop"), "Stop provisioning")
                      : action_button(place.path("/start"), "Start provisioning"),
              action_button(place.path("/restart"), "Restart provisioning"),
              action_button(place.path("/cycle"), "Run a cycle now"));
}

Result<http::Response> overview(Call& call, const std::optional<Error>& problem) {
  ASSIGN_OR_RETURN(const Place place, place_of(call));
  const Provisioning& provisioning = place.provisioning();
  Html body = html(
      R"(<ul class="tiles"><li><a href="{}">Edit provisioning<span>Admin credentials and mappings</span></a></li><li><a href="{}">Provision on demand<span>One user now, step by step</span></a></li><li><a href="{}">Provisioning logs<span>Every request and its answer</span></a></li></ul>)",
      place.path("/settings"), place.path("/on-demand"), place.path("/logs"));
  if (provisioning.job.quarantine) body += quarantine_card(*provisioning.job.quarantine);
  Html state =
      property("Provisioning mode", html("{}", provisioning.settings.automatic ? "Automatic" : "Manual"));
  state += property("Current status", html("{}", status_line(provisioning)));
  if (provisioning.job.last_cycle)
    state += property("Last cycle", html("{}", format_rfc3339(*provisioning.job.last_cycle)));
  if (!provisioning.job.last_problem.empty())
    state += property("Last problem", html("{}", provisioning.job.last_problem));
  const auto interval = provisioning.settings.interval.count();
  state += property("Provisioning interval (fixed)",
                    interval == 0 ? html("40 minutes in Entra; here, cycles run only when asked for")
                                  : html("40 minutes in Entra; {} seconds here", interval));
  body += card("Current cycle status",
               properties(state) + statistics(provisioning.job.statistics) + job_buttons(place));
  return page(call, place, "Provisioning", body, problem);
}

Result<http::Response> show_provisioning(Call& call) {
  return overview(call, std::nullopt);
}

Result<http::Response> post_start(Call& call) {
  ASSIGN_OR_RETURN(const Place place, place_of(call));
  if (const auto started = start_provisioning(place.provisioning()); !started)
    return overview(call, started.error());
  return done(place.path(), "Provisioning started.");
}

Result<http::Response> post_stop(Call& call) {
  ASSIGN_OR_RETURN(const Place place, place_of(call));
  place.provisioning().job.started = false;
  return done(place.path(), "Provisioning stopped.");
}

Result<http::Response> post_restart(Call& call) {
  ASSIGN_OR_RETURN(const Place place, place_of(call));
  if (const auto started = restart_provisioning(place.provisioning()); !started)
    return overview(call, started.error());
  return done(place.path(), "Provisioning restarted: an initial cycle follows.");
}

Result<http::Response> post_cycle(WaitingCall& call) {
  const auto report =
      call.provisioning.run(call.request.parameter("tenant"), call.request.parameter("application"));
  return call.locked([&](Call& locked) -> Result<http::Response> {
    if (!report) return overview(locked, report.error());
    ASSIGN_OR_RETURN(const Place place, place_of(locked));
    return done(place.path(), report->problem.empty() ? "The cycle is completed." : "The cycle broke off.");
  });
}

// Admin credentials.

Html token_field(const ProvisioningSettings& saved, std::string_view typed) {
  return html(
      R"(<div class="field"><label for="secret_token">Secret Token</label><input type="password" id="secret_token" name="secret_token" value="{}" autocomplete="off" aria-describedby="secret_token-hint"><p class="hint" id="secret_token-hint">{}</p></div>)",
      typed,
      saved.secret_token.empty() ? "Copied from the application."
                                 : "A token is saved and is not shown again. Leave this empty to keep it.");
}

Html credentials_form(const Place& place, const ProvisioningSettings& shown, std::string_view typed_token) {
  const Html fields =
      select("Provisioning mode", "mode", {{"manual", "Manual"}, {"automatic", "Automatic"}},
             shown.automatic ? "automatic" : "manual") +
      html("<h3>Admin Credentials</h3>") +
      text_field("Tenant URL", "tenant_url", shown.tenant_url,
                 "With ?aadOptscim062020 behind it, Entra speaks standard SCIM.") +
      token_field(place.provisioning().settings, typed_token) + html("<h3>Not part of Entra</h3>") +
      text_field("Seconds between cycles", "interval", std::to_string(shown.interval.count()),
                 "40 minutes in Entra. 0: cycles run only when asked for.") +
      select("Managers are sent", "manager_form", choices<ManagerForm>(), word(shown.manager_form));
  return html(
      R"(<form method="post" action="{}">{}<div class="buttons"><button type="submit" class="primary">Save</button><button type="submit" formaction="{}">Test Connection</button></div></form>)",
      place.path("/settings"), fields, place.path("/test"));
}

Html mappings_card(const Place& place) {
  const ProvisioningSettings& settings = place.provisioning().settings;
  const auto row = [&](const char* kind, const char* title, bool on) {
    return html("<tr><td>{}</td><td>{}</td></tr>", link(place.path(kind), title), on ? "Yes" : "No");
  };
  return card(
      "Mappings",
      table("Mappings", html("<tr><th>Name</th><th>Enabled</th></tr>"),
            row("/mappings/groups", "Provision Azure Active Directory Groups", settings.provision_groups) +
                row("/mappings/users", "Provision Azure Active Directory Users", settings.provision_users)));
}

http::Response settings_page(const Call& call, const Place& place, const ProvisioningSettings& shown,
                             std::string_view typed_token, const Html& verdict,
                             const std::optional<Error>& problem) {
  return page(
      call, place, "Edit provisioning",
      verdict + card("Provisioning", credentials_form(place, shown, typed_token)) + mappings_card(place),
      problem);
}

Result<http::Response> show_settings(Call& call) {
  ASSIGN_OR_RETURN(const Place place, place_of(call));
  return settings_page(call, place, place.provisioning().settings, "", Html(), std::nullopt);
}

/// What the form says over what is saved.
Result<void> take_settings(const http::Form& values, ProvisioningSettings& settings) {
  constexpr std::int64_t kMaxInterval = 24 * 3600;
  settings.automatic = field(values, "mode") == "automatic";
  settings.tenant_url = field(values, "tenant_url");
  const std::string token = field(values, "secret_token");
  if (!token.empty()) settings.secret_token = crypto::Secret(token);
  const std::string interval = field(values, "interval");
  std::int64_t seconds = 0;
  const auto [end, error] = std::from_chars(interval.data(), interval.data() + interval.size(), seconds);
  if (error != std::errc() || end != interval.data() + interval.size() || seconds < 0 ||
      seconds > kMaxInterval) {
    return fail(ErrorKind::InvalidInput, "simulator.interval",
                "Enter a whole number of seconds from 0 to 86400.");
  }
  settings.interval = std::chrono::seconds(seconds);
  ASSIGN_OR_RETURN(settings.manager_form, parse_word<ManagerForm>(field(values, "manager_form")));
  if (!settings.tenant_url.empty()) RETURN_IF_ERROR(Url::parse(settings.tenant_url));
  return {};
}

Result<http::Response> post_settings(Call& call) {
  ASSIGN_OR_RETURN(const Place place, place_of(call));
  ASSIGN_OR_RETURN(const http::Form values, call.request.form());
  ProvisioningSettings wanted = place.provisioning().settings;
  if (const auto taken = take_settings(values, wanted); !taken) {
    return settings_page(call, place, wanted, field(values, "secret_token"), Html(), taken.error());
  }
  place.provisioning().settings = std::move(wanted);
  return done(place.path("/settings"), "Saved.");
}

Html verdict_notice(const TestVerdict& verdict) {
  const Html words = html("<strong>Testing connection</strong><br>{}", verdict.message);
  const Html notice = verdict.ok ? html(R"(<div class="notice done" role="status">{}</div>)", words)
                                 : html(R"(<div class="notice problem" role="alert">{}</div>)", words);
  return notice +
         card("What was tried", (verdict.details.empty() ? Html() : html("<p>{}</p>", verdict.details)) +
                                    details("Details", verdict.exchanges));
}

Result<http::Response> post_test(WaitingCall& call) {
  ASSIGN_OR_RETURN(const http::Form values, call.request.form());
  ProvisioningSettings wanted;
  Result<void> taken;
  RETURN_IF_ERROR(call.locked([&](Call& locked) -> Result<http::Response> {
    ASSIGN_OR_RETURN(const Place place, place_of(locked));
    wanted = place.provisioning().settings;
    taken = take_settings(values, wanted);
    return http::Response();
  }));
  const TestVerdict verdict = taken ? call.provisioning.test(wanted) : TestVerdict{};
  return call.locked([&](Call& locked) -> Result<http::Response> {
    ASSIGN_OR_RETURN(const Place place, place_of(locked));
    const std::optional<Error> problem = taken ? std::nullopt : std::optional(taken.error());
    return settings_page(locked, place, wanted, field(values, "secret_token"),
                         taken ? verdict_notice(verdict) : Html(), problem);
  });
}

// Attribute mappings.

/// One of the two lists of mappings, by the route's `{kind}`.
struct MappingList {
  bool users;
  std::vector<AttributeMapping>& mappings;
  bool& enabled;

  const char* title() const {
    return users ? "Provision Azure Active Directory Users" : "Provision Azure Active Directory Groups";
  }
  const char* path() const { return users ? "/mappings/users" : "/mappings/groups"; }
};

Result<MappingList> list_of(const Call& call, const Place& place) {
  ProvisioningSettings& settings = place.provisioning().settings;
  const std::string& kind = call.request.parameter("kind");
  if (kind == "users") return MappingList{true, settings.user_mappings, settings.provision_users};
  if (kind == "groups") return MappingList{false, settings.group_mappings, settings.provision_groups};
  return fail(ErrorKind::NotFound, "simulator.not_found", "There are no such mappings.");
}

Html mapping_rows(const Place& place, const MappingList& list) {
  Html rows;
  for (std::size_t i = 0; i < list.mappings.size(); ++i) {
    const AttributeMapping& mapping = list.mappings[i];
    const std::string precedence = mapping.precedence > 0 ? std::to_string(mapping.precedence) : "";
    rows += html("<tr><td>{}</td><td><code>{}</code></td><td>{}</td><td>{}</td></tr>", mapping.source,
                 mapping.target, precedence,
                 action_button(place.path(fmt::format("{}/{}/delete", list.path(), i)), "Delete"));
  }
  return rows;
}

Html target_field(std::string_view value) {
  Html options;
  for (const std::string& target : known_targets())
    options += html(R"(<option value="{}"></option>)", target);
  return html(
      R"(<div class="field"><label for="target">Target attribute</label><input type="text" id="target" name="target" value="{}" list="targets" autocomplete="off" spellcheck="false"><datalist id="targets">{}</datalist></div>)",
      value, options);
}

Html new_mapping_form(const Place& place, const MappingList& list, const AttributeMapping& shown) {
  std::vector<Choice> sources;
  for (const std::string& source : list.users ? user_sources() : group_sources())
    sources.push_back({source, source});
  const Html fields = select("Source attribute", "source", sources, shown.source) +
                      target_field(shown.target) +
                      text_field("Matching precedence", "precedence",
                                 shown.precedence > 0 ? std::to_string(shown.precedence) : "",
                                 "Empty: objects are not matched using this attribute.");
  return card("Add New Mapping", form(place.path(fmt::format("{}/new", list.path())), fields, "Add"));
}

http::Response mappings_page(const Call& call, const Place& place, const MappingList& list,
                             const AttributeMapping& shown, const std::optional<Error>& problem) {
  Html body =
      card("Enabled", form(place.path(list.path()), checkbox("Enabled", "enabled", list.enabled), "Save"));
  body += card(
      "Attribute Mappings",
      table("Attribute mappings",
            html("<tr><th>Source attribute</th><th>Target attribute</th><th>Matching precedence</th>"
                 "<th><span class=\"hidden\">Actions</span></th></tr>"),
            mapping_rows(place, list)) +
          action_button(place.path(fmt::format("{}/defaults", list.path())), "Restore default mappings"));
  body += new_mapping_form(place, list, shown);
  return page(call, place, list.title(), body, problem);
}

Result<http::Response> show_mappings(Call& call) {
  ASSIGN_OR_RETURN(const Place place, place_of(call));
  ASSIGN_OR_RETURN(const MappingList list, list_of(call, place));
  return mappings_page(call, place, list, {}, std::nullopt);
}

Result<http::Response> post_enabled(Call& call) {
  ASSIGN_OR_RETURN(const Place place, place_of(call));
  ASSIGN_OR_RETURN(const MappingList list, list_of(call, place));
  ASSIGN_OR_RETURN(const http::Form values, call.request.form());
  list.enabled = values.find("enabled").has_value();
  return done(place.path(list.path()), "Saved.");
}

Result<http::Response> post_new_mapping(Call& call) {
  ASSIGN_OR_RETURN(const Place place, place_of(call));
  ASSIGN_OR_RETURN(const MappingList list, list_of(call, place));
  ASSIGN_OR_RETURN(const http::Form values, call.request.form());
  AttributeMapping mapping{field(values, "source"), field(values, "target")};
  const std::string precedence = field(values, "precedence");
  const auto read =
      std::from_chars(precedence.data(), precedence.data() + precedence.size(), mapping.precedence);
  const bool readable =
      precedence.empty() || (read.ec == std::errc() && read.ptr == precedence.data() + precedence.size());
  if (!readable) mapping.precedence = -1;
  std::vector<AttributeMapping> wanted = list.mappings;
  wanted.push_back(mapping);
  if (const auto checked = check_mappings(wanted); !checked)
    return mappings_page(call, place, list, mapping, checked.error());
  list.mappings = std::move(wanted);
  return done(place.path(list.path()), "Mapping added.");
}

Result<http::Response> post_delete_mapping(Call& call) {
  ASSIGN_OR_RETURN(const Place place, place_of(call));
  ASSIGN_OR_RETURN(const MappingList list, list_of(call, place));
  const std::string& text = call.request.parameter("index");
  std::size_t index = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), index);
  if (read.ec != std::errc() || index >= list.mappings.size()) {
    return fail(ErrorKind::NotFound, "simulator.not_found", "There is no such mapping.");
  }
  std::vector<AttributeMapping> wanted = list.mappings;
  wanted.erase(wanted.begin() + static_cast<std::ptrdiff_t>(index));
  if (const auto checked = check_mappings(wanted); !checked)
    return mappings_page(call, place, list, {}, checked.error());
  list.mappings = std::move(wanted);
  return done(place.path(list.path()), "Mapping deleted.");
}

Result<http::Response> post_default_mappings(Call& call) {
  ASSIGN_OR_RETURN(const Place place, place_of(call));
  ASSIGN_OR_RETURN(const MappingList list, list_of(call, place));
  list.mappings = list.users ? default_user_mappings() : default_group_mappings();
  return done(place.path(list.path()), "Default mappings restored.");
}

// Provision on demand, logs.

http::Response on_demand_page(const Call& call, const Place& place, std::string_view chosen,
                              const Html& result, const std::optional<Error>& problem) {
  std::vector<Choice> candidates;
  candidates.reserve(place.tenant->users.size());
  for (const User& user : place.tenant->users)
    candidates.push_back(
        {user.object_id, fmt::format("{} ({})", user.display_name, user.user_principal_name)});
  const Html body = card("Select a user", form(place.path("/on-demand"),
                                               select("User", "user", candidates, chosen), "Provision"));
  return page(call, place, "Provision on demand", body + result, problem);
}

Result<http::Response> show_on_demand(Call& call) {
  ASSIGN_OR_RETURN(const Place place, place_of(call));
  return on_demand_page(call, place, "", Html(), std::nullopt);
}

Result<http::Response> post_on_demand(WaitingCall& call) {
  ASSIGN_OR_RETURN(const http::Form values, call.request.form());
  const std::string user = field(values, "user");
  const auto report = call.provisioning.run_on_demand(call.request.parameter("tenant"),
                                                      call.request.parameter("application"), user);
  return call.locked([&](Call& locked) -> Result<http::Response> {
    ASSIGN_OR_RETURN(const Place place, place_of(locked));
    if (!report) return on_demand_page(locked, place, user, Html(), report.error());
    std::vector<const ProvisioningLogEntry*> entries;
    for (const ProvisioningLogEntry& entry : report->entries)
      entries.push_back(&entry);
    const Html result = entries.empty()
                            ? note(html("Nothing was sent: the user is not in scope. Assign the user first."))
                            : card("Result", log_table(entries));
    return on_demand_page(locked, place, user, result, std::nullopt);
  });
}

Result<http::Response> show_logs(Call& call) {
  constexpr std::size_t kMaxRows = 200;
  ASSIGN_OR_RETURN(const Place place, place_of(call));
  const auto& log = place.provisioning().log;
  std::vector<const ProvisioningLogEntry*> entries;
  for (auto entry = log.rbegin(); entry != log.rend() && entries.size() < kMaxRows; ++entry)
    entries.push_back(&*entry);
  return page(call, place, "Provisioning logs", log_table(entries));
}

}  // namespace

std::vector<CallRoute> provisioning_routes() {
  using enum http::Method;
  return {
      {Get, "/portal/{tenant}/applications/{application}/provisioning", show_provisioning},
      {Post, "/portal/{tenant}/applications/{application}/provisioning/start", post_start},
      {Post, "/portal/{tenant}/applications/{application}/provisioning/stop", post_stop},
      {Post, "/portal/{tenant}/applications/{application}/provisioning/restart", post_restart},
      {Get, "/portal/{tenant}/applications/{application}/provisioning/settings", show_settings},
      {Post, "/portal/{tenant}/applications/{application}/provisioning/settings", post_settings},
      {Get, "/portal/{tenant}/applications/{application}/provisioning/mappings/{kind}", show_mappings},
      {Post, "/portal/{tenant}/applications/{application}/provisioning/mappings/{kind}", post_enabled},
      {Post, "/portal/{tenant}/applications/{application}/provisioning/mappings/{kind}/new",
       post_new_mapping},
      {Post, "/portal/{tenant}/applications/{application}/provisioning/mappings/{kind}/defaults",
       post_default_mappings},
      {Post, "/portal/{tenant}/applications/{application}/provisioning/mappings/{kind}/{index}/delete",
       post_delete_mapping},
      {Get, "/portal/{tenant}/applications/{application}/provisioning/on-demand", show_on_demand},
      {Get, "/portal/{tenant}/applications/{application}/provisioning/logs", show_logs},
  };
}

std::vector<WaitingRoute> provisioning_waiting_routes() {
  using enum http::Method;
  return {
      {Post, "/portal/{tenant}/applications/{application}/provisioning/test", post_test},
      {Post, "/portal/{tenant}/applications/{application}/provisioning/cycle", post_cycle},
      {Post, "/portal/{tenant}/applications/{application}/provisioning/on-demand", post_on_demand},
  };
}

}  // namespace doorward::simulator
