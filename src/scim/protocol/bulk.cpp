#include "scim/protocol/bulk.h"

#include <algorithm>
#include <array>
#include <functional>
#include <limits>
#include <queue>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include <fmt/format.h>

#include "base/text.h"
#include "scim/protocol/errors.h"
#include "scim/protocol/message.h"
#include "scim/protocol/refusal.h"
#include "scim/protocol/values.h"

namespace doorward::scim::protocol {

namespace {

constexpr std::string_view kBulkSchema = "urn:ietf:params:scim:api:messages:2.0:BulkRequest";
constexpr std::string_view kReference = "bulkId:";

using Method = BulkOperation::Method;

Result<Method> read_method(const json::Value* method) {
  constexpr auto kNames = std::to_array<std::string_view>({"POST", "PUT", "PATCH", "DELETE"});
  if (method == nullptr || !method->is_string())
    return refuse(kInvalidSyntax, "An operation has no “method”.");
  for (std::size_t i = 0; i < kNames.size(); ++i) {
    if (equal_ignoring_ascii_case(view(*method), kNames[i])) return static_cast<Method>(i);
  }
  return refuse(kInvalidValue,
                fmt::format("“{}” is no method of an operation: POST, PUT, PATCH and DELETE are.",
                            printable(view(*method))));
}

Result<std::string> read_text(json::Object& object, std::string_view name) {
  ASSIGN_OR_RETURN(const json::Value* value, find_member(object, name));
  if (value == nullptr) return std::string();
  if (!value->is_string()) return refuse(kInvalidSyntax, fmt::format("“{}” must be a text.", name));
  return std::string(view(*value));
}

Result<BulkOperation> read_operation(json::Value& value) {
  json::Object* object = value.if_object();
  if (object == nullptr) return refuse(kInvalidSyntax, "Each of “Operations” must be an object.");
  BulkOperation operation;
  ASSIGN_OR_RETURN(const json::Value* method, find_member(*object, "method"));
  ASSIGN_OR_RETURN(operation.method, read_method(method));
  ASSIGN_OR_RETURN(operation.bulk_id, read_text(*object, "bulkId"));
  ASSIGN_OR_RETURN(operation.version, read_text(*object, "version"));
  ASSIGN_OR_RETURN(operation.path, read_text(*object, "path"));
  if (!operation.path.starts_with('/'))
    return refuse(kInvalidValue, "A “path” begins with a slash, like /Users.");
  // RFC 7644 section 3.7: bulkId is "REQUIRED when 'method' is 'POST'".
  if (operation.method == Method::Post && operation.bulk_id.empty()) {
    return refuse(kInvalidValue, "An operation that creates needs a “bulkId”.");
  }
  ASSIGN_OR_RETURN(json::Value * data, find_member(*object, "data"));
  if (data != nullptr) {
    operation.data = std::move(*data);
  } else if (operation.method != Method::Delete) {
    return refuse(kInvalidValue, "An operation has no “data”.");
  }
  return operation;
}

/// The bulkId that a text is a reference to: `bulkId:x`, or an address that ends in it.
std::optional<std::string_view> reference_in(std::string_view text) {
  if (text.starts_with(kReference)) return text.substr(kReference.size());
  const auto slash = text.rfind('/');
  if (slash == std::string_view::npos || !text.substr(slash + 1).starts_with(kReference)) return std::nullopt;
  return text.substr(slash + 1 + kReference.size());
}

/// Calls with each text of a value; JSON's own limit bounds the depth.
template <class OnText>
Result<void> for_each_text(json::Value& value, const OnText& on_text) {
  if (value.is_string()) return on_text(value);
  if (json::Array* array = value.if_array()) {
    for (json::Value& element : *array)
      RETURN_IF_ERROR(for_each_text(element, on_text));
  } else if (json::Object* object = value.if_object()) {
    for (auto& member : *object)
      RETURN_IF_ERROR(for_each_text(member.value(), on_text));
  }
  return {};
}

/// Without changing anything.
template <class OnReference>
void for_each_reference(const json::Value& value, const OnReference& on_reference) {
  if (value.is_string()) {
    if (const auto id = reference_in(view(value))) on_reference(*id);
  } else if (const json::Array* array = value.if_array()) {
    for (const json::Value& element : *array)
      for_each_reference(element, on_reference);
  } else if (const json::Object* object = value.if_object()) {
    for (const auto& member : *object)
      for_each_reference(member.value(), on_reference);
  }
}

/// `/Users/bulkId:x/…` has references between its slashes.
template <class OnReference>
void for_each_path_reference(std::string_view path, const OnReference& on_reference) {
  for (const std::string_view segment : split(path, '/')) {
    if (segment.starts_with(kReference)) on_reference(segment.substr(kReference.size()));
  }
}

/// Which operation waits for which.
struct Dependencies {
  std::vector<std::vector<std::size_t>> waiting;  ///< By the operation that is waited for.
  std::vector<std::vector<std::size_t>> needed;   ///< By the operation that waits.
};

Dependencies dependencies_of(const std::vector<BulkOperation>& operations) {
  std::unordered_map<std::string_view, std::size_t> makers;
  for (std::size_t i = 0; i < operations.size(); ++i) {
    if (operations[i].method == Method::Post) makers.emplace(operations[i].bulk_id, i);
  }
  Dependencies result{.waiting = std::vector<std::vector<std::size_t>>(operations.size()),
                      .needed = std::vector<std::vector<std::size_t>>(operations.size())};
  for (std::size_t i = 0; i < operations.size(); ++i) {
    std::unordered_set<std::size_t> needed;
    const auto note = [&](std::string_view id) {
      const auto maker = makers.find(id);
      if (maker != makers.end()) needed.insert(maker->second);
    };
    for_each_reference(operations[i].data, note);
    for_each_path_reference(operations[i].path, note);
    result.needed[i].assign(needed.begin(), needed.end());
    for (const std::size_t maker : needed)
      result.waiting[maker].push_back(i);
  }
  return result;
}

/// Topological order, the earliest first among those that are ready.
class Scheduler {
 public:
  explicit Scheduler(Dependencies dependencies) : dependencies_(std::move(dependencies)) {
    const std::size_t size = dependencies_.needed.size();
    open_.resize(size);
    done_.resize(size);
    for (std::size_t i = 0; i < size; ++i) {
      open_[i] = dependencies_.needed[i].size();
      if (open_[i] == 0) ready_.push(i);
    }
  }

  std::vector<std::size_t> order() {
    run();
    const std::vector<std::size_t> circle = circle_members();
    for (const std::size_t i : circle)
      finish(i);
    // What waits for a circle without being part of it comes behind it.
    run();
    return std::move(order_);
  }

 private:
  void run() {
    while (!ready_.empty()) {
      const std::size_t next = ready_.top();
      ready_.pop();
      if (!done_[next]) finish(next);
    }
  }

  void finish(std::size_t i) {
    done_[i] = true;
    order_.push_back(i);
    for (const std::size_t waiting : dependencies_.waiting[i]) {
      if (--open_[waiting] == 0 && !done_[waiting]) ready_.push(waiting);
    }
  }

  /// Of what is left, without those for which nobody waits: as they came.
  std::vector<std::size_t> circle_members() const {
    std::vector<std::size_t> waiters(done_.size());
    std::vector<std::size_t> leaves;
    for (std::size_t i = 0; i < done_.size(); ++i) {
      waiters[i] = dependencies_.waiting[i].size();
      if (waiters[i] == 0) leaves.push_back(i);
    }
    std::vector<bool> is_leaf(done_.size());
    while (!leaves.empty()) {
      const std::size_t leaf = leaves.back();
      leaves.pop_back();
      is_leaf[leaf] = true;
      for (const std::size_t needed : dependencies_.needed[leaf]) {
        if (--waiters[needed] == 0) leaves.push_back(needed);
      }
    }
    std::vector<std::size_t> members;
    for (std::size_t i = 0; i < done_.size(); ++i) {
      if (!done_[i] && !is_leaf[i]) members.push_back(i);
    }
    return members;
  }

  Dependencies dependencies_;
  std::vector<std::size_t> open_;
  std::vector<bool> done_;
  std::priority_queue<std::size_t, std::vector<std::size_t>, std::greater<>> ready_;
  std::vector<std::size_t> order_;
};

}  // namespace

Result<BulkRequest> parse_bulk(const json::Value& body, int max_operations) {
  json::Value copy = body;
  ASSIGN_OR_RETURN(json::Object * message, open_message(copy, kBulkSchema));
  BulkRequest request;
  ASSIGN_OR_RETURN(const json::Value* fail_on_errors, find_member(*message, "failOnErrors"));
  if (fail_on_errors != nullptr) {
    if (!fail_on_errors->is_int64() || fail_on_errors->get_int64() < 1) {
      return refuse(kInvalidValue, "“failOnErrors” must be a whole number above zero.");
    }
    request.fail_on_errors = static_cast<int>(
        std::min<std::int64_t>(fail_on_errors->get_int64(), std::numeric_limits<int>::max()));
  }
  ASSIGN_OR_RETURN(json::Value * list, find_member(*message, "Operations"));
  if (list == nullptr || !list->is_array())
    return refuse(kInvalidSyntax, "“Operations” must be a list of operations.");
  json::Array& operations = list->get_array();
  if (std::cmp_greater(operations.size(), max_operations)) {
    return refuse(kPayloadTooLarge, fmt::format("A bulk request has at most {} operations.", max_operations));
  }
  std::unordered_set<std::string> bulk_ids;
  for (json::Value& value : operations) {
    ASSIGN_OR_RETURN(auto operation, read_operation(value));
    if (!operation.bulk_id.empty() && !bulk_ids.insert(operation.bulk_id).second) {
      return refuse(kInvalidValue,
                    fmt::format("The bulkId “{}” is there twice.", printable(operation.bulk_id)));
    }
    request.operations.push_back(std::move(operation));
  }
  return request;
}

std::vector<std::size_t> execution_order(const BulkRequest& request) {
  return Scheduler(dependencies_of(request.operations)).order();
}

Result<void> resolve_references(BulkOperation& operation,
                                const std::function<std::optional<std::string>(std::string_view)>& id_of) {
  const auto resolve = [&](std::string_view bulk_id) -> Result<std::string> {
    if (auto id = id_of(bulk_id)) return *std::move(id);
    return refuse(kInvalidValue, fmt::format("No operation made “bulkId:{}”.", printable(bulk_id)));
  };
  std::string path;
  for (const std::string_view segment : split(operation.path, '/')) {
    if (!path.empty() || segment.data() != operation.path.data()) path += '/';
    if (!segment.starts_with(kReference)) {
      path.append(segment);
      continue;
    }
    ASSIGN_OR_RETURN(const std::string id, resolve(segment.substr(kReference.size())));
    path.append(id);
  }
  operation.path = std::move(path);
  return for_each_text(operation.data, [&](json::Value& text) -> Result<void> {
    const auto bulk_id = reference_in(view(text));
    if (!bulk_id) return {};
    ASSIGN_OR_RETURN(const std::string id, resolve(*bulk_id));
    const std::string_view whole = view(text);
    std::string replaced(whole.substr(0, whole.size() - bulk_id->size() - kReference.size()));
    text = replaced + id;
    return {};
  });
}

}  // namespace doorward::scim::protocol
