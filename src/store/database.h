// SQLite as values and exceptions: connections, prepared statements, transactions.
#pragma once

#include <chrono>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <initializer_list>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

struct sqlite3;
struct sqlite3_stmt;

namespace ponte::store {

// A parameter of a statement. Text and bytes are referred to, and copied when they are bound.
class Value {
 public:
  Value(std::nullopt_t) {}
  // Throws InvalidSample for a number over 2^63 - 1, the largest that SQLite stores.
  template <std::integral Integer>
  requires(!std::same_as<Integer, bool>) Value(Integer number)
      : data_(std::in_range<std::int64_t>(number) ? static_cast<std::int64_t>(number)
                                                  : too_large()) {}
  template <std::same_as<bool> Boolean>
  Value(Boolean truth) : data_(std::int64_t{truth}) {}
  template <typename Id>
  requires std::is_enum_v<Id> && std::same_as<std::underlying_type_t<Id>, std::int64_t> Value(Id id)
      : data_(static_cast<std::int64_t>(id)) {}
  Value(std::string_view text) : data_(text) {}
  Value(const std::string& text) : data_(std::string_view(text)) {}
  Value(std::span<const std::byte> bytes) : data_(bytes) {}
  template <typename T>
  Value(const std::optional<T>& value) : Value(value ? Value(*value) : Value(std::nullopt)) {}

 private:
  friend class Query;
  [[noreturn]] static std::int64_t too_large();

  std::variant<std::monostate, std::int64_t, std::string_view, std::span<const std::byte>> data_;
};

class Database;

// A statement that is being executed. At most as long-lived as its database.
class Query {
 public:
  Query(Query&&) = delete;
  ~Query();

  // Moves to the next row; false after the last one.
  bool next();

  // The row's next column, from the left. Throws StoreCorrupt when it has another type or is out of
  // T's range.
  template <typename T>
  T take();

 private:
  friend class Database;
  Query(Database& database, std::string_view sql, std::initializer_list<Value> values);
  bool next_is_null() const;
  std::int64_t take_integer();
  std::string_view take_text();
  std::span<const std::byte> take_bytes();
  [[noreturn]] void throw_corrupt(std::string_view what) const;

  Database* database_;
  std::string sql_;
  sqlite3_stmt* statement_;
  int column_ = 0;
};

// One connection. Statements are prepared once. Every failure of SQLite becomes an Error:
// StoreCorrupt, NotAStore, StoreLocked, StoreFull, StoreInaccessible. Not for use from two threads
// at once, nor in a child after fork.
class Database {
 public:
  // Makes the file and its folders, readable for the user alone, where they don't exist.
  Database(const std::filesystem::path& path, std::chrono::milliseconds busy_timeout);
  ~Database();
  Database(Database&&) = delete;

  void run(std::string_view sql, std::initializer_list<Value> values = {});
  Query query(std::string_view sql, std::initializer_list<Value> values = {}) {
    return {*this, sql, values};
  }
  // Several statements; what they return is dropped.
  void script(const std::string& sql);
  // The first column of the first row; throws StoreCorrupt where there is none.
  template <typename T>
  T single(std::string_view sql, std::initializer_list<Value> values = {});

  std::int64_t last_insert_id() const;
  std::int64_t changed_rows() const;  // by the last statement
  bool in_transaction() const;
  const std::filesystem::path& path() const { return path_; }

  [[noreturn]] void throw_corrupt(std::string_view what) const;

 private:
  friend class Query;
  sqlite3_stmt* take_statement(std::string_view sql);
  void give_back(std::string sql, sqlite3_stmt* statement);
  void check(int result) const;
  [[noreturn]] void throw_error(int result) const;

  std::filesystem::path path_;
  sqlite3* connection_ = nullptr;
  std::map<std::string, sqlite3_stmt*, std::less<>> idle_statements_;
};

// Rolled back unless it is committed.
class Transaction {
 public:
  // Read: all that is read belongs together. Write: the only writer, from the start.
  enum class Kind { Read, Write };

  Transaction(Database& database, Kind kind);
  Transaction(Transaction&&) = delete;
  ~Transaction();
  void commit();

 private:
  Database& database_;
};

namespace detail {
template <typename T>
inline constexpr bool is_optional = false;
template <typename T>
inline constexpr bool is_optional<std::optional<T>> = true;
}  // namespace detail

template <typename T>
T Query::take() {
  if constexpr (detail::is_optional<T>) {
    if (!next_is_null()) return take<typename T::value_type>();
    ++column_;
    return std::nullopt;
  } else if constexpr (std::same_as<T, bool>) {
    return take_integer() != 0;
  } else if constexpr (std::integral<T>) {
    const std::int64_t number = take_integer();
    if (!std::in_range<T>(number)) throw_corrupt("a number is out of range");
    return static_cast<T>(number);
  } else if constexpr (std::is_enum_v<T>) {
    static_assert(std::same_as<std::underlying_type_t<T>, std::int64_t>);
    return static_cast<T>(take_integer());
  } else if constexpr (std::same_as<T, std::string>) {
    return std::string(take_text());
  } else {
    static_assert(std::same_as<T, std::vector<std::byte>>);
    const auto bytes = take_bytes();
    return {bytes.begin(), bytes.end()};
  }
}

template <typename T>
T Database::single(std::string_view sql, std::initializer_list<Value> values) {
  Query rows = query(sql, values);
  if (!rows.next()) throw_corrupt("a row is missing");
  return rows.take<T>();
}

}  // namespace ponte::store
