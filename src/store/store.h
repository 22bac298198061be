// The store: every run of the program with its raw measurements, in one SQLite file.
#pragma once

#include <chrono>
#include <cstddef>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "store/records.h"
#include "store/run_writer.h"

namespace ponte::store {

class Database;

// $XDG_DATA_HOME/ponte/ponte.sqlite3
std::filesystem::path default_path();

struct OpenOptions {
  std::chrono::milliseconds busy_timeout{
      5000};  // how long to wait for another writer before StoreLocked
};

// One connection. Any number of processes may read while one writes. All functions throw
// StoreCorrupt, StoreLocked, StoreFull or StoreInaccessible. Not for use from two threads at once.
class Store {
 public:
  // Makes the store where it does not exist and migrates an older one. Throws NotAStore and
  // StoreTooNew.
  static Store open(const std::filesystem::path& path, const OpenOptions& options = {});
  Store(Store&&) noexcept;
  Store& operator=(Store&&) noexcept;
  ~Store();

  // This process owns the run until the writer ends.
  RunWriter begin_run(const RunDescription& description);

  // Takes over the latest run of this plan that is not finished and whose process has ended, in one
  // step, and drops its incomplete pairs; none where there is none.
  std::optional<RunWriter> resume_run(std::string_view plan_key);

  // The latest first.
  std::vector<Run> list_runs();

  // Everything about a run, as of one moment. Throws UnknownRun.
  RunRecord load_run(RunId id);

  // Throws UnknownRun.
  std::optional<std::string> document(RunId id, DocumentKind kind);

  // Throws UnknownRun, and RunInUse where a living process owns the run.
  void delete_run(RunId id);

  // Reads everything; what is wrong, in words. Empty: the store is sound.
  std::vector<std::string> check_integrity();

 private:
  explicit Store(std::shared_ptr<Database> database);

  std::shared_ptr<Database> database_;
};

}  // namespace ponte::store
