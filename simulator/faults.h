#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace doorward::simulator {

/// What the simulator can do wrong on purpose, so that a service provider's refusals can be seen. Entra does
/// none of it.
enum class Fault : std::uint8_t {
  WrongAudience,
  WrongRecipient,
  WrongDestination,
  WrongIssuer,
  WrongInResponseTo,
  Expired,
  NotYetValid,
  Unsigned,
  OtherKey,
  WeakDigest,
  TamperedNameId,
  CommentInNameId,
  NoNameId,
  OtherTenant,
  RepeatedAssertionId,
  StatusResponder,
};

struct FaultInfo {
  Fault fault;
  std::string_view name;         ///< In the API and the state file.
  std::string_view title;        ///< On the page.
  std::string_view explanation;  ///< On the page, below the title.
};

std::span<const FaultInfo> all_faults();
std::optional<Fault> fault_by_name(std::string_view name);

}  // namespace doorward::simulator
