// ponte analyze
#include "jobs/analyze.h"

#include <fmt/format.h>

#include <array>

#include "base/counted.h"
#include "base/error.h"
#include "base/json.h"
#include "base/text.h"
#include "cli/common_flags.h"
#include "cli/input_flags.h"
#include "cli/invocation.h"
#include "cli/limit_flags.h"
#include "cli/measurement_flags.h"
#include "cli/report_form.h"
#include "cli/undecided_flag.h"

namespace ponte::cli {
namespace {

constexpr std::chrono::minutes usual_budget{2};

// "det3.report.html" in the working folder.
std::filesystem::path usual_report(const std::filesystem::path& model) {
  return model.stem().string() + ".report.html";
}

jobs::AnalyzeOptions options_of(const Arguments& arguments) {
  jobs::AnalyzeOptions options{
      .bench = measurement_options(arguments, arguments.positionals, usual_budget)};
  jobs::InputFiles& files = options.bench.input_files;
  files.labels = arguments.text_or("--labels", "");
  options.undecided = undecided(arguments);
  if (!files.labels.empty() && files.samples.empty()) {
    throw Error(Code::UsageError, "`--labels` needs `--inputs FILE.npz`",
                "both the samples and their classes are arrays of that file");
  }
  options.form = report_form(arguments).value_or(jobs::ReportForm::Html);
  options.report = arguments.text_or("--output", "");
  if (options.report.empty()) options.report = usual_report(arguments.positionals.front());
  return options;
}

// What will be done, one line each.
std::string plan_lines(const jobs::AnalyzePlan& plan) {
  std::string text = "plan: read";
  if (plan.has_conversion) text += ", convert to ONNX";
  text += ", compare with the judge";
  if (plan.has_accuracy) text += ", count right answers";
  text += plan.trials.trials.empty() ? "; nothing can be measured"
                                     : ", measure " + plan_text(plan.trials);
  if (plan.trials_left_out > 0) {
    text += fmt::format("\n      {} left out for lack of time; a longer --budget has room",
                        counted(plan.trials_left_out, "setting is", "settings are"));
  }
  return text;
}

// A script that trusts the flag would never stop.
void warn_of_no_findings(jobs::AnalyzeResult& result) {
  result.problems.warn(Code::UsageError,
                       "`--fail-on` never fails: this version looks for no findings", {},
                       "the exit code still is 1 where the networks differ");
}

void show(Invocation& invocation, const jobs::AnalyzeOptions& options,
          const jobs::AnalyzeResult& result, bool is_to_output) {
  const Json document = jobs::to_json(result);
  const bool has_results = result.verify || result.bench;
  if (!has_results) {
    invocation.finish(document, result.problems, [] { return std::string(); });
  } else if (is_to_output && result.run) {
    invocation.finish(document, result.problems, [&] {
      return jobs::render(jobs::load_report(options.bench.store, *result.run), options.form);
    });
  } else {
    if (!result.run) invocation.console.message("these results are not stored");
    invocation.finish(document, result.problems);
  }
}

int run(Invocation& invocation) {
  const Arguments& arguments = invocation.arguments;
  Console& console = invocation.console;
  jobs::AnalyzeOptions options = options_of(arguments);
  const bool is_to_output = options.report == "-";
  if (is_to_output) {
    if (console.is_json())
      throw Error(Code::UsageError, "`-o -` and `--json` both want standard output");
    options.report.clear();
  }
  options.bench.stop = install_interrupt_handler();
  ProgressLine line(console);
  options.on_plan = [&](const jobs::AnalyzePlan& plan) { console.message(plan_lines(plan)); };
  options.on_step = [&](std::string_view step) { line.show(escape_control(step)); };
  options.bench.on_progress = [&](const lab::Progress& progress) {
    line.show(progress_text(progress));
  };
  jobs::AnalyzeResult result = jobs::analyze(options);
  if (arguments.text("--fail-on")) warn_of_no_findings(result);
  line.clear();
  if (result.run) {
    const auto number = static_cast<std::int64_t>(*result.run);
    console.message(fmt::format("run {}; `ponte report {}` shows it again", number, number));
  }
  show(invocation, options, result, is_to_output);
  return jobs::exit_code(result, arguments.text_or("--fail-on", ""));
}

constexpr auto own_flags = std::to_array<Flag>({
    {.name = "--output",
     .letter = 'o',
     .takes = Takes::File,
     .value = "OUT",
     .help = "the report; by default MODEL.report.html in the working folder",
     .details = "Its name says the form: .html, .json, .md or .csv. `-` is standard output.",
     .layers = Layers::CommandLineOnly},
    {.name = "--to",
     .takes = Takes::Choice,
     .value = "FORM",
     .help = "html, json, markdown or csv, where the name does not say it",
     .choices = form_names},
    {.name = "--labels",
     .takes = Takes::Text,
     .value = "NAME",
     .help = "the array of --inputs that has the class of each sample: shows the accuracy",
     .details = "A whole number from 0 for each sample. The class that a runtime gives is the "
                "largest score of the model's only output."},
    {.name = "--fail-on",
     .takes = Takes::Choice,
     .value = "SEVERITY",
     .help = "exit code 1 where a finding is at least so grave: low, medium or high",
     .details = "This version looks for no findings yet and warns that the flag never fails.",
     .choices = jobs::finding_severities},
    undecided_flag,
});
constexpr auto positionals =
    std::to_array<Positional>({{.name = "MODEL", .help = "a file of any format that ponte reads"}});
const auto groups = std::to_array<FlagGroup>({{.title = "Report", .flags = own_flags},
                                              measurement_flags,
                                              limit_flags,
                                              input_flags,
                                              model_flags});
constexpr auto examples = std::to_array<Example>({
    {"ponte analyze deploy.prototxt --weights deploy.caffemodel",
     "everything about it, on the terminal and in deploy.report.html"},
    {"ponte analyze model.onnx --quick", "in about 10 seconds of measuring"},
    {"ponte analyze model.onnx --inputs test_set.npz --labels labels",
     "with the accuracy of each runtime on these samples"},
    {"ponte analyze model.onnx --budget 10min -o report.md",
     "longer, as tables for a pull request"},
});

}  // namespace

extern constinit const Command analyze_command{
    .name = "analyze",
    .summary = "what a model is, whether it stays the same, how fast it is: one report",
    .details =
        "Reads the model, converts it to ONNX, compares every runtime with the judge, and measures "
        "the runtimes and their settings against each other. A step that fails is shown with its "
        "reason, and the others go on. The plan is printed first; measuring takes 2 minutes "
        "unless --budget or --quick say otherwise. Ctrl-C ends it after the current sample, with a "
        "report of what there is, and the same command again goes on from there. The exit code is "
        "1 where the networks differ or, unless --undecided says so, nobody could decide.",
    .positionals = positionals,
    .groups = groups,
    .examples = examples,
    .run = run,
};

}  // namespace ponte::cli
