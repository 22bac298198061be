// What is measured: trials, against which of them the others are compared, and until when.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/json_fwd.h"
#include "runtimes/adapter.h"
#include "runtimes/worker.h"
#include "store/records.h"

namespace ponte::lab {

using runtimes::Settings;

// A model in the form that one runtime takes, with the inputs that it is measured on.
struct ModelFile {
  std::string name{};  // as the user gave it
  std::filesystem::path path{};
  std::filesystem::path weights{};              // empty: none
  std::vector<std::filesystem::path> others{};  // whose contents belong to the model
  std::string format{};
  std::shared_ptr<const std::vector<runtimes::HostTensor>> inputs{};
  std::vector<protocol::StateLink> states{};
  std::int64_t batch = 1;  // items in one execution
};

// One installation of a runtime and how its worker is started.
struct RuntimeChoice {
  std::string name{};
  std::string version{};
  std::filesystem::path library{};  // empty: the worker has it built in
  runtimes::WorkerCommand command{};
};

// One model on one runtime, to be crossed with devices and settings. A status other than Ok makes
// rows with their reason; nothing of it is started.
struct Subject {
  ModelFile model{};
  RuntimeChoice runtime{};
  std::vector<std::string> devices = {"cpu"};
  std::vector<Settings> settings = {{}};
  store::TrialStatus status = store::TrialStatus::Ok;
  std::string why{};
};

struct Trial {
  std::string id{};  // "t1": unique in its plan, and its place there
  ModelFile model{};
  RuntimeChoice runtime{};
  std::string device{};
  Settings settings{};
  std::string model_hash{};
  std::string library_hash{};
  std::uint64_t memory_bytes = 0;  // what it will probably need
  store::TrialStatus status = store::TrialStatus::Ok;
  std::string why{};
};

// When to stop, and what may be claimed. Nothing here looks at significance.
struct Rules {
  double precision = 0.02;                          // relative width of the 95 % interval
  Nanoseconds max_time = std::chrono::seconds(60);  // per comparison
  std::optional<Nanoseconds> budget{};              // of all comparisons together
  double least_claim = 0;  // no difference smaller than this one is claimed
  std::uint64_t seed = 1;
};

// 10 seconds for everything, and no claim under 5 %.
Rules quick_rules(Rules rules);

struct PlanOptions {
  Rules rules{};
  std::size_t baseline = 0;
  std::uint64_t memory_bytes = 0;  // that all workers together may hold; 0: no limit
  std::string program_version{};
};

struct Plan {
  std::vector<Trial> trials{};
  std::size_t baseline = 0;
  // Trials that are measured together; the baseline is the first of each group.
  std::vector<std::vector<std::size_t>> groups{};
  Rules rules{};
  std::uint64_t memory_bytes = 0;
  std::string program_version{};
  std::string key{};  // equal for plans that measure the same in the same way
};

// Every combination of the keys' values, the last key changing fastest.
std::vector<Settings> cross(const std::map<std::string, std::vector<std::string>>& values);

// Trials = subjects x devices x settings, in this order; equal ones are one. Reads the models and
// libraries for their hashes. Throws UsageError when nothing is left or the baseline is none of the
// trials, and what reading throws.
Plan make_plan(const std::vector<Subject>& subjects, const PlanOptions& options);

// Compares with another trial.
void set_baseline(Plan& plan, std::size_t trial);

// Only the first `count` of these trials stay, in the plan's order, and whatever is not among them.
// The baseline must not be among them.
void keep_first(Plan& plan, std::span<const std::string> trials, std::size_t count);

inline constexpr double usable_memory = 0.6;  // share of the limit that a group may need

// The baseline with each of the others such that a group's needs fit into usable_memory of the
// limit (0: no limit). A trial that fits with nothing has the baseline alone beside it.
std::vector<std::vector<std::size_t>> group_by_memory(std::span<const std::uint64_t> needs_bytes,
                                                      std::size_t baseline,
                                                      std::uint64_t limit_bytes);

bool can_run(const Trial& trial);

// Trials that can be measured and are not the baseline; 0 where there is only one.
std::size_t comparison_count(const Plan& plan);

// After which one comparison (or the only trial) ends, once it has its least number of process
// pairs.
Nanoseconds time_per_comparison(const Plan& plan);

// The sum of it over the comparisons. Most runs reach the precision asked for earlier.
Nanoseconds longest_time(const Plan& plan);

// For people and for the store: trials, baseline, groups, rules.
Json to_json(const Plan& plan);

}  // namespace ponte::lab
