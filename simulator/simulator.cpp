#include "simulator/simulator.h"

#include <cerrno>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <system_error>
#include <utility>

#include <fmt/format.h>

#include "base/log.h"
#include "simulator/defaults.h"
#include "simulator/json_model.h"
#include "simulator/provisioning_service.h"
#include "simulator/ui.h"

namespace doorward::simulator {

namespace {

/// A form of another site must not press the simulator's buttons; browsers say where a request comes from.
bool is_foreign_form(const http::Request& request) {
  return request.headers.find("Sec-Fetch-Site") == "cross-site" &&
         (request.path.starts_with("/portal/") || request.path.starts_with("/simulator/") ||
          request.path == "/tenants");
}

bool changes(http::Method method) {
  return method != http::Method::Get && method != http::Method::Head;
}

Result<void> refuse_foreign_forms(const http::Request& request) {
  if (!changes(request.method) || !is_foreign_form(request)) return {};
  return fail(ErrorKind::Refused, "simulator.foreign_form", "This form was sent by another site.");
}

}  // namespace

Simulator::Simulator(Settings settings, State state, const Clock& clock)
    : clock_(clock), settings_(std::move(settings)), state_(std::move(state)) {
  if (!state_.shared_certificate) {
    state_.shared_certificate = new_certificate(clock.now());
    state_.shared_certificate->active = true;
  }
  provisioning_ = std::make_unique<ProvisioningService>(
      [this](const ProvisioningService::Work& work) {
        const std::lock_guard lock(mutex_);
        if (work(state_) == ProvisioningService::Changed::No) return;
        if (const auto saved = save_locked(); !saved)
          log::failure(log::Level::Warning, "simulator.state_file", saved.error());
      },
      clock);
}

Simulator::~Simulator() = default;

void Simulator::run_jobs() {
  provisioning_->start();
}

void Simulator::set_public_url(std::string public_url) {
  const std::lock_guard lock(mutex_);
  while (public_url.ends_with('/'))
    public_url.pop_back();
  settings_.public_url = std::move(public_url);
}

std::string Simulator::portal_url() const {
  const std::lock_guard lock(mutex_);
  return settings_.public_url + ui::portal_path(state_.tenants.front());
}

Result<http::Response> Simulator::handle(const Work& work, const http::Request& request) {
  const std::lock_guard lock(mutex_);
  Call call{request, state_, sessions_, settings_, clock_.now()};
  auto response = work(call);
  if (response && changes(request.method)) RETURN_IF_ERROR(save_locked());
  return response;
}

http::Router Simulator::routes() {
  http::Router router;
  for (const auto& routes : {directory_routes(), user_routes(), application_routes(), single_sign_on_routes(),
                             registration_routes(), provisioning_routes(), sign_in_routes(), openid_routes(),
                             my_apps_routes(), api_routes(), provisioning_api_routes()}) {
    for (const CallRoute& route : routes) {
      router.add(route.method, route.pattern, http::Run::Pooled,
                 [this, handler = route.handler](const http::Request& request) -> Result<http::Response> {
                   RETURN_IF_ERROR(refuse_foreign_forms(request));
                   return handle(handler, request);
                 });
    }
  }
  for (const auto& routes : {provisioning_waiting_routes(), provisioning_api_waiting_routes()}) {
    for (const WaitingRoute& route : routes) {
      router.add(route.method, route.pattern, http::Run::Pooled,
                 [this, handler = route.handler](const http::Request& request) -> Result<http::Response> {
                   RETURN_IF_ERROR(refuse_foreign_forms(request));
                   WaitingCall call{request, *provisioning_,
                                    [&](const Work& work) { return handle(work, request); }};
                   return handler(call);
                 });
    }
  }
  router.add(http::Method::Get, "/simulator/assets/{name}", http::Run::Inline, ui::serve_asset);
  return router;
}

Result<void> Simulator::save() const {
  const std::lock_guard lock(mutex_);
  return save_locked();
}

Result<void> Simulator::save_locked() const {
  if (settings_.state_file.empty()) return {};
  // Written beside and renamed, so that a crash leaves the old file or the new one.
  const std::string temporary = settings_.state_file + ".new";
  std::ofstream out(temporary, std::ios::binary | std::ios::trunc);
  std::error_code error;
  std::filesystem::permissions(
      temporary, std::filesystem::perms::owner_read | std::filesystem::perms::owner_write, error);
  out << save_state(state_);
  out.close();
  if (out) std::filesystem::rename(temporary, settings_.state_file, error);
  if (!out || error) {
    return fail(ErrorKind::Unavailable, "simulator.state_file", "The state file could not be written.",
                error.message());
  }
  return {};
}

Result<State> load_or_default(const std::string& file) {
  if (file.empty() || !std::filesystem::exists(file)) return default_state();
  std::ifstream in(file, std::ios::binary);
  if (!in) {
    return fail(ErrorKind::Unavailable, "simulator.state_file",
                fmt::format("The state file {} could not be read.", file),
                std::generic_category().message(errno));
  }
  const std::string text{std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
  return load_state(text);
}

}  // namespace doorward::simulator
