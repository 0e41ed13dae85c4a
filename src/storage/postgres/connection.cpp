#include "storage/postgres/connection.h"

#include <array>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <vector>

#include <libpq-fe.h>
#include <poll.h>

#include "base/check.h"
#include "base/text.h"
#include "storage/postgres/row.h"
#include "storage/postgres/types.h"

namespace doorward::storage::postgres {
namespace {

constexpr int kOldestVersion = 130'000;
/// How often who waits looks whether that is still of use.
constexpr std::chrono::milliseconds kLook{200};

std::string field_of(const PGresult* answer, int field) {
  const char* text = PQresultErrorField(answer, field);
  return text != nullptr ? text : "";
}

/// The first line: others may hold a statement's values.
std::string first_line(const char* text) {
  const std::string_view all = text;
  return std::string(all.substr(0, all.find('\n')));
}

tl::unexpected<Error> unreachable(std::string detail) {
  return fail(
      ErrorKind::Unavailable, kLost,
      "The PostgreSQL server cannot be reached. Check its address, the user and the password, and whether "
      "it runs.",
      std::move(detail));
}

Result<void> check_server(const PGconn* handle) {
  if (PQserverVersion(handle) < kOldestVersion) {
    return fail(ErrorKind::InvalidInput, "storage.old_server",
                "This PostgreSQL server is too old. Doorward needs version 13 or newer.");
  }
  const char* encoding = PQparameterStatus(handle, "server_encoding");
  if (encoding == nullptr || std::strcmp(encoding, "UTF8") != 0) {
    return fail(ErrorKind::InvalidInput, "storage.bad_encoding",
                "The encoding of this PostgreSQL database is not UTF8. Create one with CREATE DATABASE … "
                "TEMPLATE template0 ENCODING 'UTF8'.");
  }
  return {};
}

enum class Trouble : std::uint8_t {
  Lost,
  ReadOnly,
  Conflict,
  Duplicate,
  Reference,
  Value,
  TooLong,
  Busy,
  Damaged,
  Other
};

/// By https://www.postgresql.org/docs/15/errcodes-appendix.html.
Trouble trouble_of(std::string_view state, std::string_view severity) {
  if (severity == "FATAL" || severity == "PANIC" || state.empty()) return Trouble::Lost;
  if (state.starts_with("08") || state == "57P01" || state == "57P02" || state == "57P03")
    return Trouble::Lost;
  // A prepared statement that pgbouncer gave to another connection.
  if (state == "26000") return Trouble::Lost;
  if (state == "25006") return Trouble::ReadOnly;
  if (state == "40001" || state == "40P01") return Trouble::Conflict;
  if (state == "23505") return Trouble::Duplicate;
  if (state == "23503") return Trouble::Reference;
  if (state == "54000") return Trouble::TooLong;
  if (state.starts_with("22")) return Trouble::Value;
  if (state.starts_with("53") || state.starts_with("55") || state == "57014") return Trouble::Busy;
  if (state == "XX001" || state == "XX002") return Trouble::Damaged;
  return Trouble::Other;
}

std::array<char, 8> big_endian(std::int64_t number) {
  std::array<char, 8> bytes{};
  for (std::size_t i = 0; i < bytes.size(); ++i)
    bytes[i] = static_cast<char>(static_cast<std::uint64_t>(number) >> (56 - 8 * i));
  return bytes;
}

}  // namespace

/// Parameters as libpq takes them: in binary form, borrowed.
struct Connection::Bound {
  std::vector<std::array<char, 8>> numbers;
  std::vector<Oid> types;
  std::vector<const char*> values;
  std::vector<int> lengths;
  std::vector<int> formats;
  bool valid = true;

  explicit Bound(Parameters parameters) : formats(parameters.size(), 1) {
    numbers.reserve(parameters.size());
    for (const Parameter& parameter : parameters)
      add(parameter.value());
  }

  int count() const { return static_cast<int>(values.size()); }

 private:
  void add(const Parameter::Value& value) {
    if (const auto* number = std::get_if<std::int64_t>(&value)) {
      numbers.push_back(big_endian(*number));
      return add(kInt8, {numbers.back().data(), numbers.back().size()});
    }
    if (const auto* text = std::get_if<std::string_view>(&value)) {
      valid = valid && text->find('\0') == std::string_view::npos && is_valid_utf8(*text);
      return add(kText, *text);
    }
    if (const auto* blob = std::get_if<Blob>(&value)) return add(kBytes, blob->bytes);
    types.push_back(kInferred);
    values.push_back(nullptr);
    lengths.push_back(0);
  }
  void add(unsigned type, std::string_view bytes) {
    types.push_back(type);
    // A null pointer would be NULL: an empty text is an empty text.
    values.push_back(bytes.empty() ? "" : bytes.data());
    lengths.push_back(static_cast<int>(bytes.size()));
  }
};

void Connection::ClearResult::operator()(pg_result* result) const {
  PQclear(result);
}

std::string Connection::time_outs(const std::string& set) {
  const auto milliseconds = [](Duration time) { return std::to_string(time.count()); };
  // A commit that is not on the standby is told by a warning alone.
  return set + " client_min_messages = warning; " + set +
         " statement_timeout = " + milliseconds(kStatementTimeout) + "; " + set +
         " idle_in_transaction_session_timeout = " + milliseconds(kIdleTimeout) + "; ";
}

Result<std::unique_ptr<Connection>> Connection::open(const Target& target, Statements statements,
                                                     OpenProofs& proofs) {
  for (std::size_t first = 0;; ++first) {
    ASSIGN_OR_RETURN(auto connection, connect(target.beginning_with(first), statements));
    const Result<void> proof =
        proofs.is_owed_by(*connection) ? connection->unconfirmed() : connection->prove();
    if (proof) return connection;
    if (connection->is_silent()) proofs.keep(std::move(connection));
    // It says that it takes writes and does not: another one may.
    if (first + 1 >= target.hosts()) return fail(proof.error());
  }
}

Result<void> Connection::prove() {
  const auto asked = std::chrono::steady_clock::now();
  // It leaves nothing behind but a line in the log that the standby gets.
  const auto answer = run_script("SELECT pg_logical_emit_message(true, 'doorward', '')", kProof);
  if (answer && !warned_) {
    proven_at_ = asked;
    return {};
  }
  const bool is_unconfirmed = answer || lost_;
  // Whatever it says: it is not for us.
  lost_ = true;
  return is_unconfirmed ? unconfirmed() : fail(answer.error());
}

tl::unexpected<Error> Connection::unconfirmed() {
  lost_ = true;
  return fail(
      ErrorKind::Unavailable, kLost,
      "The PostgreSQL server does not confirm a commit. It may be gone or no primary any more, or its "
      "synchronous standby does not answer: look at pg_stat_replication and at what elects the primary.",
      first_line(PQerrorMessage(handle_)));
}

Result<std::unique_ptr<Connection>> Connection::connect(const Target& target, Statements statements) {
  std::vector<const char*> keywords;
  std::vector<const char*> values;
  for (const auto& [keyword, value] : target.values()) {
    keywords.push_back(keyword.c_str());
    values.push_back(value.c_str());
  }
  keywords.push_back(nullptr);
  values.push_back(nullptr);
  PGconn* handle = PQconnectdbParams(keywords.data(), values.data(), 0);
  if (handle == nullptr) return unreachable("out of memory");
  std::unique_ptr<Connection> connection(new Connection(handle, statements));
  if (PQstatus(handle) != CONNECTION_OK) return unreachable(first_line(PQerrorMessage(handle)));
  RETURN_IF_ERROR(check_server(handle));
  if (PQsetnonblocking(handle, 1) != 0) return connection->lost();
  PQsetNoticeReceiver(
      handle,
      [](void* self, const PGresult* notice) {
        const char* severity = PQresultErrorField(notice, PG_DIAG_SEVERITY_NONLOCALIZED);
        if (severity != nullptr && std::strcmp(severity, "WARNING") == 0)
          static_cast<Connection*>(self)->warned_ = true;
      },
      connection.get());
  return connection;
}

Connection::~Connection() {
  PQfinish(handle_);
}

Result<std::int64_t> Connection::run(std::string_view sql, Parameters parameters,
                                     const std::function<void(const Row&)>& on_row, Duration patience) {
  const Bound bound(parameters);
  if (!bound.valid) {
    return fail(ErrorKind::InvalidInput, kBadText,
                "A text holds a NUL character or is no valid UTF-8. It cannot be stored.");
  }
  RETURN_IF_ERROR(settle());
  int sent = 0;
  if (statements_ == Statements::Prepared) {
    ASSIGN_OR_RETURN(const std::string name, prepared(sql, bound, patience));
    sent = PQsendQueryPrepared(handle_, name.c_str(), bound.count(), bound.values.data(),
                               bound.lengths.data(), bound.formats.data(), 1);
  } else {
    sent = PQsendQueryParams(handle_, std::string(sql).c_str(), bound.count(), bound.types.data(),
                             bound.values.data(), bound.lengths.data(), bound.formats.data(), 1);
  }
  if (sent == 0) return lost();
  ASSIGN_OR_RETURN(const Answer answer, wait_for_answer(patience));
  if (on_row) {
    const int rows = PQntuples(answer.get());
    for (int row = 0; row < rows; ++row)
      on_row(CurrentRow(answer.get(), row));
  }
  std::int64_t changed = 0;
  const std::string_view number = PQcmdTuples(answer.get());
  std::from_chars(number.data(), number.data() + number.size(), changed);
  return changed;
}

Result<std::string> Connection::run_script(const std::string& sql, Duration patience) {
  RETURN_IF_ERROR(settle());
  warned_ = false;
  if (PQsendQuery(handle_, sql.c_str()) == 0) return lost();
  ASSIGN_OR_RETURN(const Answer answer, wait_for_answer(patience));
  return std::string(PQcmdStatus(answer.get()));
}

void Connection::send_rollback() {
  if (lost_) return;
  if (!settle() || PQsendQuery(handle_, "ROLLBACK") == 0 || PQflush(handle_) < 0) {
    lost_ = true;
    return;
  }
  leaving_ = true;
}

/// Reads what a rollback left behind.
Result<void> Connection::settle() {
  if (!leaving_) return {};
  leaving_ = false;
  RETURN_IF_ERROR(wait_for_answer(kBrief));
  return {};
}

bool Connection::is_fit() {
  if (lost_ || !settle()) return false;
  // Nothing was asked: whatever can be read is the end of the connection, or something that announces it.
  pollfd file{.fd = PQsocket(handle_), .events = POLLIN, .revents = 0};
  if (::poll(&file, 1, 0) != 0) lost_ = true;
  if (PQstatus(handle_) != CONNECTION_OK || PQtransactionStatus(handle_) != PQTRANS_IDLE) lost_ = true;
  return !lost_;
}

int Connection::server_version() const {
  return PQserverVersion(handle_);
}

std::string Connection::server() const {
  return std::string(PQhost(handle_)) + ':' + PQport(handle_);
}

bool Connection::awaits_answer() {
  return PQconsumeInput(handle_) != 0 && PQisBusy(handle_) != 0;
}

std::string Connection::quoted(std::string_view text) const {
  char* literal = PQescapeLiteral(handle_, text.data(), text.size());
  CHECK(literal != nullptr);
  std::string copy = literal;
  PQfreemem(literal);
  return copy;
}

void Connection::wait_for_input(int wake, Duration time) {
  pollfd files[] = {{.fd = PQsocket(handle_), .events = POLLIN, .revents = 0},
                    {.fd = wake, .events = POLLIN, .revents = 0}};
  if (::poll(files, 2, static_cast<int>(time.count())) > 0 && files[0].revents != 0) {
    if (PQconsumeInput(handle_) == 0) lost_ = true;
  }
}

void Connection::take_messages(const std::function<void(std::string_view message)>& on_message) {
  while (PGnotify* notification = PQnotifies(handle_)) {
    on_message(notification->extra);
    PQfreemem(notification);
  }
}

Result<std::string> Connection::prepared(std::string_view sql, const Bound& bound, Duration patience) {
  std::string key;
  key.reserve(sql.size() + bound.types.size() + 1);
  for (const Oid type : bound.types)
    key += type == kInt8 ? 'i' : type == kText ? 't' : type == kBytes ? 'b' : 'n';
  key += ' ';
  key += sql;
  if (const auto found = prepared_.find(key); found != prepared_.end()) return found->second;
  std::string name = "s" + std::to_string(prepared_.size());
  if (PQsendPrepare(handle_, name.c_str(), std::string(sql).c_str(), bound.count(), bound.types.data()) == 0)
    return lost();
  RETURN_IF_ERROR(wait_for_answer(patience));
  prepared_.emplace(std::move(key), name);
  return name;
}

/// Of several statements the first failure, else the last one's answer.
Result<Connection::Answer> Connection::wait_for_answer(Duration patience) {
  const auto end = std::chrono::steady_clock::now() + patience;
  Answer kept;
  for (;;) {
    for (int unsent = PQflush(handle_); PQisBusy(handle_) != 0; unsent = PQflush(handle_)) {
      if (unsent < 0 || !wait_until(end, unsent > 0) || PQconsumeInput(handle_) == 0) return lost();
    }
    Answer answer(PQgetResult(handle_));
    if (!answer) break;
    if (!kept || PQresultStatus(kept.get()) != PGRES_FATAL_ERROR) kept = std::move(answer);
  }
  if (!kept) return lost();
  return succeeded(std::move(kept));
}

bool Connection::wait_until(std::chrono::steady_clock::time_point end, bool unsent) {
  for (;;) {
    const auto left =
        std::chrono::ceil<std::chrono::milliseconds>(end - std::chrono::steady_clock::now()).count();
    if (left <= 0 || abandoned_) {
      silent_ = true;
      return false;
    }
    pollfd file{.fd = PQsocket(handle_), .events = POLLIN, .revents = 0};
    if (unsent) file.events |= POLLOUT;
    const int ready = ::poll(&file, 1, static_cast<int>(std::min<std::int64_t>(left, kLook.count())));
    if (ready > 0) return true;
    if (ready < 0 && errno != EINTR) return false;
  }
}

Result<Connection::Answer> Connection::succeeded(Answer answer) {
  switch (PQresultStatus(answer.get())) {
    case PGRES_COMMAND_OK:
    case PGRES_TUPLES_OK:
    case PGRES_EMPTY_QUERY:
      return answer;
    default:
      return failure(answer.get());
  }
}

tl::unexpected<Error> Connection::lost() {
  lost_ = true;
  return fail(ErrorKind::Unavailable, kLost,
              "The connection to the database was lost. Try again in a moment.",
              first_line(PQerrorMessage(handle_)));
}

// The primary message names tables and constraints. Only the one of an unreadable value (class 22) quotes it,
// and the details that would come beside it are left alone.
tl::unexpected<Error> Connection::failure(const pg_result* answer) {
  const std::string state = field_of(answer, PG_DIAG_SQLSTATE);
  const std::string words = state + ": " + field_of(answer, PG_DIAG_MESSAGE_PRIMARY);
  // The plan of a table that a migration changed meanwhile; a new connection has none.
  const bool stale_plan = field_of(answer, PG_DIAG_SOURCE_FUNCTION) == "RevalidateCachedQuery";
  switch (stale_plan ? Trouble::Lost : trouble_of(state, field_of(answer, PG_DIAG_SEVERITY_NONLOCALIZED))) {
    case Trouble::Lost:
      lost_ = true;
      return fail(ErrorKind::Unavailable, kLost,
                  "The connection to the database was lost. Try again in a moment.",
                  state.empty() ? first_line(PQresultErrorMessage(answer)) : words);
    case Trouble::ReadOnly:
      lost_ = true;
      return fail(ErrorKind::Unavailable, kReadOnly, "The database takes no changes. Try again in a moment.",
                  words);
    case Trouble::Conflict:
      return fail(ErrorKind::Unavailable, kConflict,
                  "Another change stood in the way. Try again in a moment.", words);
    case Trouble::Duplicate:
      return fail(ErrorKind::Conflict, kDuplicate, "This exists already.",
                  field_of(answer, PG_DIAG_CONSTRAINT_NAME));
    case Trouble::Reference:
      return fail(ErrorKind::Conflict, "storage.reference",
                  "Something that this refers to is gone, or something still refers to it.", words);
    case Trouble::Value:
      return fail(ErrorKind::Internal, "storage.failed",
                  "The database refused a statement. The log has its reason.", state);
    case Trouble::TooLong:
      // An entry of an index has at most 2,704 bytes.
      return fail(ErrorKind::InvalidInput, "storage.too_long",
                  "A value is too long: what people and applications are found by has at most 2,700 bytes.",
                  words);
    case Trouble::Busy:
      return fail(ErrorKind::Unavailable, kUnavailable,
                  "The database is busy or full. Try again in a moment, and look at the server's log.",
                  words);
    case Trouble::Damaged:
      return fail(ErrorKind::Internal, kDamaged,
                  "The PostgreSQL server says that its data is damaged. Look at its log.", words);
    case Trouble::Other:
      break;
  }
  return fail(ErrorKind::Internal, "storage.failed",
              "The database refused a statement. The log has its reason.", words);
}

bool OpenProofs::is_owed_by(const Connection& connection) {
  const std::lock_guard lock(mutex_);
  const auto found = by_server_.find(connection.server());
  if (found == by_server_.end()) return false;
  Open& open = found->second;
  if (open.connection->awaits_answer() && std::chrono::steady_clock::now() - open.since < kAwaited)
    return true;
  by_server_.erase(found);
  return false;
}

void OpenProofs::keep(std::unique_ptr<Connection> connection) {
  std::string server = connection->server();
  const std::lock_guard lock(mutex_);
  by_server_.insert_or_assign(std::move(server),
                              Open{std::move(connection), std::chrono::steady_clock::now()});
}

}  // namespace doorward::storage::postgres
