#include "lab/plan.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>

#include "base/bytes.h"
#include "base/error.h"
#include "base/hash.h"
#include "base/json.h"

namespace ponte::lab {
namespace {

constexpr std::uint64_t runtime_bytes = std::uint64_t{256} << 20;
constexpr std::uint64_t copies_of_weights = 3;  // as read, as packed, and in between

std::vector<std::filesystem::path> files_of(const ModelFile& model) {
  std::vector<std::filesystem::path> files = {model.path};
  if (!model.weights.empty()) files.push_back(model.weights);
  files.insert(files.end(), model.others.begin(), model.others.end());
  return files;
}

struct FileFacts {
  std::string hash;
  std::uint64_t bytes = 0;
};

// Of contents only: the same model elsewhere, or converted anew, is the same model.
class FileReader {
 public:
  const FileFacts& of(const std::filesystem::path& path) {
    const auto [entry, is_new] = known_.try_emplace(path);
    if (is_new) {
      const auto source = open_file(path);
      entry->second = {content_hash(*source), source->size()};
    }
    return entry->second;
  }

  FileFacts of(const ModelFile& model) {
    FileFacts all;
    for (const auto& file : files_of(model)) {
      const FileFacts& facts = of(file);
      all.hash += facts.hash;
      all.bytes += facts.bytes;
    }
    if (all.hash.size() > 32) all.hash = content_hash(all.hash);
    return all;
  }

 private:
  std::map<std::filesystem::path, FileFacts> known_;
};

Json inputs_json(const ModelFile& model) {
  Json list = Json::array();
  if (!model.inputs) return list;
  for (const runtimes::HostTensor& input : *model.inputs) {
    list.push_back({{"name", input.name},
                    {"dtype", ir::to_string(input.dtype)},
                    {"shape", input.shape},
                    {"hash", content_hash(input.bytes)}});
  }
  return list;
}

Json trial_json(const Trial& trial) {
  Json states = Json::array();
  for (const protocol::StateLink& state : trial.model.states)
    states.push_back({{"input", state.input}, {"output", state.output}});
  return {{"model", trial.model.name},
          {"model_hash", trial.model_hash},
          {"format", trial.model.format},
          {"batch", trial.model.batch},
          {"inputs", inputs_json(trial.model)},
          {"states", std::move(states)},
          {"runtime", trial.runtime.name},
          {"version", trial.runtime.version},
          {"library", trial.runtime.library.string()},
          {"library_hash", trial.library_hash},
          {"device", trial.device},
          {"settings", trial.settings},
          {"status", store::to_string(trial.status)},
          {"why", trial.why}};
}

Json rules_json(const Rules& rules) {
  return {{"precision", rules.precision},
          {"max_time_ns", rules.max_time.count()},
          {"budget_ns", rules.budget ? Json(rules.budget->count()) : Json()},
          {"least_claim", rules.least_claim},
          {"seed", rules.seed}};
}

// Where things lie, and what was estimated, make no other plan.
std::string key_of(const Plan& plan) {
  Json trials = Json::array();
  for (const Trial& trial : plan.trials) {
    Json json = trial_json(trial);
    json.erase("library");
    json.erase("why");
    trials.push_back(std::move(json));
  }
  return content_hash(json_line({{"trials", std::move(trials)},
                                 {"baseline", plan.baseline},
                                 {"rules", rules_json(plan.rules)},
                                 {"scenario", "single-stream"},
                                 {"program", plan.program_version}}));
}

bool is_same(const Trial& a, const Trial& b) {
  return a.model.name == b.model.name && a.model_hash == b.model_hash &&
         a.runtime.name == b.runtime.name && a.runtime.version == b.runtime.version &&
         a.runtime.library == b.runtime.library && a.device == b.device && a.settings == b.settings;
}

// Equal subjects are two trials on purpose: A against A. Equal settings within one are a repetition
// by mistake.
void add_trials(const Subject& subject, FileReader& files, std::vector<Trial>& trials) {
  const std::size_t first = trials.size();
  Trial trial{.model = subject.model, .runtime = subject.runtime};
  trial.status = subject.status;
  trial.why = subject.why;
  if (trial.status == store::TrialStatus::Ok) {
    const FileFacts model = files.of(subject.model);
    trial.model_hash = model.hash;
    trial.memory_bytes = runtime_bytes + copies_of_weights * model.bytes;
    if (!subject.runtime.library.empty())
      trial.library_hash = files.of(subject.runtime.library).hash;
  }
  for (const std::string& device : subject.devices) {
    for (const Settings& settings : subject.settings) {
      trial.device = device;
      trial.settings = settings;
      trial.id = fmt::format("t{}", trials.size() + 1);
      const auto own = std::span(trials).subspan(first);
      if (std::ranges::none_of(own, [&](const Trial& other) { return is_same(trial, other); }))
        trials.push_back(trial);
    }
  }
}

}  // namespace

bool can_run(const Trial& trial) { return trial.status == store::TrialStatus::Ok; }

Rules quick_rules(Rules rules) {
  rules.least_claim = 0.05;
  rules.precision = std::max(rules.precision, 0.05);
  rules.budget = std::chrono::seconds(10);
  return rules;
}

std::vector<Settings> cross(const std::map<std::string, std::vector<std::string>>& values) {
  std::vector<Settings> all = {{}};
  for (const auto& [key, choices] : values) {
    std::vector<Settings> wider;
    for (const Settings& settings : all) {
      for (const std::string& choice : choices) {
        wider.push_back(settings);
        wider.back()[key] = choice;
      }
    }
    all = std::move(wider);
  }
  return all;
}

std::vector<std::vector<std::size_t>> group_by_memory(std::span<const std::uint64_t> needs_bytes,
                                                      std::size_t baseline,
                                                      std::uint64_t limit_bytes) {
  const double room = limit_bytes == 0 ? std::numeric_limits<double>::infinity()
                                       : usable_memory * static_cast<double>(limit_bytes);
  std::vector<std::vector<std::size_t>> groups = {{baseline}};
  auto used = static_cast<double>(needs_bytes[baseline]);
  for (std::size_t i = 0; i < needs_bytes.size(); ++i) {
    if (i == baseline) continue;
    const auto need = static_cast<double>(needs_bytes[i]);
    if (used + need > room && groups.back().size() > 1) {
      groups.push_back({baseline});
      used = static_cast<double>(needs_bytes[baseline]);
    }
    groups.back().push_back(i);
    used += need;
  }
  return groups;
}

Plan make_plan(const std::vector<Subject>& subjects, const PlanOptions& options) {
  Plan plan{.rules = options.rules,
            .memory_bytes = options.memory_bytes,
            .program_version = options.program_version};
  FileReader files;
  for (const Subject& subject : subjects) add_trials(subject, files, plan.trials);
  if (plan.trials.empty()) throw Error(Code::NothingToMeasure, "there is nothing to measure");
  set_baseline(plan, options.baseline);
  return plan;
}

void set_baseline(Plan& plan, std::size_t trial) {
  if (trial >= plan.trials.size()) {
    throw Error(Code::UsageError, fmt::format("there is no trial {} to compare with", trial + 1),
                fmt::format("there are {} trials", plan.trials.size()));
  }
  plan.baseline = trial;
  std::vector<std::uint64_t> needs;
  for (const Trial& each : plan.trials) needs.push_back(each.memory_bytes);
  plan.groups = group_by_memory(needs, plan.baseline, plan.memory_bytes);
  plan.key = key_of(plan);
}

void keep_first(Plan& plan, std::span<const std::string> trials, std::size_t count) {
  const std::string baseline = plan.trials[plan.baseline].id;
  const auto dropped = trials.subspan(std::min(count, trials.size()));
  std::erase_if(plan.trials, [&](const Trial& trial) {
    return std::ranges::find(dropped, trial.id) != dropped.end();
  });
  const auto kept = std::ranges::find(plan.trials, baseline, &Trial::id) - plan.trials.begin();
  for (std::size_t i = 0; i < plan.trials.size(); ++i)
    plan.trials[i].id = fmt::format("t{}", i + 1);
  set_baseline(plan, static_cast<std::size_t>(kept));
}

std::size_t comparison_count(const Plan& plan) {
  const auto able = static_cast<std::size_t>(std::ranges::count_if(plan.trials, can_run));
  return can_run(plan.trials[plan.baseline]) ? able - 1 : 0;
}

// Without a baseline each trial stands for itself.
Nanoseconds time_per_comparison(const Plan& plan) {
  if (!plan.rules.budget) return plan.rules.max_time;
  const auto able = std::ranges::count_if(plan.trials, can_run);
  const auto parts = std::max<std::ptrdiff_t>(
      1, can_run(plan.trials[plan.baseline]) && able > 1 ? able - 1 : able);
  return std::min(plan.rules.max_time, *plan.rules.budget / parts);
}

Nanoseconds longest_time(const Plan& plan) {
  const auto able = std::ranges::count_if(plan.trials, can_run);
  const auto parts = can_run(plan.trials[plan.baseline]) && able > 1 ? able - 1 : able;
  return time_per_comparison(plan) * parts;
}

Json to_json(const Plan& plan) {
  Json trials = Json::array();
  for (const Trial& trial : plan.trials) {
    Json json = trial_json(trial);
    json["id"] = trial.id;
    trials.push_back(std::move(json));
  }
  return {{"key", plan.key},
          {"trials", std::move(trials)},
          {"baseline", plan.trials[plan.baseline].id},
          {"groups", plan.groups},
          {"rules", rules_json(plan.rules)},
          {"seconds_at_most", std::chrono::duration<double>(longest_time(plan)).count()}};
}

}  // namespace ponte::lab
