#include "directory/savepoint.h"

namespace doorward::directory {

Result<void> set_savepoint(storage::Transaction& transaction) {
  RETURN_IF_ERROR(transaction.execute("SAVEPOINT attempt", {}));
  return {};
}

Result<void> keep_since_savepoint(storage::Transaction& transaction) {
  RETURN_IF_ERROR(transaction.execute("RELEASE SAVEPOINT attempt", {}));
  return {};
}

Result<void> undo_since_savepoint(storage::Transaction& transaction) {
  RETURN_IF_ERROR(transaction.execute("ROLLBACK TO SAVEPOINT attempt", {}));
  return keep_since_savepoint(transaction);
}

}  // namespace doorward::directory
