// ponte verify
#include "jobs/verify.h"

#include <fmt/format.h>

#include <array>
#include <charconv>

#include "base/error.h"
#include "base/json.h"
#include "base/text.h"
#include "cli/common_flags.h"
#include "cli/input_flags.h"
#include "cli/invocation.h"
#include "cli/limit_flags.h"
#include "cli/progress_line.h"
#include "cli/undecided_flag.h"
#include "jobs/trial_settings.h"

namespace ponte::cli {
namespace {

std::optional<double> tolerance_of(const Arguments& arguments, std::string_view flag) {
  const auto text = arguments.text(flag);
  if (!text) return std::nullopt;
  double value = 0;
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), value);
  if (error == std::errc() && end == text->data() + text->size() && value >= 0) return value;
  throw Error(Code::UsageError,
              fmt::format("`{}` is no tolerance in `{}`", escape_control(*text, 60), flag),
              fmt::format("write {} 1e-5", flag));
}

jobs::VerifyOptions options_of(const Arguments& arguments) {
  jobs::VerifyOptions options;
  options.model = model_options(arguments, arguments.positionals.at(0));
  options.others.assign(arguments.positionals.begin() + 1, arguments.positionals.end());
  options.runtimes = arguments.listed("--runtime");
  options.settings = arguments.all("--set");
  options.threads = arguments.count("--threads");
  if (options.threads) jobs::require_thread_count("--threads", *options.threads);
  options.seed = arguments.count("--seed").value_or(1);
  options.is_thorough = arguments.has("--thorough");
  options.inputs = input_files(arguments);
  for (const std::string& text : arguments.all("--map-input"))
    jobs::add_name(options.names.inputs, "--map-input", text);
  for (const std::string& text : arguments.all("--map-output"))
    jobs::add_name(options.names.outputs, "--map-output", text);
  for (const std::string& text : arguments.all("--accept"))
    verify::add_acceptance(options.tolerance, text);
  options.tolerance.rtol = tolerance_of(arguments, "--rtol");
  options.tolerance.atol = tolerance_of(arguments, "--atol");
  options.is_strict = arguments.has("--strict");
  options.undecided = undecided(arguments);
  options.worker = worker_limits(arguments);
  return options;
}

int run(Invocation& invocation) {
  jobs::VerifyOptions options = options_of(invocation.arguments);
  options.stop = install_interrupt_handler();
  ProgressLine line(invocation.console);
  options.on_progress = [&](const std::string& what) { line.show(escape_control(what)); };
  const jobs::VerifyJobResult result = jobs::verify_models(options);
  line.clear();
  const Json document = jobs::to_json(result);
  if (result.problems.has_errors() && result.result.subjects.empty()) {
    invocation.finish(document, result.problems, [] { return std::string(); });
  } else {
    invocation.finish(document, result.problems);
  }
  return jobs::exit_code(result);
}

constexpr auto own_flags = std::to_array<Flag>({
    {.name = "--runtime",
     .takes = Takes::Text,
     .value = "NAME[@VERSION],...",
     .help = "run the files on these, instead of each on its own runtime",
     .details = "NAME@VERSION chooses among the copies on this machine, NAME@/PATH names one.",
     .repeat = Repeat::Many},
    {.name = "--set",
     .takes = Takes::Text,
     .value = "RUNTIME.KEY=VALUE",
     .help = "a setting of a runtime",
     .repeat = Repeat::Many},
    {.name = "--threads",
     .takes = Takes::Count,
     .value = "N",
     .help = "of the runtimes",
     .details = "At most four for each of the machine's processors."},
    {.name = "--map-input",
     .takes = Takes::Text,
     .value = "NAME=OTHER",
     .help = "which input of the other files an input of the first one is",
     .repeat = Repeat::Many},
    {.name = "--map-output",
     .takes = Takes::Text,
     .value = "NAME=OTHER",
     .help = "which output of the other files an output of the first one is",
     .repeat = Repeat::Many},
    {.name = "--seed",
     .takes = Takes::Count,
     .value = "N",
     .help = "of the inputs and of the judge's noise"},
    {.name = "--thorough", .help = "five sets of inputs and twice as many perturbed runs at once"},
    {.name = "--accept",
     .takes = Takes::Text,
     .value = "bits=10,top1=0.99,cosine=0.999",
     .help = "a tolerance of your own: what is within it is no failure",
     .repeat = Repeat::Many},
    {.name = "--rtol",
     .takes = Takes::Text,
     .value = "1e-3",
     .help = "each element may be off by this share of the judge's"},
    {.name = "--atol",
     .takes = Takes::Text,
     .value = "1e-5",
     .help = "each element may be off by this much"},
    undecided_flag,
    {.name = "--strict", .help = "a runtime that fails is an error although others answer"},
});
constexpr auto positionals =
    std::to_array<Positional>({{.name = "MODEL", .help = "the judge reads this one"},
                               {.name = "OTHER",
                                .help = "files that should be the same network",
                                .minimum = 0,
                                .maximum = 100}});
const auto groups = std::to_array<FlagGroup>(
    {{.title = "Verification", .flags = own_flags}, limit_flags, input_flags, model_flags});
constexpr auto examples = std::to_array<Example>({
    {"ponte verify deploy.prototxt",
     "OpenCV on the Caffe files and ONNX Runtime on their conversion"},
    {"ponte verify deploy.prototxt model.onnx",
     "the same for a conversion that somebody else made"},
    {"ponte verify model.onnx --runtime onnxruntime,opencv --inputs samples.npz",
     "two runtimes on your own samples"},
    {"ponte verify model.onnx quantised.onnx --accept bits=5,top1=0.99",
     "a model that may be less precise"},
});

}  // namespace

extern constinit const Command verify_command{
    .name = "verify",
    .summary = "the same inputs through several files and runtimes: are they the same network?",
    .details =
        "The first model is evaluated in double precision, and again with the noise that rounding "
        "explains. Every runtime's outputs must lie within what that noise explains; where they do "
        "not, the first node whose own result is wrong is named. Inputs of other kinds, other "
        "batches where the model has an open one, repeated runs and other numbers of threads "
        "follow, and four steps of a model with states. The exit code is 1 where the models differ "
        "or it is undecided.",
    .positionals = positionals,
    .groups = groups,
    .examples = examples,
    .run = run,
};

}  // namespace ponte::cli
