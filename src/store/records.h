// What the store holds, as plain structs. Raw measurements only: aggregates are computed from them.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace ponte::store {

// Numbers that the store gives out. A run's number is never given to another run, not even after it
// was deleted.
enum class RunId : std::int64_t {};
enum class TrialId : std::int64_t {};
enum class PairId : std::int64_t {};
enum class ProcessId : std::int64_t {};

using Timestamp = std::chrono::sys_time<std::chrono::milliseconds>;
Timestamp now();

// Running: a living process owns the run. Interrupted: it ended before the run was finished.
enum class RunStatus : std::uint8_t { Running, Finished, Interrupted };
enum class DocumentKind : std::uint8_t { Inspect, Convert, Verify, Bench, Analyze, Environment };
enum class TrialStatus : std::uint8_t { Ok, Crashed, TimedOut, OutOfMemory, Refused, Unavailable };
enum class Phase : std::uint8_t { Warmup, Resume, Measure };

// The words that stand in the store and in JSON: "running", "inspect", "out_of_memory", "measure".
std::string_view to_string(RunStatus status);
std::string_view to_string(DocumentKind kind);
std::string_view to_string(TrialStatus status);
std::string_view to_string(Phase phase);

// The enumerator that to_string calls `word`; none where there is no such one. For the four enums
// above.
template <typename Enum>
std::optional<Enum> parse(std::string_view word);

// How a run begins.
struct RunDescription {
  std::string command_line;
  std::string plan_key;  // hash of everything that makes two runs the same: models, trials, options
  std::string program_version;
  Timestamp started_at = now();
};

struct Run {
  RunId id{};
  Timestamp started_at{};
  std::optional<Timestamp> finished_at;  // or interrupted, where the program could still say so
  std::string command_line;
  std::string plan_key;
  RunStatus status = RunStatus::Running;
  std::string program_version;
  std::int64_t session = 1;  // how many processes have worked on it
};

// One model on one runtime with one settings on one device.
struct Trial {
  TrialId id{};
  std::int64_t ordinal = 0;  // within the run
  std::string model;         // path
  std::string model_hash;
  std::string runtime;
  std::string version;
  std::string library_hash;
  std::string device;
  std::string settings;  // JSON object
  std::string scenario;
  std::int64_t batch = 1;
  TrialStatus status = TrialStatus::Ok;
  std::string why;  // for people; empty where the status is Ok
};

// Consecutive executions of one process in one phase.
struct Block {
  std::int64_t ordinal = 0;  // within the process
  std::int64_t position =
      0;  // in the mirrored order (ABBA) of the process pair, over all its processes
  Phase phase = Phase::Measure;
  std::optional<std::uint64_t> canary_ns{};
  std::uint64_t started_ns = 0;  // CLOCK_MONOTONIC_RAW
  std::uint64_t executions_per_sample = 1;
  std::vector<std::uint64_t> samples_ns{};  // as they came; the time of a whole sample
};

// What is known of a worker process once it has answered.
struct ProcessFacts {
  std::optional<std::uint64_t> load_ns{};
  std::optional<std::uint64_t> first_ns{};
  std::optional<std::uint64_t> peak_rss_bytes{};
  std::optional<std::uint64_t> private_bytes{};
  std::optional<std::uint64_t> cpu_ns{};
  std::optional<bool> steady{};
  std::optional<std::uint64_t> warmup_executions{};
  std::vector<std::string> warnings{};
};

struct Process {
  ProcessId id{};
  TrialId trial{};
  int pid = 0;
  ProcessFacts facts{};
  std::vector<Block> blocks{};  // by ordinal
};

// Processes of different trials that were started together; one alone where a scenario has nothing
// to pair.
struct ProcessPair {
  PairId id{};
  std::int64_t comparison = 0;
  std::int64_t round = 0;    // within the comparison
  std::int64_t session = 1;  // of the run; a pair never spans two
  bool complete = false;     // only complete pairs count
  std::vector<Process> processes{};
};

// Everything about one run.
struct RunRecord {
  Run run;
  std::vector<Trial> trials;       // by ordinal
  std::vector<ProcessPair> pairs;  // by comparison and round
  std::map<DocumentKind, std::string> documents;
};

}  // namespace ponte::store
