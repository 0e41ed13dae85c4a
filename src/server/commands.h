#pragma once

#include <vector>

#include "server/arguments.h"

/// The commands, one function and one file a group.
namespace doorward::server {

std::vector<Command> serve_commands();
std::vector<Command> account_commands();
std::vector<Command> employee_commands();
std::vector<Command> domain_commands();
std::vector<Command> saml_commands();
std::vector<Command> sso_commands();
std::vector<Command> mail_commands();
std::vector<Command> scim_token_commands();
std::vector<Command> group_commands();
std::vector<Command> application_commands();
/// What directory services asked for.
std::vector<Command> provisioning_commands();
std::vector<Command> provisioning_settings_commands();
std::vector<Command> webhook_commands();
/// The keys that tokens for applications are signed with.
std::vector<Command> signing_key_commands();
/// Sessions, sign-in attempts and the audit.
std::vector<Command> inspection_commands();
/// Backup, restore, migrations and the check of the installation.
std::vector<Command> operation_commands();

/// Positionals and options that several commands share.
inline constexpr Positional kAccount = {"ACCOUNT", "Name, slug or id of the account"};
inline constexpr Positional kEmployee = {"EMPLOYEE", "User name, e-mail address or id of the employee"};
Option connection_option();
Option password_option();
/// `--limit COUNT`, 1 to 1000.
Option limit_option();
/// `--before ID`.
Option before_option();
inline constexpr int kDefaultLimit = 100;

}  // namespace doorward::server
