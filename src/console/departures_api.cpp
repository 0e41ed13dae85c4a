#include "console/departures_api.h"

#include "directory/departures.h"

namespace doorward::console {

namespace {

json::Object batch_view(const directory::DepartureBatch& batch) {
  return {{"id", batch.public_id},
          {"state", directory::to_text(batch.state)},
          {"cause", batch.cause},
          {"openedAt", format_rfc3339(batch.opened_at)},
          {"closedAt", time_or_null(batch.closed_at)},
          {"closedBy", batch.closed_by},
          {"deactivated", batch.deactivated},
          {"deleted", batch.deleted},
          {"deletionsHeld", batch.deletions_held}};
}

/// As many steps as one request takes: an answer within seconds, and progress to show.
constexpr int kStepsAtOnce = 4;

using Step = Result<directory::DecisionStep> (*)(storage::Transaction&, directory::AccountId,
                                                 directory::DepartureBatchId, const directory::Actor&,
                                                 Timestamp, int);

json::Object departure_view(const directory::Departure& departure) {
  return {{"at", format_rfc3339(departure.at)},
          {"employee", departure.employee},
          {"userName", departure.user_name},
          {"kind", directory::to_text(departure.kind)},
          {"undoneAt", time_or_null(departure.undone_at)}};
}

Result<directory::DepartureBatch> find_batch(storage::Transaction& transaction, const Admission& admission,
                                             const http::Request& request) {
  ASSIGN_OR_RETURN(
      auto batch, directory::find_departure_batch(transaction, admission.account(), request.parameter("id")));
  if (!batch) return fail(ErrorKind::NotFound, "api.no_departure_batch", "There are no such departures.");
  return *std::move(batch);
}

/// Carries a decision out for some of the batch, in transactions between which others get their turn.
Result<http::Response> carry_out(const Dependencies& deps, const http::Request& request, Step step,
                                 std::string_view member) {
  ASSIGN_OR_RETURN(auto admission, admit_administrator(deps.sessions, request));
  if (admission.refusal) return *std::move(admission.refusal);
  std::int64_t employees = 0;
  for (int i = 0; i < kStepsAtOnce; ++i) {
    const auto done =
        deps.database.write([&](storage::Transaction& transaction) -> Result<directory::DecisionStep> {
          ASSIGN_OR_RETURN(const auto batch, find_batch(transaction, admission, request));
          return step(transaction, admission.account(), batch.id, admission.actor(), deps.clock.now(),
                      directory::kDecisionStep);
        });
    // Somebody else, who carries out the same, may have been faster with the rest.
    if (!done && i > 0 && done.error().code == directory::kBatchClosed) break;
    if (!done) return fail(done.error());
    employees += done->employees;
    if (done->finished) break;
  }
  return deps.database.read([&](storage::Transaction& transaction) -> Result<http::Response> {
    ASSIGN_OR_RETURN(const auto batch, find_batch(transaction, admission, request));
    ASSIGN_OR_RETURN(const auto left, directory::count_undecided(transaction, admission.account(), batch));
    return answer({{member, employees}, {"left", left}});
  });
}

}  // namespace

Result<http::Response> DeparturesApi::batches(const http::Request& request) {
  ASSIGN_OR_RETURN(auto admission, admit_administrator(deps_.sessions, request));
  if (admission.refusal) return *std::move(admission.refusal);
  ASSIGN_OR_RETURN(const http::Form query, request.query_form());
  ASSIGN_OR_RETURN(const int limit, limit_field(query));
  ASSIGN_OR_RETURN(const auto batches, deps_.database.read([&](storage::Transaction& transaction) {
    return directory::list_departure_batches(transaction, admission.account(), limit);
  }));
  json::Array items;
  for (const directory::DepartureBatch& batch : batches)
    items.push_back(batch_view(batch));
  return answer({{"batches", std::move(items)}});
}

Result<http::Response> DeparturesApi::batch(const http::Request& request) {
  ASSIGN_OR_RETURN(auto admission, admit_administrator(deps_.sessions, request));
  if (admission.refusal) return *std::move(admission.refusal);
  ASSIGN_OR_RETURN(const http::Form query, request.query_form());
  ASSIGN_OR_RETURN(const int limit, limit_field(query));
  ASSIGN_OR_RETURN(const auto after, cursor_field<directory::DepartureId>(query, "after"));
  return deps_.database.read([&](storage::Transaction& transaction) -> Result<http::Response> {
    ASSIGN_OR_RETURN(const auto batch, find_batch(transaction, admission, request));
    ASSIGN_OR_RETURN(const auto departures,
                     directory::list_departures(transaction, admission.account(), batch.id, after, limit));
    json::Array items;
    for (const directory::Departure& departure : departures)
      items.push_back(departure_view(departure));
    json::Object page = page_of("departures", departures, std::move(items), limit);
    json::Object shown = batch_view(batch);
    ASSIGN_OR_RETURN(shown["left"], directory::count_undecided(transaction, admission.account(), batch));
    page["batch"] = std::move(shown);
    return answer(page);
  });
}

Result<http::Response> DeparturesApi::restore(const http::Request& request) {
  return carry_out(deps_, request, directory::restore_some, "restored");
}

Result<http::Response> DeparturesApi::confirm(const http::Request& request) {
  return carry_out(deps_, request, directory::confirm_some, "deleted");
}

}  // namespace doorward::console
