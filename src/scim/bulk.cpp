#include "scim/protocol/bulk.h"

#include <algorithm>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <span>

#include <fmt/format.h>

#include "base/text.h"
#include "scim/protocol/errors.h"
#include "scim/scim.h"
#include "scim/user_resource.h"

/// Bulk. Source: RFC 7644 section 3.7.
namespace doorward::scim {

namespace {

using protocol::BulkOperation;

http::Method method_of(BulkOperation::Method method) {
  switch (method) {
    case BulkOperation::Method::Post:
      return http::Method::Post;
    case BulkOperation::Method::Put:
      return http::Method::Put;
    case BulkOperation::Method::Patch:
      return http::Method::Patch;
    case BulkOperation::Method::Delete:
      break;
  }
  return http::Method::Delete;
}

/// `/Users` or `/Users/{id}` taken apart. RFC 7644 section 3.7: the path is relative to the base.
struct BulkTarget {
  Kind kind = Kind::User;
  std::string id;
};
Result<BulkTarget> target_of(const BulkOperation& operation) {
  const auto segments = split(operation.path, '/');
  const bool has_id = segments.size() == 3 && !segments[2].empty();
  const bool is_collection = segments.size() == 2;
  if (segments.front().empty() && (has_id || is_collection)) {
    const bool wants_id = operation.method != BulkOperation::Method::Post;
    const bool users = segments[1] == "Users";
    if ((users || segments[1] == "Groups") && has_id == wants_id) {
      return BulkTarget{users ? Kind::User : Kind::Group, has_id ? std::string(segments[2]) : std::string()};
    }
  }
  return fail(
      ErrorKind::InvalidInput, protocol::kInvalidValue,
      fmt::format("“{}” is no path for this method: use /Users or /Groups, with an id unless it is a POST.",
                  printable(operation.path)));
}

/// RFC 7644 section 3.7.3: status is a string, a failed operation carries the error as its response, and only
/// a POST that failed has no location.
json::Object described(const BulkOperation& operation, const Result<Answer>& answer,
                       std::string_view base_url) {
  json::Object shown{{"method", http::name_of(method_of(operation.method))}};
  if (!operation.bulk_id.empty()) shown["bulkId"] = operation.bulk_id;
  if (answer && !answer->location.empty()) {
    shown["location"] = answer->location;
  } else if (operation.method != BulkOperation::Method::Post) {
    shown["location"] = std::string(base_url) + operation.path;
  }
  if (!answer) {
    const http::Response failure = Scim::error_response(answer.error());
    shown["status"] = std::to_string(static_cast<int>(failure.status));
    if (auto body = json::parse(failure.body)) shown["response"] = *std::move(body);
    return shown;
  }
  if (answer->version != 0) shown["version"] = entity_tag(answer->version);
  shown["status"] = std::to_string(static_cast<int>(answer->status));
  return shown;
}

/// What is committed together: enough that a commit costs little, and little enough that others, who wait for
/// the writer, do not notice.
constexpr std::size_t kAtOnce = 100;

/// What came of one operation.
struct Done {
  std::size_t index = 0;
  /// Of one that was carried out, or tried.
  std::optional<Operation> operation;
  Result<Answer> answer;
};

/// A bulk request on its way.
class BulkRun {
 public:
  using Perform = std::function<Result<Answer>(Kind, const Operation&)>;

  BulkRun(const Operation& whole, const protocol::BulkRequest& request, const Clock& clock, Perform perform)
      : whole_(whole), request_(request), clock_(clock), perform_(std::move(perform)) {
    for (const BulkOperation& operation : request_.operations) {
      if (operation.method == BulkOperation::Method::Post) to_come_.insert(operation.bulk_id);
    }
  }

  bool is_over() const { return request_.fail_on_errors && failures_ >= *request_.fail_on_errors; }

  /// As many of these as `failOnErrors` allows. Forgotten by the run when the transaction is: see `note`.
  std::vector<Done> carry_out(std::span<const std::size_t> operations,
                              storage::Transaction& transaction) const {
    BulkRun known(*this);
    std::vector<Done> done;
    for (const std::size_t i : operations) {
      if (known.is_over()) break;
      done.push_back(known.carry_out_one(i, transaction));
      known.note(done.back());
    }
    return done;
  }

  /// Later operations build on it.
  void note(const Done& done) {
    if (!done.answer) ++failures_;
    const std::string& bulk_id = request_.operations[done.index].bulk_id;
    const bool in_circle = !done.answer && done.answer.error().code == protocol::kCircularReference;
    if (!bulk_id.empty() && !in_circle) to_come_.erase(bulk_id);
    if (done.answer && !bulk_id.empty()) ids_[bulk_id] = done.answer->subject;
  }

 private:
  Done carry_out_one(std::size_t index, storage::Transaction& transaction) const {
    Kind kind = Kind::User;
    auto operation = operation_for(request_.operations[index], kind);
    if (!operation) return {index, std::nullopt, fail(operation.error())};
    operation->transaction = &transaction;
    auto answer = perform_(kind, *operation);
    return {index, *std::move(operation), std::move(answer)};
  }

  /// Refuses references to what is not there. The order puts an operation behind all that it refers to, so
  /// what is still to come waits for this one in turn (RFC 7644 section 3.7.1: a conflict).
  Result<Operation> operation_for(BulkOperation wanted, Kind& kind) const {
    bool is_circular = false;
    const auto resolved =
        protocol::resolve_references(wanted, [&](std::string_view id) -> std::optional<std::string> {
          const auto known = ids_.find(id);
          if (known != ids_.end()) return known->second;
          is_circular = to_come_.contains(id);
          return std::nullopt;
        });
    if (!resolved && is_circular) {
      return fail(ErrorKind::Conflict, protocol::kCircularReference,
                  "Operations that refer to each other in a circle cannot be done: create both resources "
                  "first, then change the one to refer to the other.");
    }
    RETURN_IF_ERROR(resolved);
    ASSIGN_OR_RETURN(const BulkTarget target, target_of(wanted));
    kind = target.kind;
    return Operation{.client = whole_.client,
                     .method = method_of(wanted.method),
                     .target = "/scim/v2/Bulk " + wanted.path,
                     .id = target.id,
                     .body = std::move(wanted.data),
                     .if_match = wanted.version,
                     .client_address = whole_.client_address,
                     .request_id = whole_.request_id,
                     .now = clock_.now()};
  }

  const Operation& whole_;
  const protocol::BulkRequest& request_;
  const Clock& clock_;
  Perform perform_;
  /// Of what was made, by bulkId.
  std::map<std::string, std::string, std::less<>> ids_;
  /// The bulkIds of what is not made yet, or never will be because of a circle.
  std::set<std::string, std::less<>> to_come_;
  int failures_ = 0;
};

}  // namespace

Result<Answer> Scim::perform_bulk(const Operation& operation) {
  const protocol::ServiceLimits limits;
  ASSIGN_OR_RETURN(const protocol::BulkRequest bulk,
                   protocol::parse_bulk(operation.body, limits.max_operations));
  BulkRun run(operation, bulk, clock_,
              [this](Kind kind, const Operation& one) { return perform(kind, one); });
  // Answers stand in the order of the request, whatever order the references demand.
  std::vector<std::optional<json::Object>> answers(bulk.operations.size());
  bool changed = false;
  const auto conclude = [&](const Done& done) {
    if (!done.answer && done.operation) answer_failure(*done.operation, done.answer.error());
    if (done.answer && done.answer->outcome != directory::ProvisioningOutcome::Read) changed = true;
    run.note(done);
    answers[done.index] = described(bulk.operations[done.index], done.answer, base_url_);
  };
  const std::vector<std::size_t> order = protocol::execution_order(bulk);
  std::span<const std::size_t> left(order);
  while (!left.empty() && !run.is_over()) {
    const auto together = left.first(std::min(left.size(), kAtOnce));
    left = left.subspan(together.size());
    const auto commit = [&](std::span<const std::size_t> operations) {
      return database_.write([&](storage::Transaction& transaction) {
        return Result<std::vector<Done>>(run.carry_out(operations, transaction));
      });
    };
    if (const auto outcome = commit(together)) {
      std::ranges::for_each(*outcome, conclude);
      continue;
    }
    // The database failed one of them and kept none: each by itself, so that the others need not suffer.
    for (const std::size_t& i : together) {
      if (run.is_over()) break;
      const auto alone = commit({&i, 1});
      conclude(alone ? alone->front() : Done{i, std::nullopt, fail(alone.error())});
    }
  }
  json::Array list;
  for (auto& answer : answers) {
    if (answer) list.push_back(*std::move(answer));
  }
  Answer whole;
  whole.body = json::Object{{"schemas", json::Array{"urn:ietf:params:scim:api:messages:2.0:BulkResponse"}},
                            {"Operations", std::move(list)}};
  whole.outcome =
      changed ? directory::ProvisioningOutcome::Changed : directory::ProvisioningOutcome::Unchanged;
  return whole;
}

}  // namespace doorward::scim
