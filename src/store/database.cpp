// sqlite.org/c3ref; what to switch on for files that others may have written:
// sqlite.org/security.html.
#include "store/database.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sqlite3.h>
#include <sys/stat.h>

#include <cerrno>
#include <new>

#include "base/descriptor.h"
#include "base/error.h"
#include "base/paths.h"

namespace ponte::store {
namespace {

namespace fs = std::filesystem;

// As the XDG Base Directory Specification asks: for the user alone.
void create_folder(const fs::path& folder) {
  std::error_code ignored;
  if (folder.empty() || fs::is_directory(folder, ignored)) return;
  create_folder(folder.parent_path());
  if (::mkdir(folder.c_str(), 0700) != 0 && errno != EEXIST) {
    throw_system_error(Code::StoreInaccessible,
                       fmt::format("cannot make the folder `{}`", folder.native()), errno);
  }
}

// SQLite itself would make a file that others can read. A file that exists is not opened here:
// closing it would drop the locks that this process holds on it.
void create_private_file(const fs::path& path) {
  Descriptor file(::open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
  if (!file && errno != EEXIST) {
    throw_system_error(Code::StoreInaccessible,
                       fmt::format("cannot make the store `{}`", path.native()), errno);
  }
}

// SQLite takes a file of one byte for an empty one, and would overwrite it.
void refuse_one_byte(const fs::path& path) {
  std::error_code ignored;
  if (fs::file_size(path, ignored) != 1) return;
  throw Error(Code::NotAStore, fmt::format("`{}` is not a store: it has one byte", path.native()));
}

bool is_disk_full(int system_error) {
  return system_error == ENOSPC || system_error == EDQUOT || system_error == EFBIG;
}

}  // namespace

std::int64_t Value::too_large() {
  throw Error(Code::InvalidSample, "a measured value of 2^63 or more cannot be stored");
}

Query::Query(Database& database, std::string_view sql, std::initializer_list<Value> values)
    : database_(&database), sql_(sql), statement_(database.take_statement(sql)) {
  int index = 0;
  for (const Value& value : values) {
    ++index;
    int result = SQLITE_OK;
    if (const auto* number = std::get_if<std::int64_t>(&value.data_)) {
      result = sqlite3_bind_int64(statement_, index, *number);
    } else if (const auto* text = std::get_if<std::string_view>(&value.data_)) {
      // A null pointer would be NULL.
      const char* start = text->data() == nullptr ? "" : text->data();
      result = sqlite3_bind_text64(statement_, index, start, text->size(), SQLITE_TRANSIENT,
                                   SQLITE_UTF8);
    } else if (const auto* bytes = std::get_if<std::span<const std::byte>>(&value.data_)) {
      result = bytes->empty() ? sqlite3_bind_zeroblob(statement_, index, 0)
                              : sqlite3_bind_blob64(statement_, index, bytes->data(), bytes->size(),
                                                    SQLITE_TRANSIENT);
    }
    if (result != SQLITE_OK) {
      database.give_back(std::move(sql_), statement_);
      database.throw_error(result);
    }
  }
}

Query::~Query() { database_->give_back(std::move(sql_), statement_); }

bool Query::next() {
  column_ = 0;
  errno = 0;
  const int result = sqlite3_step(statement_);
  if (result == SQLITE_ROW) return true;
  if (result == SQLITE_DONE) return false;
  database_->throw_error(result);
}

bool Query::next_is_null() const { return sqlite3_column_type(statement_, column_) == SQLITE_NULL; }

std::int64_t Query::take_integer() {
  if (sqlite3_column_type(statement_, column_) != SQLITE_INTEGER)
    throw_corrupt("a column is not a number");
  return sqlite3_column_int64(statement_, column_++);
}

std::string_view Query::take_text() {
  if (sqlite3_column_type(statement_, column_) != SQLITE_TEXT)
    throw_corrupt("a column is not text");
  const unsigned char* text = sqlite3_column_text(statement_, column_);
  if (text == nullptr) throw std::bad_alloc();
  const int size = sqlite3_column_bytes(statement_, column_++);
  return {reinterpret_cast<const char*>(text), static_cast<std::size_t>(size)};
}

std::span<const std::byte> Query::take_bytes() {
  if (sqlite3_column_type(statement_, column_) != SQLITE_BLOB)
    throw_corrupt("a column is not binary");
  const void* bytes = sqlite3_column_blob(statement_, column_);
  const int size = sqlite3_column_bytes(statement_, column_++);
  return {static_cast<const std::byte*>(bytes), static_cast<std::size_t>(size)};
}

void Query::throw_corrupt(std::string_view what) const { database_->throw_corrupt(what); }

Database::Database(const fs::path& path, std::chrono::milliseconds busy_timeout)
    : path_(absolute_path(path)) {
  create_folder(path_.parent_path());
  create_private_file(path_);
  refuse_one_byte(path_);
  const int result = sqlite3_open_v2(path_.c_str(), &connection_,
                                     SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, nullptr);
  try {
    check(result);
    sqlite3_extended_result_codes(connection_, 1);
    check(sqlite3_busy_timeout(connection_, static_cast<int>(busy_timeout.count())));
    check(sqlite3_db_config(connection_, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr));
    check(sqlite3_db_config(connection_, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr));
    check(sqlite3_db_config(connection_, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, nullptr));
    check(sqlite3_db_config(connection_, SQLITE_DBCONFIG_ENABLE_VIEW, 0, nullptr));
    check(sqlite3_db_config(connection_, SQLITE_DBCONFIG_ENABLE_FKEY, 1, nullptr));
    script("PRAGMA synchronous = NORMAL; PRAGMA cell_size_check = ON; PRAGMA temp_store = MEMORY;");
  } catch (...) {
    sqlite3_close_v2(connection_);
    throw;
  }
}

Database::~Database() {
  for (const auto& [sql, statement] : idle_statements_) sqlite3_finalize(statement);
  sqlite3_close_v2(connection_);
}

void Database::run(std::string_view sql, std::initializer_list<Value> values) {
  Query rows = query(sql, values);
  while (rows.next()) {
  }
}

void Database::script(const std::string& sql) {
  errno = 0;
  check(sqlite3_exec(connection_, sql.c_str(), nullptr, nullptr, nullptr));
}

std::int64_t Database::last_insert_id() const { return sqlite3_last_insert_rowid(connection_); }
std::int64_t Database::changed_rows() const { return sqlite3_changes64(connection_); }
bool Database::in_transaction() const { return sqlite3_get_autocommit(connection_) == 0; }

sqlite3_stmt* Database::take_statement(std::string_view sql) {
  if (const auto it = idle_statements_.find(sql); it != idle_statements_.end()) {
    sqlite3_stmt* statement = it->second;
    idle_statements_.erase(it);
    return statement;
  }
  sqlite3_stmt* statement = nullptr;
  check(sqlite3_prepare_v3(connection_, sql.data(), static_cast<int>(sql.size()),
                           SQLITE_PREPARE_PERSISTENT, &statement, nullptr));
  return statement;
}

void Database::give_back(std::string sql, sqlite3_stmt* statement) {
  sqlite3_reset(statement);
  sqlite3_clear_bindings(statement);
  if (!idle_statements_.emplace(std::move(sql), statement).second) sqlite3_finalize(statement);
}

void Database::check(int result) const {
  if (result != SQLITE_OK) throw_error(result);
}

void Database::throw_corrupt(std::string_view what) const {
  throw Error(Code::StoreCorrupt,
              fmt::format("the store `{}` is damaged: {}", path_.native(), what),
              "move the file away; a new one is made at the next use");
}

void Database::throw_error(int result) const {
  // SQLite does not always keep the system's error, but nothing that it does after a failed write
  // sets errno again.
  const int last_error = errno;
  const std::string reason =
      connection_ == nullptr ? sqlite3_errstr(result) : sqlite3_errmsg(connection_);
  const int kept_error = connection_ == nullptr ? 0 : sqlite3_system_errno(connection_);
  const int system_error = kept_error != 0 ? kept_error : last_error;
  switch (result & 0xff) {
    case SQLITE_NOMEM:
      throw std::bad_alloc();
    case SQLITE_CORRUPT:
    case SQLITE_ERROR:  // the statements are constant: the schema is not what its version says
      throw_corrupt(reason);
    case SQLITE_NOTADB:
      throw Error(Code::NotAStore, fmt::format("`{}` is not a store: {}", path_.native(), reason),
                  "move the file away; a new one is made at the next use");
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      throw Error(Code::StoreLocked,
                  fmt::format("another program keeps the store `{}` locked", path_.native()));
    case SQLITE_FULL:
      throw Error(Code::StoreFull, fmt::format("no space left for the store `{}`", path_.native()));
    case SQLITE_IOERR:
      if (is_disk_full(system_error)) {
        throw Error(Code::StoreFull, fmt::format("no space left for the store `{}`: {}",
                                                 path_.native(), system_message(system_error)));
      }
      [[fallthrough]];
    case SQLITE_CANTOPEN:
    case SQLITE_PERM:
    case SQLITE_READONLY:
    case SQLITE_AUTH:
    case SQLITE_NOLFS:
      throw Error(Code::StoreInaccessible,
                  system_error == 0
                      ? fmt::format("cannot use the store `{}`: {}", path_.native(), reason)
                      : fmt::format("cannot use the store `{}`: {}: {}", path_.native(), reason,
                                    system_message(system_error)));
    default:
      throw Error(Code::InternalError,
                  fmt::format("the store `{}`: {} (SQLite {})", path_.native(), reason, result));
  }
}

Transaction::Transaction(Database& database, Kind kind) : database_(database) {
  database_.run(kind == Kind::Read ? "BEGIN" : "BEGIN IMMEDIATE");
}

Transaction::~Transaction() {
  if (!database_.in_transaction()) return;  // committed, or rolled back by SQLite itself
  try {
    database_.run("ROLLBACK");
  } catch (...) {
    // The error that led here is the one to be seen; SQLite rolls back when the connection closes.
  }
}

void Transaction::commit() { database_.run("COMMIT"); }

}  // namespace ponte::store
