#include "cli/measurement_flags.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>

#include "base/counted.h"
#include "base/error.h"
#include "base/text.h"
#include "cli/input_flags.h"
#include "cli/invocation.h"
#include "cli/limit_flags.h"
#include "cli/quantities.h"
#include "jobs/trial_settings.h"
#include "statistics/ratio.h"
#include "store/store.h"

namespace ponte::cli {
namespace {

double parse_precision(const std::string& text) {
  const Quantity quantity = parse_quantity("--precision", text, "1%");
  const double share = quantity.unit == "%" ? quantity.number / 100 : quantity.number;
  if ((!quantity.unit.empty() && quantity.unit != "%") || share >= 1) {
    throw Error(Code::UsageError, fmt::format("`{}` is no precision", text),
                "write --precision 1% or --precision 0.01");
  }
  return share;
}

std::vector<std::uint64_t> thread_counts(const std::vector<std::string>& texts) {
  std::vector<std::uint64_t> counts;
  for (const std::string& text : texts) {
    std::uint64_t count = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), count);
    if (error != std::errc() || end != text.data() + text.size()) {
      throw Error(Code::UsageError,
                  fmt::format("`{}` is no number of threads", escape_control(text, 60)),
                  "write --threads 1,2");
    }
    jobs::require_thread_count("--threads", count);
    counts.push_back(count);
  }
  return counts;
}

lab::Rules rules_of(const Arguments& arguments, std::optional<Nanoseconds> budget) {
  lab::Rules rules{.budget = budget, .seed = arguments.count("--seed").value_or(1)};
  if (arguments.has("--quick")) rules = lab::quick_rules(rules);
  if (const auto text = arguments.text("--precision")) rules.precision = parse_precision(*text);
  if (const auto text = arguments.text("--max-time"))
    rules.max_time = parse_time("--max-time", *text);
  if (const auto text = arguments.text("--budget")) rules.budget = parse_time("--budget", *text);
  return rules;
}

// What was typed, and what the environment and configuration files added.
std::string command_line_of(const Arguments& arguments) {
  std::vector<std::string> words = {"ponte", std::string(arguments.command->name)};
  words.insert(words.end(), arguments.positionals.begin(), arguments.positionals.end());
  for (const FlagGroup& group : groups_of(arguments.command))
    add_flag_words(arguments, group, words);
  return shell_words(words);
}

std::string duration_text(Nanoseconds time) {
  return format_duration(std::chrono::duration<double>(time));
}

constexpr auto measurement = std::to_array<Flag>({
    {.name = "--runtime",
     .takes = Takes::Text,
     .value = "NAME,...",
     .help = "runtimes to measure on, such as onnxruntime or onnxruntime@1.20",
     .details = "A version is looked up over all environments; `@/path` names a place. By default "
                "all runtimes that this machine has and that take the model.",
     .repeat = Repeat::Many},
    {.name = "--device",
     .takes = Takes::Text,
     .value = "NAME,...",
     .help = "devices, such as cpu or cuda:0",
     .repeat = Repeat::Many},
    {.name = "--threads",
     .takes = Takes::Text,
     .value = "1,2",
     .help = "numbers of threads, each a trial of its own",
     .details = "At most four for each of the machine's processors.",
     .repeat = Repeat::Many},
    {.name = "--set",
     .takes = Takes::Text,
     .value = "RUNTIME.KEY=VALUE,...",
     .help = "a setting of a runtime; several values are several trials",
     .repeat = Repeat::Many},
    {.name = "--precision",
     .takes = Takes::Text,
     .value = "2%",
     .help = "how wide the 95 % interval of a ratio may be"},
    {.name = "--max-time",
     .takes = Takes::Text,
     .value = "60s",
     .help = "the time after which one comparison ends",
     .details = "Loading and warming up count. The processes that are running are finished, and "
                "there are at least 6 pairs of them, or 3 where loading and warming up take more "
                "than a fifth of the time."},
    {.name = "--budget",
     .takes = Takes::Text,
     .value = "2min",
     .help = "the time for all comparisons together, each of which ends with its part"},
    {.name = "--quick", .help = "10 seconds of measuring; claims no difference under 5 %"},
    {.name = "--seed", .takes = Takes::Count, .value = "N", .help = "of inputs and of the order"},
    {.name = "--strict", .help = "a trial that fails is an error although others answer"},
});

}  // namespace

constinit const FlagGroup measurement_flags{"Measurement", measurement};

jobs::BenchOptions measurement_options(const Arguments& arguments,
                                       const std::vector<std::string>& models,
                                       std::optional<Nanoseconds> budget) {
  jobs::BenchOptions options;
  for (const std::string& path : models) options.models.push_back(model_options(arguments, path));
  options.runtimes = arguments.listed("--runtime");
  options.devices = arguments.listed("--device");
  options.threads = thread_counts(arguments.listed("--threads"));
  options.settings = arguments.all("--set");
  options.rules = rules_of(arguments, budget);
  options.inputs.seed = options.rules.seed;
  options.input_files = input_files(arguments);
  options.is_strict = arguments.has("--strict");
  options.worker = worker_limits(arguments);
  options.store = store::default_path();
  options.command_line = command_line_of(arguments);
  return options;
}

std::string plan_text(const lab::Plan& plan) {
  const std::size_t comparisons = lab::comparison_count(plan);
  return fmt::format("{}, {}, about {}; at least {} process pairs each",
                     counted(plan.trials.size(), "trial", "trials"),
                     counted(comparisons, "comparison", "comparisons"),
                     duration_text(lab::longest_time(plan)), statistics::least_process_pairs);
}

std::string progress_text(const lab::Progress& progress) {
  return fmt::format("measuring: {} of {} done, {}, {} of about {}", progress.comparisons_done,
                     progress.comparisons,
                     counted(progress.process_pairs, "process pair", "process pairs"),
                     duration_text(progress.elapsed), duration_text(progress.at_most));
}

}  // namespace ponte::cli
