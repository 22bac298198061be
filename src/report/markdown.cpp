// Tables for a pull request, in GitHub's Markdown.
#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "base/text.h"
#include "report/comparison.h"
#include "report/fields.h"
#include "report/figures.h"
#include "report/markdown_table.h"
#include "report/names.h"
#include "report/report.h"
#include "report/subjects.h"
#include "report/sweep.h"
#include "report/typical_time.h"
#include "report/verdict.h"
#include "report/warnings.h"

namespace ponte::report {
namespace {

constexpr std::size_t most_rows = 60;

std::string titled(std::string_view title, const std::string& content) {
  return content.empty() ? "" : fmt::format("### {}\n\n{}", title, content);
}

std::string model_part(const Json& inspect) {
  if (!inspect.is_object()) return {};
  MarkdownTable table({"Property", "Value"});
  const auto add = [&table](std::string_view name, const std::string& value) {
    if (!value.empty() && value != missing) table.add_row({std::string(name), value});
  };
  add("File", markdown_code(file_name(text_field(inspect, "file"))));
  add("Format", markdown_text(format_name(text_field(inspect, "format"))));
  add("Nodes", count_text(number_field(inspect, "nodes")));
  add("Parameters", rounded_count(number_field(inspect, "parameters")));
  add("Multiply-adds", rounded_count(number_field(inspect, "macs")));
  for (const std::string_view key : {"inputs", "outputs"}) {
    for (const Json& value : items(field(inspect, key))) {
      add(key == "inputs" ? "Input" : "Output",
          fmt::format("{} {} {}", markdown_code(text_field(value, "name")),
                      markdown_text(text_field(value, "dtype")),
                      markdown_text(shape_text(field(value, "shape")))));
    }
  }
  return titled("Model", table.text());
}

std::string conversion_part(const Json& convert) {
  if (!convert.is_object()) return {};
  MarkdownTable table({"Source", "Target", ">Nodes", ">Transposes left", ">Opset"});
  const auto end = [&convert](std::string_view path, std::string_view format) {
    return fmt::format("{} {}", markdown_text(format_name(text_field(convert, format))),
                       markdown_code(file_name(text_field(convert, path))));
  };
  table.add_row({end("source", "source_format"), end("target", "target_format"),
                 count_text(number_field(convert, "nodes")),
                 count_text(number_field(convert, "transposes")),
                 count_text(number_field(convert, "opset"))});
  return titled("Conversion", table.text());
}

std::string numbers_part(const Json& verify) {
  MarkdownTable table(
      {"Output", "Subject", ">Bits", ">Predicted", ">Largest error", ">Relative error", "Verdict"});
  std::string notes;
  for (const Json& output : items(field(verify, "outputs"))) {
    table.add_row({markdown_code(text_field(output, "name")),
                   markdown_text(subject_name(verify, field(output, "subject"))),
                   bits_text(number_field(output, "bits")),
                   bits_text(number_field(output, "expected_bits")),
                   small_text(number_field(output, "max_abs")),
                   small_text(number_field(output, "rms_relative")),
                   markdown_text(words(text_field(output, "verdict")))});
    if (const std::string unjudged = unjudged_text(output); !unjudged.empty()) {
      notes += fmt::format("{} on {}: {}\n\n", markdown_code(text_field(output, "name")),
                           markdown_text(subject_name(verify, field(output, "subject"))),
                           markdown_text(unjudged));
    }
  }
  std::string out = table.text() + notes;
  const Json& culprit = field(verify, "culprit");
  if (culprit.is_object()) {
    const std::string region = region_text(culprit);
    const auto error = number_field(culprit, "local_error"), bound = number_field(culprit, "bound");
    const bool has_error = error && bound && *error > *bound;
    out += fmt::format(
        "First wrong: {} ({}) on {}{}{}\n\n", markdown_code(text_field(culprit, "node")),
        markdown_text(text_field(culprit, "op")),
        markdown_text(subject_name(verify, field(culprit, "subject"))),
        has_error ? fmt::format(", local error {}, bound {}", small_text(error), small_text(bound))
                  : "",
        region.empty() ? "" : "; " + markdown_prose(region));
  }
  return titled("Same network?", out);
}

std::string trials_part(const Json& bench, const TrialNames& names) {
  MarkdownTable table(
      {"Trial", ">Median", ">Interval", ">p90", ">p99", ">Peak memory", ">Samples", "Notes"});
  for (const Json& trial : items(field(bench, "trials"))) {
    const std::string status = text_field(trial, "status");
    std::string notes = status == "ok" ? "" : markdown_text(words(status));
    if (const std::string why = text_field(trial, "why"); !why.empty())
      notes += (notes.empty() ? "" : ": ") + markdown_prose(why);
    for (const std::string& warning : trial_warnings(trial))
      notes += (notes.empty() ? "" : "; ") + markdown_prose(warning);
    const TypicalTime typical = typical_time(trial);
    table.add_row({markdown_text(names.name(text_field(trial, "id"))), typical.time, typical.note,
                   time_text(number_field(trial, "p90_ns")),
                   time_text(number_field(trial, "p99_ns")),
                   size_text(number_field(trial, "peak_rss_bytes")),
                   count_text(number_field(trial, "samples")), notes});
  }
  return titled("Trials", table.text());
}

std::string comparisons_part(const Json& bench, const TrialNames& names) {
  const std::vector<SpeedComparison> comparisons = speed_comparisons(bench);
  if (comparisons.empty()) return {};
  MarkdownTable table(
      {"Trial", "Against", ">Times as fast", ">" + interval_name(comparisons.front()), "Verdict"});
  for (const SpeedComparison& comparison : comparisons) {
    std::string verdict = verdict_phrase(comparison);
    for (const std::string& note : verdict_notes(comparison))
      verdict += "; " + markdown_prose(note);
    const bool has_interval = comparison.low && comparison.high;
    table.add_row({markdown_text(names.name(comparison.a)), markdown_text(names.name(comparison.b)),
                   fmt::format("{:.3f}", comparison.speed),
                   has_interval ? fmt::format("{:.3f} to {:.3f}", *comparison.low, *comparison.high)
                                : std::string(missing),
                   verdict});
  }
  return titled("Speed", table.text());
}

std::string settings_part(const Json& bench) {
  std::string out;
  for (const Sweep& sweep : sweeps(bench)) {
    std::vector<std::string> titles = {markdown_text(
        sweep.row_setting + (sweep.column_setting.empty() ? "" : " / " + sweep.column_setting))};
    for (const std::string& column : sweep.columns)
      titles.push_back(">" + (column.empty() ? "median" : markdown_text(column)));
    MarkdownTable table(titles);
    for (std::size_t row = 0; row < sweep.rows.size(); ++row) {
      std::vector<std::string> cells = {markdown_text(sweep.rows[row])};
      for (const auto& cell : sweep.cells[row])
        cells.push_back(cell ? cell->time : std::string(missing));
      table.add_row(cells);
    }
    out += markdown_text(sweep.title) + "\n\n" + table.text();
  }
  return titled("Settings", out);
}

std::string accuracy_part(const Json& accuracy) {
  MarkdownTable table({"Runtime", ">Accuracy", ">Samples"});
  for (const Json& row : items(accuracy)) {
    const auto share = number_field(row, "accuracy");
    table.add_row({markdown_text(runtime_name(text_field(row, "runtime"))),
                   share ? fmt::format("{:.2f} %", *share * 100) : std::string(missing),
                   count_text(number_field(row, "samples"))});
  }
  return titled("Accuracy", table.text());
}

std::string problems_part(const Json& analysis) {
  const Json::array_t problems = problems_of(analysis);
  std::string out;
  for (std::size_t i = 0; i < std::min(problems.size(), most_rows); ++i) {
    const Json& problem = problems[i];
    const auto count = number_field(problem, "count");
    const std::string node = text_field(field(problem, "where"), "node");
    const std::string help = text_field(problem, "help");
    out += fmt::format("- {} {}: {}{}{}{}\n", markdown_text(text_field(problem, "severity")),
                       markdown_code(text_field(problem, "code")),
                       markdown_prose(text_field(problem, "message")),
                       count && *count > 1 ? fmt::format(" ({} times)", count_text(count)) : "",
                       node.empty() ? "" : ", at " + markdown_code(node),
                       help.empty() ? "" : "; " + markdown_prose(help));
  }
  if (problems.size() > most_rows) out += fmt::format("- {} more\n", problems.size() - most_rows);
  return titled("Problems", out.empty() ? out : out + "\n");
}

std::string findings_part(const Json& findings) {
  std::string out;
  std::size_t shown = 0;
  for (const Json& finding : items(findings)) {
    if (!finding.is_object() || ++shown > most_rows) continue;
    out += fmt::format("- **{}** ({}, {})", markdown_prose(text_field(finding, "title")),
                       markdown_text(text_field(finding, "severity")),
                       markdown_code(text_field(finding, "code")));
    if (const std::string remedy = text_field(finding, "remedy"); !remedy.empty())
      out += ": " + markdown_prose(remedy);
    out += "\n";
  }
  return titled("Findings", out.empty() ? out : out + "\n");
}

}  // namespace

std::string markdown(const Json& document) {
  const Json analysis = as_analysis(document);
  const Json& bench = field(analysis, "bench");
  const TrialNames names(bench);
  const Verdict verdict = verdict_of(analysis);
  std::string out = fmt::format("## {}\n\n", markdown_prose(verdict.sentence));
  std::string about = markdown_text(model_names(analysis));
  if (const std::string run = run_name(analysis); !run.empty())
    about += (about.empty() ? "run " : ", run ") + markdown_text(run);
  if (!about.empty()) out += about + "\n\n";
  if (verdict.first) out += fmt::format("First: {}\n\n", markdown_prose(verdict.first->title));
  out += model_part(field(analysis, "inspect"));
  out += conversion_part(field(analysis, "convert"));
  out += problems_part(analysis);
  out += numbers_part(field(analysis, "verify"));
  out += comparisons_part(bench, names);
  out += trials_part(bench, names);
  out += settings_part(bench);
  out += accuracy_part(field(analysis, "accuracy"));
  out += findings_part(field(analysis, "findings"));
  while (out.ends_with("\n\n")) out.pop_back();
  return out;
}

}  // namespace ponte::report
