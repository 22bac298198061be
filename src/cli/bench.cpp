// ponte bench
#include "jobs/bench.h"

#include <fmt/format.h>

#include <array>

#include "cli/common_flags.h"
#include "cli/input_flags.h"
#include "cli/invocation.h"
#include "cli/limit_flags.h"
#include "cli/measurement_flags.h"

namespace ponte::cli {
namespace {

int run(Invocation& invocation) {
  const Arguments& arguments = invocation.arguments;
  jobs::BenchOptions options = measurement_options(arguments, arguments.positionals, std::nullopt);
  options.baseline = arguments.text_or("--baseline", "");
  options.stop = install_interrupt_handler();
  ProgressLine line(invocation.console);
  options.on_plan = [&](const lab::Plan& plan) { invocation.console.message(plan_text(plan)); };
  options.on_progress = [&](const lab::Progress& progress) { line.show(progress_text(progress)); };
  const jobs::BenchResult result = jobs::bench(options);
  line.clear();
  const Json document = jobs::to_json(result);
  if (result.measured) {
    invocation.console.message(
        fmt::format("run {}; `ponte report {} -o report.html` makes a page of it",
                    static_cast<std::int64_t>(result.measured->run),
                    static_cast<std::int64_t>(result.measured->run)));
    invocation.finish(document, result.problems);
  } else {
    invocation.finish(document, result.problems, [] { return std::string(); });
  }
  return jobs::exit_code(result);
}

constexpr auto own_flags = std::to_array<Flag>({
    {.name = "--baseline",
     .takes = Takes::Text,
     .value = "NAME",
     .help = "what the others are compared with: a model, a runtime or a trial",
     .details = "By default the first model on the runtime that its format was made for. With a "
                "baseline that is named, a trial that is slower makes the exit code 1."},
});
constexpr auto positionals = std::to_array<Positional>(
    {{.name = "MODEL", .help = "files of any format that ponte reads", .maximum = 100}});
const auto groups = std::to_array<FlagGroup>({{.title = "Comparison", .flags = own_flags},
                                              measurement_flags,
                                              limit_flags,
                                              input_flags,
                                              model_flags});
constexpr auto examples = std::to_array<Example>({
    {"ponte bench model.onnx", "on every runtime that takes it"},
    {"ponte bench model.onnx --runtime onnxruntime --threads 1,2", "one runtime, two settings"},
    {"ponte bench model.onnx --set onnxruntime.graph_optimization_level=disable,all",
     "what a setting is worth"},
    {"ponte bench new.onnx old.onnx --runtime onnxruntime --baseline old.onnx",
     "exit code 1 if the new one is slower"},
});

}  // namespace

extern constinit const Command bench_command{
    .name = "bench",
    .summary = "measure models on runtimes, devices and settings",
    .details =
        "Each trial runs in fresh processes, started in pairs and measured in interleaved blocks "
        "while the others stand still. A run ends when the interval is as narrow as asked, or when "
        "its time is over; whether a difference is significant has no say. Every sample is stored. "
        "Ctrl-C ends it after the current sample with what there is, and the same command again "
        "goes on from there.",
    .positionals = positionals,
    .groups = groups,
    .examples = examples,
    .run = run,
};

}  // namespace ponte::cli
