#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "json/json.h"
#include "scim/protocol/schema.h"

/// PATCH. Source: RFC 7644 section 3.5.2. Understands what RFC clients, both dialects of Entra, Okta,
/// OneLogin, Google and JumpCloud send.
namespace doorward::scim::protocol {

class PatchRequest {
 public:
  static constexpr std::size_t kMaxOperations = 1000;

  /// Checks the envelope: `schemas` (may be absent), `Operations` (name in any case) with `op` in any case.
  /// An unknown op is `kInvalidSyntax`. Values are looked at when the operation is applied.
  static Result<PatchRequest> parse(const json::Value& body);
  /// Moves the values.
  static Result<PatchRequest> parse(json::Value&& body);

  struct Operation {
    enum class Kind : std::uint8_t { Add, Remove, Replace } kind = Kind::Add;
    /// As it was sent; empty for none.
    std::string path;
    std::optional<json::Value> value;
  };
  PatchRequest() = default;
  explicit PatchRequest(std::vector<Operation> operations) : operations_(std::move(operations)) {}

  const std::vector<Operation>& operations() const { return operations_; }

 private:
  std::vector<Operation> operations_;
};

/// The resource after all operations, or why one of them cannot be done; nothing is half-applied because the
/// input stays as it is. `resource` is in normal form and so is the result. Step by step as in
/// sections 3.5.2.1 to 3.5.2.3: add to a list appends what is not there yet; a new primary takes the mark
/// from the old one; replace of a missing value path with only `eq` conditions creates it (Entra's
/// `emails[type eq "work"].value`), any other is `kNoTarget`; remove needs a path, and what it does not find
/// is gone already; a value of a list that is left with a type or a mark alone goes too; null and empty lists
/// mean no value; paths into an extension that is not there yet make it. Without a path the value's keys may
/// be dotted (`name.givenName`), URN-qualified or whole extensions. Read-only attributes are `kMutability`
/// (but `id`, `meta`, `schemas` and `groups` in a path-less value, which Okta sends back as it read them, are
/// passed over), unknown ones in a path `kInvalidPath`, unknown keys of a path-less value are left out,
/// unless none is known (`kInvalidPath`).
Result<json::Object> apply_patch(const ResourceType& type, const PatchRequest& patch, json::Object resource);

/// What a PATCH of a group does to its members, so that a group of 50,000 is changed without reading it. In
/// the order of the operations.
struct MemberChange {
  enum class Kind : std::uint8_t { Add, Remove, RemoveAll, Replace } kind = Kind::Add;
  /// Ids as they were sent.
  std::vector<std::string> ids = {};
};
struct GroupPatch {
  std::vector<MemberChange> members;
  /// The other operations, for `apply_patch`; may be empty.
  PatchRequest rest;
};
/// Takes the operations on `members` out: `members` with values (objects with `value`, bare strings), Entra's
/// remove with a value, `members[value eq "…"]` (several joined by `or` too), `members` without anything, and
/// `members` inside a path-less value. Another filter on members is `kInvalidFilter`; a member of type Group
/// is `kInvalidValue`.
Result<GroupPatch> split_group_patch(const PatchRequest& patch, const ResourceType& group);

/// The ids in `members` of a whole group that was sent in POST or PUT (in normal form).
Result<std::vector<std::string>> member_ids(const json::Object& group);

}  // namespace doorward::scim::protocol
