#pragma once

#include <type_traits>
#include <utility>

#include "storage/database.h"

namespace doorward::directory {

/// The steps of `attempt`.
Result<void> set_savepoint(storage::Transaction& transaction);
Result<void> keep_since_savepoint(storage::Transaction& transaction);
Result<void> undo_since_savepoint(storage::Transaction& transaction);

/// Runs `body(Transaction&) -> Result<T>` as a part of the transaction that can fail alone: its failure
/// undoes what it changed and nothing else. Notices that it sent are sent nevertheless, which makes caches
/// forget too much. A statement that failed still fails the whole transaction.
template <class Body>
std::invoke_result_t<Body, storage::Transaction&> attempt(storage::Transaction& transaction, Body body) {
  RETURN_IF_ERROR(set_savepoint(transaction));
  auto outcome = body(transaction);
  RETURN_IF_ERROR(outcome ? keep_since_savepoint(transaction) : undo_since_savepoint(transaction));
  return outcome;
}

}  // namespace doorward::directory
