#pragma once

#include <string>
#include <string_view>

#include "base/id.h"

namespace doorward::directory {

using AccountId = Id<struct AccountTag>;
using DepartmentId = Id<struct DepartmentTag>;
using EmployeeId = Id<struct EmployeeTag>;
using DomainId = Id<struct DomainTag>;
using ConnectionId = Id<struct ConnectionTag>;
using KeyPairId = Id<struct KeyPairTag>;
using SessionId = Id<struct SessionTag>;
using AttemptId = Id<struct AttemptTag>;
using AuditId = Id<struct AuditTag>;
using EventId = Id<struct EventTag>;
using GroupId = Id<struct GroupTag>;
using ProvisioningTokenId = Id<struct ProvisioningTokenTag>;
using ProvisioningEntryId = Id<struct ProvisioningEntryTag>;
using DepartureId = Id<struct DepartureTag>;
using DepartureBatchId = Id<struct DepartureBatchTag>;
using DomainClaimId = Id<struct DomainClaimTag>;
using TestRunId = Id<struct TestRunTag>;
using ApplicationId = Id<struct ApplicationTag>;
using GrantId = Id<struct GrantTag>;
using WebhookId = Id<struct WebhookTag>;
using DeliveryId = Id<struct DeliveryTag>;

/// A random UUID (RFC 9562 version 4). Public ids are what leaves the server: they name a row for ever, are
/// never given twice, and tell nothing about how many there are. The integer ids above stay inside.
std::string new_public_id();

/// 8-4-4-4-12 hexadecimal digits of either case.
bool is_uuid(std::string_view text);

}  // namespace doorward::directory
