// ponte report
#include "report/report.h"

#include <fmt/format.h>

#include <array>

#include "base/error.h"
#include "base/file_writer.h"
#include "base/json.h"
#include "base/text.h"
#include "cli/invocation.h"
#include "jobs/runs.h"
#include "store/store.h"

namespace ponte::cli {
namespace {

std::vector<std::string> form_names() { return {"html", "json", "markdown", "csv"}; }

// What a file's name asks for; empty where it asks for nothing.
std::string form_of_name(const std::string& name) {
  static constexpr std::array<std::pair<std::string_view, std::string_view>, 5> endings = {
      {{".html", "html"},
       {".htm", "html"},
       {".json", "json"},
       {".md", "markdown"},
       {".csv", "csv"}}};
  for (const auto& [ending, form] : endings) {
    if (name.ends_with(ending)) return std::string(form);
  }
  return {};
}

std::string text_of(const jobs::StoredReport& report, const std::string& form) {
  if (form == "json") return json_text(report.document);
  if (form == "markdown") return jobs::render(report, jobs::ReportForm::Markdown);
  if (form == "csv") return jobs::render(report, jobs::ReportForm::Csv);
  return jobs::render(report, jobs::ReportForm::Html);
}

int run(Invocation& invocation) {
  const Arguments& arguments = invocation.arguments;
  const std::string run_text = arguments.positionals.empty() ? "" : arguments.positionals.front();
  const std::string output = arguments.text_or("--output", "");
  std::string form = arguments.text_or("--to", "");
  if (form.empty()) form = form_of_name(output);
  if (form.empty() && !output.empty()) {
    throw Error(Code::UsageError,
                fmt::format("the name `{}` does not say a form", escape_control(output, 200)),
                "end it in .html, .json, .md or .csv, or give --to");
  }
  const auto stored = jobs::load_report(store::default_path(), run_text);
  if (form.empty()) return invocation.finish(stored.document, {});
  const std::string text = text_of(stored, form);
  if (output.empty() || output == "-") {
    invocation.console.print(text);
    return 0;
  }
  write_file(output, text);
  const auto run_number = static_cast<std::int64_t>(stored.record.run.id);
  const Json document = {{"schema", "ponte/report/1"},
                         {"run", run_number},
                         {"files", Json::array({{{"path", output}, {"bytes", text.size()}}})}};
  return invocation.finish(document, {}, [&] {
    return fmt::format("wrote run {} to {} ({})\n", run_number, escape_control(output),
                       format_size(text.size()));
  });
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
                                .help = "the number of a run; by default the latest",
                                .takes = Takes::Text,
                                .minimum = 0}});
constexpr auto groups = std::to_array<FlagGroup>({{"Report", own_flags}});
constexpr auto examples = std::to_array<Example>({
    {"ponte report", "the latest run on the terminal"},
    {"ponte report 12 -o report.html", "run 12 as one page that needs no network"},
    {"ponte report --to markdown", "the tables for a pull request"},
});

}  // namespace

extern constinit const Command report_command{
    .name = "report",
    .summary = "a stored run as a page, JSON, Markdown or CSV",
    .positionals = positionals,
    .groups = groups,
    .examples = examples,
    .run = run,
};

}  // namespace ponte::cli
