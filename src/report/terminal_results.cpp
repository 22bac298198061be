// On a terminal: verification, measurements, findings, and all of them together.
#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "base/text_table.h"
#include "report/comparison.h"
#include "report/fields.h"
#include "report/figures.h"
#include "report/subjects.h"
#include "report/sweep.h"
#include "report/terminal_views.h"
#include "report/typical_time.h"
#include "report/warnings.h"

namespace ponte::report {
namespace {

constexpr std::size_t most_rows = 60;

std::string more_line(std::size_t all, const View& view) {
  return all > most_rows ? view.dim(fmt::format("  {} more with --json", all - most_rows)) + '\n'
                         : "";
}

std::string sign(Tone tone) {
  switch (tone) {
    case Tone::Good:
      return "✓ ";
    case Tone::Bad:
      return "✗ ";
    case Tone::Caution:
      return "! ";
    case Tone::Neutral:
      break;
  }
  return "";
}

std::string culprit_lines(const Json& verify, const View& view) {
  const Json& culprit = field(verify, "culprit");
  std::string out;
  if (culprit.is_object()) {
    std::string text = "first wrong: " + identifier(escape_control(text_field(culprit, "node")));
    if (const std::string op = text_field(culprit, "op"); !op.empty()) text += " (" + op + ")";
    if (const std::string subject = subject_name(verify, field(culprit, "subject"));
        !subject.empty())
      text += " on " + subject;
    const auto error = number_field(culprit, "local_error");
    const auto bound = number_field(culprit, "bound");
    if (error && bound && *error > *bound)
      text += fmt::format(", local error {}, bound {}", small_text(error), small_text(bound));
    out += view.wrapped(text, 2);
    if (const std::string region = region_text(culprit); !region.empty())
      out += view.wrapped("it is " + escape_control(region), 2);
    if (const std::string origin = list_text(field(culprit, "origin")); !origin.empty())
      out += view.wrapped("in the source: " + origin, 2);
  }
  if (const std::string why = text_field(verify, "culprit_why"); !why.empty())
    out += view.wrapped(why, 2);
  return out;
}

std::string trial_table(const Json& bench, const TrialNames& names, const View& view) {
  TextTable table({{"trial", Align::Left},
                   {"median", Align::Right},
                   {"interval", Align::Right},
                   {"p90", Align::Right},
                   {"p99", Align::Right},
                   {"samples", Align::Right}});
  std::string failures;
  const Json::array_t& trials = items(field(bench, "trials"));
  for (std::size_t i = 0; i < std::min(trials.size(), most_rows); ++i) {
    const Json& trial = trials[i];
    const std::string name = view.trial_name(names.name(text_field(trial, "id")));
    const std::string status = text_field(trial, "status");
    if (!status.empty() && status != "ok") {
      table.add_row({name, view.toned(Tone::Bad, escape_control(words(status), 20))});
      if (const std::string why = text_field(trial, "why"); !why.empty())
        failures += view.wrapped(fmt::format("{}: {}", name, why), 2);
      continue;
    }
    const TypicalTime typical = typical_time(trial);
    table.add_row({name, typical.time, typical.note, time_text(number_field(trial, "p90_ns")),
                   time_text(number_field(trial, "p99_ns")),
                   count_text(number_field(trial, "samples"))});
    for (const std::string& warning : trial_warnings(trial))
      failures += view.wrapped(fmt::format("{}: {}", name, warning), 2);
  }
  return (table.empty() ? "" : table.text(2)) + more_line(trials.size(), view) + failures;
}

std::string comparison_table(const Json& bench, const TrialNames& names, const View& view) {
  const std::vector<SpeedComparison> comparisons = speed_comparisons(bench);
  if (comparisons.empty()) return {};
  TextTable table({{"trial", Align::Left},
                   {"against", Align::Left},
                   {"speed", Align::Right},
                   {interval_name(comparisons.front()), Align::Right},
                   {"", Align::Left}});
  std::string notes;
  for (std::size_t i = 0; i < std::min(comparisons.size(), most_rows); ++i) {
    const SpeedComparison& comparison = comparisons[i];
    const Tone tone = comparison.outcome == Outcome::Faster   ? Tone::Good
                      : comparison.outcome == Outcome::Slower ? Tone::Caution
                                                              : Tone::Neutral;
    const std::string interval =
        comparison.low && comparison.high
            ? fmt::format("{:.3f} to {:.3f}", *comparison.low, *comparison.high)
            : std::string(missing);
    const std::string a = view.trial_name(names.name(comparison.a));
    const std::string b = view.trial_name(names.name(comparison.b));
    table.add_row({a, b, fmt::format("{:.3f}x", comparison.speed), interval,
                   view.toned(tone, verdict_phrase(comparison))});
    const std::string note = fmt::format("{}", fmt::join(verdict_notes(comparison), "; "));
    if (!note.empty()) notes += view.wrapped(fmt::format("{} against {}: {}", a, b, note), 2);
  }
  return table.text(2) + more_line(comparisons.size(), view) + notes;
}

std::string sweep_tables(const Json& bench, const View& view) {
  std::string out;
  for (const Sweep& sweep : sweeps(bench)) {
    if (sweep.column_setting.empty()) continue;  // the trials say as much already
    std::vector<TableColumn> columns = {
        {view.name(sweep.row_setting) + " / " + view.name(sweep.column_setting), Align::Left}};
    for (const std::string& column : sweep.columns)
      columns.push_back({escape_control(column, 20), Align::Right});
    TextTable table(columns);
    for (std::size_t row = 0; row < sweep.rows.size(); ++row) {
      std::vector<std::string> cells = {escape_control(sweep.rows[row], 20)};
      for (const auto& cell : sweep.cells[row]) {
        const std::string text = cell ? cell->time : std::string(missing);
        cells.push_back(cell && cell->median_ns && cell->relative < 1.0000001 ? view.bold(text)
                                                                              : text);
      }
      table.add_row(cells);
    }
    out += "  " + view.dim(escape_control(sweep.title, 100)) + '\n' + table.text(2);
  }
  return out;
}

std::string accuracy_table(const Json& accuracy, const View& view) {
  std::string reasons;
  TextTable table(
      {{"runtime", Align::Left}, {"accuracy", Align::Right}, {"samples", Align::Right}});
  for (const Json& row : items(accuracy)) {
    const auto share = number_field(row, "accuracy");
    table.add_row({escape_control(runtime_name(text_field(row, "runtime")), 40),
                   share ? fmt::format("{:.2f} %", *share * 100) : std::string(missing),
                   count_text(number_field(row, "samples"))});
    if (const std::string why = text_field(row, "why"); !why.empty())
      reasons += view.wrapped(runtime_name(text_field(row, "runtime")) + ": " + why, 2);
  }
  return (table.empty() ? "" : table.text(2)) + reasons;
}

std::string part(std::string_view title, const std::string& content, const View& view) {
  return content.empty() ? "" : view.bold(title) + '\n' + content + '\n';
}

}  // namespace

std::string verify_view(const Json& verify, const View& view) {
  TextTable table({{"output", Align::Left},
                   {"subject", Align::Left},
                   {"bits", Align::Right},
                   {"predicted", Align::Right},
                   {"largest error", Align::Right},
                   {"of bound", Align::Right},
                   {"", Align::Left}});
  const Json::array_t& outputs = items(field(verify, "outputs"));
  for (std::size_t i = 0; i < std::min(outputs.size(), most_rows); ++i) {
    const Json& output = outputs[i];
    const auto error = number_field(output, "rms_relative");
    const auto bound = number_field(output, "bound");
    const std::string verdict = text_field(output, "verdict");
    const std::string bits =
        field(output, "exact") == true ? "exact" : bits_text(number_field(output, "bits"));
    table.add_row(
        {view.name(text_field(output, "name")),
         view.name(subject_name(verify, field(output, "subject"))), bits,
         bits_text(number_field(output, "expected_bits")),
         small_text(number_field(output, "max_abs")),
         error && bound && *bound > 0 ? times_text(*error / *bound) : std::string(missing),
         view.toned(verdict_tone(verdict), escape_control(words(verdict), 30))});
  }
  std::string out = problems_view(field(verify, "problems"), view);
  out += verify_inputs_view(verify, view);
  out += (table.empty() ? "" : table.text(2)) + more_line(outputs.size(), view);
  out += verify_further_view(verify, view);
  for (const Json& subject : items(field(verify, "subjects"))) {
    const std::string status = text_field(subject, "status");
    if (!status.empty() && status != "ok") {
      out += "  " + view.toned(Tone::Bad, escape_control(words(status), 30)) + ": " +
             escape_control(subject_title(subject)) + '\n' +
             view.wrapped(text_field(subject, "why"), 4);
    }
  }
  return out + culprit_lines(verify, view);
}

std::string bench_view(const Json& bench, const View& view) {
  const TrialNames names(bench);
  std::string out = problems_view(field(bench, "problems"), view);
  out += trial_table(bench, names, view);
  for (const std::string& table :
       {sweep_tables(bench, view), comparison_table(bench, names, view)}) {
    if (!table.empty()) out += (out.empty() ? "" : "\n") + table;
  }
  return out;
}

std::string findings_view(const Json& findings, const View& view) {
  std::string out;
  std::size_t shown = 0;
  for (const Json& finding : items(findings)) {
    if (!finding.is_object()) continue;
    if (++shown > most_rows) break;
    const std::string severity = text_field(finding, "severity");
    out += view.toned(severity_tone(severity),
                      fmt::format("  {}[{}]", escape_control(severity, 20),
                                  escape_control(text_field(finding, "code"), 20)));
    out += ": " + escape_control(text_field(finding, "title")) + '\n';
    if (const std::string remedy = text_field(finding, "remedy"); !remedy.empty())
      out += view.wrapped(remedy, 6);
    if (const std::string expected = text_field(finding, "expected"); !expected.empty())
      out += view.wrapped("expected: " + expected, 6);
    const Json& measured = field(finding, "measured");
    const auto ratio = number_field(measured, "ratio");
    const auto low = number_field(measured, "ci_low");
    const auto high = number_field(measured, "ci_high");
    if (ratio) {
      std::string line = fmt::format("measured: {:.3f} times the time", *ratio);
      if (low && high) line += fmt::format(" ({:.3f} to {:.3f})", *low, *high);
      out += view.wrapped(line, 6);
    }
  }
  return out;
}

std::string analyze_view(const Json& document, const View& view) {
  const Json analysis = without_repeated_problems(document);
  std::string out = problems_view(field(analysis, "problems"), view);
  const Json& inspect = field(analysis, "inspect");
  const Json& convert = field(analysis, "convert");
  if (inspect.is_object()) out += inspect_view(inspect, view) + '\n';
  if (convert.is_object()) out += convert_view(convert, view) + '\n';
  out += part("Same network?", verify_view(field(analysis, "verify"), view), view);
  out += part("Speed", bench_view(field(analysis, "bench"), view), view);
  out += part("Accuracy", accuracy_table(field(analysis, "accuracy"), view), view);
  out += part("Findings", findings_view(field(analysis, "findings"), view), view);
  for (const Json& file : items(field(analysis, "files"))) {
    out += "wrote " + escape_control(file.is_object() ? text_field(file, "path") : text_of(file)) +
           '\n';
  }
  return out + verdict_line(analysis, view);
}

std::string verdict_line(const Json& analysis, const View& view) {
  const Verdict verdict = verdict_of(analysis);
  std::string lines = view.wrapped(sign(verdict.tone()) + verdict.sentence, 0);
  if (!lines.empty()) lines.pop_back();
  std::string out = verdict.first ? view.wrapped("First: " + verdict.first->title, 0) : "";
  for (std::size_t start = 0; start <= lines.size();) {
    const std::size_t end = std::min(lines.find('\n', start), lines.size());
    out +=
        view.toned(verdict.tone(), view.bold(std::string_view(lines).substr(start, end - start))) +
        '\n';
    start = end + 1;
  }
  return out;
}

}  // namespace ponte::report
