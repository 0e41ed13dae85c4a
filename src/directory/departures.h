#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "directory/audit.h"
#include "directory/employees.h"
#include "directory/ids.h"
#include "directory/provisioning_settings.h"
#include "storage/database.h"

/// The brake against accidental mass deletion. Deactivation always bites at once. When within an hour more
/// employees leave by the directory's word than the settings allow, a batch opens with everybody of that
/// hour, and while it is open further deletions are held as deactivations. An administrator restores the
/// whole batch or confirms it.
namespace doorward::directory {

inline constexpr std::chrono::hours kBrakeWindow{1};

enum class DepartureKind : std::uint8_t { Deactivated, Deleted, DeletionHeld };
std::string_view to_text(DepartureKind kind);

/// Notes that an employee, as they are before the change, leaves and says whether a batch is open now, this
/// departure being part of it. Then a `Deleted` is noted as `DeletionHeld`, and the caller must not delete.
/// Who is deactivated and deleted within the hour or the batch leaves once; a closed batch counts no more.
/// Costs the same however many left before. Opening a batch writes the audit entry `departures.brake_on` and
/// the event of the same name.
Result<bool> record_departure(storage::Transaction& transaction, AccountId account,
                              const ProvisioningSettings& settings, const Employee& employee,
                              DepartureKind kind, const Actor& actor, Timestamp now);
/// Whether a batch is open.
Result<bool> is_brake_on(storage::Transaction& transaction, AccountId account);

enum class BatchState : std::uint8_t { Open, Restored, Confirmed };
std::string_view to_text(BatchState state);

struct DepartureBatch {
  DepartureBatchId id;
  std::string public_id;
  BatchState state = BatchState::Open;
  /// The provisioning token's name.
  std::string cause;
  Timestamp opened_at;
  std::optional<Timestamp> closed_at;
  std::string closed_by;
  std::int64_t deactivated = 0;
  std::int64_t deleted = 0;
  std::int64_t deletions_held = 0;
};
struct Departure {
  DepartureId id;
  Timestamp at;
  /// Public id, and the user name at that time.
  std::string employee;
  std::string user_name;
  DepartureKind kind = DepartureKind::Deactivated;
  /// When the employee got access back, or their deletion was taken back.
  std::optional<Timestamp> undone_at;
};

/// Newest first.
Result<std::vector<DepartureBatch>> list_departure_batches(storage::Transaction& transaction,
                                                           AccountId account, int limit);
Result<std::optional<DepartureBatch>> find_departure_batch(storage::Transaction& transaction,
                                                           AccountId account, std::string_view public_id);
/// In order; `after` is the last id of the previous page.
Result<std::vector<Departure>> list_departures(storage::Transaction& transaction, AccountId account,
                                               DepartureBatchId batch, std::optional<DepartureId> after,
                                               int limit);

inline constexpr ErrorCode kBatchClosed = "directory.batch_closed";

/// Gives everybody of the batch access back who had it when they left, still is there and inactive, the held
/// ones included; admin rights stay gone. Who was inactive before is the directory's again, and stays
/// inactive. Says how many have access back. Refuses a closed batch (`kBatchClosed`).
Result<std::int64_t> restore_departures(storage::Transaction& transaction, AccountId account,
                                        DepartureBatchId batch, const Actor& actor, Timestamp now);
/// Deletes for good those whose deletion was held, and closes the batch; the deactivated stay as they are.
Result<std::int64_t> confirm_departures(storage::Transaction& transaction, AccountId account,
                                        DepartureBatchId batch, const Actor& actor, Timestamp now);

/// The same in steps, each for a transaction of its own, because a whole company in one would make everybody
/// wait. The first closes the batch and tells what is decided, and each does it for up to `limit` of those
/// who are left; whoever comes back, after a crash too, goes on where the last step ended. `kBatchClosed`
/// when nothing is left, or when the opposite was decided.
struct DecisionStep {
  std::int64_t employees = 0;
  bool finished = false;
};
inline constexpr int kDecisionStep = 500;
Result<DecisionStep> restore_some(storage::Transaction& transaction, AccountId account,
                                  DepartureBatchId batch, const Actor& actor, Timestamp now, int limit);
Result<DecisionStep> confirm_some(storage::Transaction& transaction, AccountId account,
                                  DepartureBatchId batch, const Actor& actor, Timestamp now, int limit);
/// For how many of a batch the decision is not carried out yet; 0 while there is none.
Result<std::int64_t> count_undecided(storage::Transaction& transaction, AccountId account,
                                     const DepartureBatch& batch);

}  // namespace doorward::directory
