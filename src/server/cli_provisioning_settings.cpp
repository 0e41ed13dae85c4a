#include <fmt/format.h>

#include "base/check.h"
#include "base/text.h"
#include "directory/departures.h"
#include "directory/provisioning_settings.h"
#include "server/commands.h"
#include "server/context.h"
#include "server/describe.h"
#include "server/paging.h"
#include "server/reply.h"

namespace doorward::server {

namespace {

using directory::Account;
using directory::DepartureBatch;
using directory::ProvisioningSettings;
using storage::Transaction;

/// What was given replaces what is there.
void read_settings(const Arguments& arguments, ProvisioningSettings& settings) {
  if (const auto source = arguments.find("--departments")) {
    const auto known = directory::parse_department_source(*source);
    CHECK(known.has_value());
    settings.departments = *known;
  }
  settings.brake_count = arguments.integer("--brake-count").value_or(settings.brake_count);
  settings.brake_percent = arguments.integer("--brake-percent").value_or(settings.brake_percent);
  settings.log_days = arguments.integer("--log-days").value_or(settings.log_days);
  settings.log_personal_data = arguments.on_off("--log-personal-data").value_or(settings.log_personal_data);
}

json::Object describe_settings(const ProvisioningSettings& settings) {
  return {{"departments", directory::to_text(settings.departments)},
          {"brake_count", settings.brake_count},
          {"brake_percent", settings.brake_percent},
          {"log_days", settings.log_days},
          {"log_personal_data", settings.log_personal_data}};
}

Result<Reply> change_settings(Context& context) {
  return context.write([&](Transaction& transaction) -> Result<Reply> {
    ASSIGN_OR_RETURN(const Account account, context.account(transaction));
    ASSIGN_OR_RETURN(const ProvisioningSettings before,
                     directory::load_provisioning_settings(transaction, account.id));
    ProvisioningSettings wanted = before;
    read_settings(context.arguments(), wanted);
    if (wanted != before) {
      RETURN_IF_ERROR(directory::update_provisioning_settings(transaction, account.id, wanted,
                                                              context.actor(), context.now()));
    }
    const json::Object shown = describe_settings(wanted);
    return Reply{{{"settings", shown}}, fields_text(shown)};
  });
}

json::Object describe_attribute(const directory::CustomAttribute& attribute) {
  return {{"name", attribute.name},
          {"type", attribute.type},
          {"multi_valued", attribute.multi_valued},
          {"description", attribute.description}};
}

Result<Reply> add_attribute(Context& context) {
  const Arguments& arguments = context.arguments();
  const directory::CustomAttribute attribute{.name = arguments.positional("NAME"),
                                             .type = arguments.find("--type").value_or("string"),
                                             .multi_valued = arguments.has("--multi-valued"),
                                             .description = arguments.find("--description").value_or("")};
  return context.write([&](Transaction& transaction) -> Result<Reply> {
    ASSIGN_OR_RETURN(const Account account, context.account(transaction));
    RETURN_IF_ERROR(directory::declare_custom_attribute(transaction, account.id, attribute, context.actor(),
                                                        context.now()));
    return Reply{{{"attribute", describe_attribute(attribute)}},
                 fmt::format("The directory service of account {} may send {} now.", account.slug,
                             printable(attribute.name))};
  });
}

Result<Reply> remove_attribute(Context& context) {
  const std::string& name = context.arguments().positional("NAME");
  return context.write([&](Transaction& transaction) -> Result<Reply> {
    ASSIGN_OR_RETURN(const Account account, context.account(transaction));
    RETURN_IF_ERROR(
        directory::remove_custom_attribute(transaction, account.id, name, context.actor(), context.now()));
    return Reply{{{"removed", name}},
                 fmt::format("{} is no attribute of account {} any more.", printable(name), account.slug)};
  });
}

Result<Reply> list_attributes(Context& context) {
  return context.read([&](Transaction& transaction) -> Result<Reply> {
    ASSIGN_OR_RETURN(const Account account, context.account(transaction));
    ASSIGN_OR_RETURN(const auto attributes, directory::list_custom_attributes(transaction, account.id));
    json::Array shown;
    for (const auto& attribute : attributes)
      shown.push_back(describe_attribute(attribute));
    const std::string text = table_text(shown, {"name", "type", "multi_valued", "description"},
                                        "The account has declared no attributes of its own.");
    return Reply{{{"attributes", std::move(shown)}}, text};
  });
}

json::Object describe_batch(const DepartureBatch& batch) {
  return {{"id", batch.public_id},
          {"state", directory::to_text(batch.state)},
          {"cause", batch.cause},
          {"opened_at", format_rfc3339(batch.opened_at)},
          {"deactivated", batch.deactivated},
          {"deleted", batch.deleted},
          {"deletions_held", batch.deletions_held}};
}

Result<Reply> batches(Context& context) {
  return context.read([&](Transaction& transaction) -> Result<Reply> {
    ASSIGN_OR_RETURN(const Account account, context.account(transaction));
    ASSIGN_OR_RETURN(const auto found,
                     directory::list_departure_batches(transaction, account.id, limit_of(context)));
    json::Array shown;
    for (const DepartureBatch& batch : found)
      shown.push_back(describe_batch(batch));
    const std::string text =
        table_text(shown, {"id", "state", "cause", "opened_at", "deactivated", "deleted", "deletions_held"},
                   "The brake has never been on.");
    return Reply{{{"batches", std::move(shown)}}, text};
  });
}

/// Restores or confirms the batch that the positional `BATCH` names, some at a time: a server that runs
/// beside gets its turn in between.
template <class Step>
Result<Reply> decide(Context& context, Step take_step, std::string_view what) {
  const std::string& id = context.arguments().positional("BATCH");
  std::int64_t employees = 0;
  bool finished = false;
  while (!finished) {
    ASSIGN_OR_RETURN(
        const directory::DecisionStep step,
        context.write([&](Transaction& transaction) -> Result<directory::DecisionStep> {
          ASSIGN_OR_RETURN(const Account account, context.account(transaction));
          ASSIGN_OR_RETURN(const auto batch, directory::find_departure_batch(transaction, account.id, id));
          if (!batch) {
            return fail(ErrorKind::NotFound, "cli.no_departure_batch",
                        fmt::format("Account {} has no batch {}. `provisioning batches` lists them.",
                                    account.slug, printable(id)));
          }
          return take_step(transaction, account.id, batch->id, context.actor(), context.now(),
                           directory::kDecisionStep);
        }));
    employees += step.employees;
    finished = step.finished;
  }
  return Reply{
      {{"batch", to_ascii_lower(id)}, {"employees", employees}},
      fmt::format("{} {}.", employees == 1 ? "1 employee" : fmt::format("{} employees", employees), what)};
}

Result<Reply> restore_batch(Context& context) {
  return decide(context, directory::restore_some, "can come in again; admin rights must be granted again");
}

Result<Reply> confirm_batch(Context& context) {
  return decide(context, directory::confirm_some, "deleted for good; whoever was deactivated stays so");
}

}  // namespace

std::vector<Command> provisioning_settings_commands() {
  const Positional attribute{"NAME", "A SCIM attribute name, for example badgeNumber"};
  const Positional batch{"BATCH", "Id of the batch"};
  return {
      {.name = "provisioning settings",
       .summary = "Show what an administrator may choose about provisioning, and change what is given",
       .positionals = {kAccount},
       .options = {{.name = "--departments",
                    .help = "Where employees go whom the directory sends with a department",
                    .choices = {"default", "match", "create"}},
                   {.name = "--brake-count",
                    .placeholder = "COUNT",
                    .help = "The brake goes on when more leave within an hour …",
                    .range = Option::Range{1, 1'000'000}},
                   {.name = "--brake-percent",
                    .placeholder = "PERCENT",
                    .help = "… and more than this share of all",
                    .range = Option::Range{0, 100}},
                   {.name = "--log-days",
                    .placeholder = "DAYS",
                    .help = "How long the provisioning log is kept",
                    .range = Option::Range{1, 400}},
                   {.name = "--log-personal-data",
                    .help = "Whether the log keeps names and addresses as they came",
                    .choices = {"on", "off"}}},
       .run = change_settings},
      {.name = "provisioning add-attribute",
       .summary = "Declare an attribute of the account's own SCIM schema",
       .positionals = {kAccount, attribute},
       .options = {{.name = "--type",
                    .help = "What its values are (default string)",
                    .choices = {"string", "boolean", "integer", "decimal", "dateTime", "reference"}},
                   {.name = "--multi-valued", .help = "It may have several values"},
                   {.name = "--description", .placeholder = "TEXT", .help = "What it is for"}},
       .run = add_attribute},
      {.name = "provisioning remove-attribute",
       .summary = "Take a declared attribute back",
       .positionals = {kAccount, attribute},
       .run = remove_attribute},
      {.name = "provisioning attributes",
       .summary = "List the attributes that the account declared",
       .positionals = {kAccount},
       .run = list_attributes},
      {.name = "provisioning batches",
       .summary = "List the departures that put the brake on, the newest first",
       .positionals = {kAccount},
       .options = {limit_option()},
       .run = batches},
      {.name = "provisioning restore",
       .summary = "Give everybody of a batch of departures access back",
       .positionals = {kAccount, batch},
       .run = restore_batch},
      {.name = "provisioning confirm",
       .summary = "Delete for good whose deletion the brake held",
       .positionals = {kAccount, batch},
       .run = confirm_batch},
  };
}

}  // namespace doorward::server
