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
    page["batch"] = batch_view(batch);
    return answer(page);
  });
}

Result<http::Response> DeparturesApi::restore(const http::Request& request) {
  ASSIGN_OR_RETURN(auto admission, admit_administrator(deps_.sessions, request));
  if (admission.refusal) return *std::move(admission.refusal);
  return deps_.database.write([&](storage::Transaction& transaction) -> Result<http::Response> {
    ASSIGN_OR_RETURN(const auto batch, find_batch(transaction, admission, request));
    ASSIGN_OR_RETURN(const auto restored,
                     directory::restore_departures(transaction, admission.account(), batch.id,
                                                   admission.actor(), deps_.clock.now()));
    return answer({{"restored", restored}});
  });
}

Result<http::Response> DeparturesApi::confirm(const http::Request& request) {
  ASSIGN_OR_RETURN(auto admission, admit_administrator(deps_.sessions, request));
  if (admission.refusal) return *std::move(admission.refusal);
  return deps_.database.write([&](storage::Transaction& transaction) -> Result<http::Response> {
    ASSIGN_OR_RETURN(const auto batch, find_batch(transaction, admission, request));
    ASSIGN_OR_RETURN(const auto deleted,
                     directory::confirm_departures(transaction, admission.account(), batch.id,
                                                   admission.actor(), deps_.clock.now()));
    return answer({{"deleted", deleted}});
  });
}

}  // namespace doorward::console
