// On a terminal: the model, its conversion, and what they have in common.
#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "base/counted.h"
#include "base/text.h"
#include "base/text_table.h"
#include "report/fields.h"
#include "report/figures.h"
#include "report/names.h"
#include "report/terminal_views.h"

namespace ponte::report {
namespace {

constexpr std::size_t most_values = 20;
constexpr std::size_t most_problems = 20;

std::string values_table(const Json& inspect, const View& view) {
  TextTable table({{"", Align::Left}, {"", Align::Left}, {"", Align::Left}, {"", Align::Left}});
  std::string more;
  for (const std::string_view key : {"inputs", "outputs"}) {
    const Json::array_t& values = items(field(inspect, key));
    for (std::size_t i = 0; i < std::min(values.size(), most_values); ++i) {
      table.add_row({key == "inputs" ? "input" : "output", view.name(text_field(values[i], "name")),
                     escape_control(text_field(values[i], "dtype"), 20),
                     escape_control(shape_text(field(values[i], "shape")), 60) +
                         (field(values[i], "has_default") == true ? ", has a default" : "")});
    }
    const std::size_t hidden = values.size() - std::min(values.size(), most_values);
    if (hidden > 0)
      more += view.dim("  " + (key == "inputs" ? counted(hidden, "more input", "more inputs")
                                               : counted(hidden, "more output", "more outputs"))) +
              '\n';
  }
  return table.text(2) + more;
}

std::string ops_lines(const Json& ops, const View& view) {
  std::vector<std::pair<std::string, double>> counts;
  for (const auto& [name, count] : members(ops))
    counts.emplace_back(name, number_of(count).value_or(0));
  std::ranges::stable_sort(counts,
                           [](const auto& a, const auto& b) { return a.second > b.second; });
  std::string text;
  for (std::size_t i = 0; i < std::min<std::size_t>(counts.size(), 40); ++i) {
    text += (text.empty() ? "" : ", ") +
            fmt::format("{} {}", count_text(counts[i].second), shorten(counts[i].first, 40));
  }
  if (counts.size() > 40) text += fmt::format(", {} more", counts.size() - 40);
  return view.wrapped(text, 2);
}

std::string size_of_model(const Json& inspect) {
  std::string out = count_text(number_field(inspect, "nodes"), "node", "nodes") + ", " +
                    rounded_count(number_field(inspect, "parameters"), "parameter", "parameters");
  if (const auto bytes = number_field(inspect, "parameter_bytes"))
    out += " (" + size_text(bytes) + ")";
  if (const auto macs = number_field(inspect, "macs"))
    out += ", " + rounded_count(macs, "multiply-add", "multiply-adds") + " per run";
  return out;
}

std::string format_line(const Json& inspect) {
  std::string out = format_name(text_field(inspect, "format"));
  if (const std::string version = text_field(inspect, "format_version"); !version.empty())
    out += ' ' + version;
  if (const auto opset = number_field(inspect, "opset")) out += ", opset " + count_text(opset);
  if (const auto bytes = number_field(inspect, "bytes")) out += ", " + size_text(bytes);
  if (const std::string producer = text_field(inspect, "producer"); !producer.empty())
    out += ", made by " + shorten(producer, 60);
  return escape_control(out);
}

}  // namespace

std::string problems_view(const Json& problems, const View& view) {
  const Json::array_t& all = items(problems);
  std::string out;
  for (std::size_t i = 0; i < std::min(all.size(), most_problems); ++i) {
    const Json& problem = all[i];
    const std::string severity = escape_control(text_field(problem, "severity"), 20);
    const auto count = number_field(problem, "count");
    out += view.toned(
        severity_tone(severity),
        fmt::format("{}[{}]", severity, escape_control(text_field(problem, "code"), 20)));
    out += ": " + escape_control(text_field(problem, "message"), 400) +
           (count && *count > 1 ? " (" + count_text(count) + " times)" : "") + '\n';
    const Json& where = field(problem, "where");
    std::string place = escape_control(text_field(where, "node"), 80);
    if (const std::string op = text_field(where, "op"); !op.empty())
      place += fmt::format(" ({})", escape_control(op, 40));
    if (const auto byte = number_field(where, "byte")) place += ", byte " + count_text(byte);
    if (!place.empty()) out += "  --> " + place + '\n';
    if (const std::string help = text_field(problem, "help"); !help.empty())
      out += view.wrapped("help: " + help, 2);
  }
  if (all.size() > most_problems)
    out += view.dim(counted(all.size() - most_problems, "more problem", "more problems") +
                    " with --json") +
           '\n';
  return out;
}

std::string inspect_view(const Json& inspect, const View& view) {
  std::string out = view.bold(escape_control(text_field(inspect, "file"))) + '\n';
  out += "  " + format_line(inspect) + '\n';
  out += values_table(inspect, view);
  out += ops_lines(field(inspect, "ops"), view);
  out += problems_view(field(inspect, "problems"), view);
  return out + size_of_model(inspect) + '\n';
}

std::string convert_view(const Json& convert, const View& view) {
  std::string out = problems_view(field(convert, "problems"), view);
  const bool is_kept = field(convert, "kept") != false;
  for (const Json& file : items(field(convert, "files"))) {
    if (is_kept)
      out += fmt::format("wrote {} ({})\n", escape_control(text_field(file, "path")),
                         size_text(number_field(file, "bytes")));
  }
  const auto end = [&convert](std::string_view format, std::string_view path) {
    return format_name(escape_control(text_field(convert, format), 30)) + ' ' +
           escape_control(file_name(text_field(convert, path)), 60);
  };
  const std::string source = end("source_format", "source");
  const std::string target = end("target_format", "target");
  if (field(convert, "nodes").is_null())
    return out + fmt::format("{} did not become {}\n", source, target);
  std::string facts = count_text(number_field(convert, "nodes"), "node", "nodes");
  if (const auto transposes = number_field(convert, "transposes"))
    facts += ", " + count_text(transposes, "transpose", "transposes") + " left";
  if (const auto opset = number_field(convert, "opset")) facts += ", opset " + count_text(opset);
  if (const auto seconds = number_field(convert, "seconds"))
    facts += ", in " + time_text(*seconds * 1e9);
  out += fmt::format("{} became {}: {}\n", source, target, facts);
  return out;
}

}  // namespace ponte::report
