#pragma once

#include <vector>

#include "base/clock.h"
#include "directory/accounts.h"
#include "directory/connections.h"
#include "directory/domains.h"
#include "setup/readiness.h"

/// The gates that the command line and the wizard have in common.
namespace doorward::setup {

/// With those that are only proposed: they can be tested.
std::vector<directory::Connection> active_among(std::vector<directory::Connection> connections);
std::vector<directory::Connection> admitting_among(std::vector<directory::Connection> connections);

Gate plan_gate(const directory::Account& account);
Gate connection_gate(const std::vector<directory::Connection>& active);
/// Whether nothing waits for an administrator to accept it.
Gate acceptance_gate(const std::vector<directory::Connection>& connections);
/// An expired certificate still verifies: providers sign with them for a while, and administrators must look.
Gate certificate_gate(const std::vector<directory::Connection>& active, Timestamp now);
/// Whether the people of the account's own domains are led to an active connection.
Gate domain_gate(const std::vector<directory::Domain>& domains,
                 const std::vector<directory::Connection>& active);

}  // namespace doorward::setup
