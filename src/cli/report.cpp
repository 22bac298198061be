// ponte report
#include "report/report.h"

#include <fmt/format.h>

#include <array>

#include "base/error.h"
#include "base/file_writer.h"
#include "base/json.h"
#include "base/text.h"
#include "cli/invocation.h"
#include "cli/report_form.h"
#include "cli/stored_run.h"
#include "jobs/runs.h"
#include "report/run_comparison.h"
#include "store/store.h"

namespace ponte::cli {
namespace {

using jobs::ReportForm;

// To the file that --output names, or to standard output.
int write(Invocation& invocation, std::string_view what, const Json& run, const std::string& text) {
  const std::string output = invocation.arguments.text_or("--output", "-");
  if (output == "-") {
    invocation.console.print(text);
    return 0;
  }
  write_file(output, text);
  const Json document = {{"schema", "ponte/report/1"},
                         {"run", run},
                         {"files", Json::array({{{"path", output}, {"bytes", text.size()}}})}};
  return invocation.finish(document, {}, [&] {
    return fmt::format("wrote {} to {} ({})\n", what, escape_control(output),
                       format_size(text.size()));
  });
}

int show(Invocation& invocation, const std::string& run, std::optional<ReportForm> form) {
  const auto stored = jobs::load_report(store::default_path(), run);
  if (!form) return show_stored(invocation, stored);
  const auto number = static_cast<std::int64_t>(stored.run.id);
  return write(invocation, fmt::format("run {}", number), number, jobs::render(stored, *form));
}

int compare(Invocation& invocation, const std::string& first, const std::string& second,
            std::optional<ReportForm> form) {
  const Json comparison = jobs::compare_runs(store::default_path(), first, second);
  if (!form) return invocation.finish(comparison, {});
  if (form != ReportForm::Markdown && form != ReportForm::Json)
    throw Error(Code::UsageError, "two runs side by side are a table: --to markdown or --to json");
  return write(
      invocation, fmt::format("runs {} and {}", first, second), nullptr,
      form == ReportForm::Json ? json_text(comparison) : report::comparison_markdown(comparison));
}

int run(Invocation& invocation) {
  const auto& runs = invocation.arguments.positionals;
  const auto form = report_form(invocation.arguments);
  if (runs.size() == 2) return compare(invocation, runs[0], runs[1], form);
  return show(invocation, runs.empty() ? "" : runs.front(), form);
}

constexpr auto own_flags = std::to_array<Flag>({
    {.name = "--output",
     .letter = 'o',
     .takes = Takes::File,
     .value = "OUT",
     .help = "the file to write; its name says the form",
     .details = "Without it the report goes to standard output.",
     .layers = Layers::CommandLineOnly},
    {.name = "--to",
     .takes = Takes::Choice,
     .value = "FORM",
     .help = "html, json, markdown or csv",
     .choices = form_names},
});
constexpr auto positionals =
    std::to_array<Positional>({{.name = "RUN",
                                .help = "the number of a run, by default the latest; of two, the "
                                        "second is compared with the first",
                                .takes = Takes::Text,
                                .minimum = 0,
                                .maximum = 2}});
constexpr auto groups = std::to_array<FlagGroup>({{"Report", own_flags}});
constexpr auto examples = std::to_array<Example>({
    {"ponte report", "the latest run on the terminal"},
    {"ponte report 12 -o report.html", "run 12 as one page that needs no network"},
    {"ponte report --to markdown", "the tables for a pull request"},
    {"ponte report 11 12", "what is different between two runs"},
});

}  // namespace

extern constinit const Command report_command{
    .name = "report",
    .summary = "a stored run as a page, JSON, Markdown or CSV, or two of them compared",
    .positionals = positionals,
    .groups = groups,
    .examples = examples,
    .run = run,
};

}  // namespace ponte::cli
