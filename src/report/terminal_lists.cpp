// On a terminal: what this installation knows and can do.
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/counted.h"
#include "base/text.h"
#include "base/text_table.h"
#include "report/fields.h"
#include "report/figures.h"
#include "report/names.h"
#include "report/terminal_views.h"

namespace ponte::report {
namespace {

constexpr std::size_t most_cases = 40;

std::string joined(const Json& array, std::size_t longest) {
  std::string out;
  for (const Json& item : items(array)) out += (out.empty() ? "" : ", ") + text_of(item);
  return escape_control(out, longest);
}

std::string yes(const Json& value) { return value == true ? "yes" : "–"; }

std::size_t count_true(const Json::array_t& rows, std::string_view key) {
  return static_cast<std::size_t>(
      std::ranges::count_if(rows, [key](const Json& row) { return field(row, key) == true; }));
}

// Rows with a reader and rows with a writer: "52 of 60 read, 40 written".
std::string coverage(const Json& ops) {
  const Json::array_t& rows = items(ops);
  if (rows.empty()) return {};
  const auto has = [](const Json& value) {
    return value == true || (value.is_string() && !text_of(value).empty());
  };
  const auto count = [&](std::string_view key) {
    return std::ranges::count_if(rows, [&](const Json& row) { return has(field(row, key)); });
  };
  return fmt::format("{} of {} read, {} written", count("read"), rows.size(), count("write"));
}

std::string settings_view(const Json& runtime, const View& view) {
  const Json::array_t& settings = items(field(runtime, "settings"));
  if (settings.empty()) return {};
  const std::string name = escape_control(text_field(runtime, "name"), 30);
  std::string out = fmt::format("settings, as --set {}.KEY=VALUE:\n", name);
  for (const Json& setting : settings) {
    const std::string usual = text_field(setting, "default");
    out +=
        fmt::format("  {}={}{}\n", view.bold(escape_control(text_field(setting, "key"), 60)),
                    escape_control(text_field(setting, "values"), 100),
                    usual.empty() ? "" : fmt::format(" (default {})", escape_control(usual, 60)));
    out += view.wrapped(text_field(setting, "description"), 6);
  }
  return out + '\n';
}

}  // namespace

std::string runtimes_view(const Json& document, const View& view) {
  TextTable table({{"runtime", Align::Left},
                   {"version", Align::Left},
                   {"devices", Align::Left},
                   {"reads", Align::Left},
                   {"where", Align::Left}});
  std::string absent;
  std::string settings;
  std::string last;  // copies of one runtime follow each other
  const Json::array_t& runtimes = items(field(document, "runtimes"));
  for (const Json& runtime : runtimes) {
    const std::string name = escape_control(text_field(runtime, "name"), 30);
    if (name != last) settings += settings_view(runtime, view);
    last = name;
    if (field(runtime, "found") == true) {
      table.add_row({name, escape_control(text_field(runtime, "version"), 20),
                     joined(field(runtime, "devices"), 30), joined(field(runtime, "formats"), 40),
                     view.dim(escape_control(text_field(runtime, "path"), 100))});
    } else {
      const std::string why = text_field(runtime, "why_not");
      absent += view.wrapped(name + ": " + (why.empty() ? "not found" : why), 2);
    }
  }
  std::string out = settings + (table.empty() ? "" : table.text());
  if (!absent.empty()) out += "not here:\n" + absent;
  return out + fmt::format("{} of {} found\n", count_true(runtimes, "found"),
                           counted(runtimes.size(), "runtime", "runtimes"));
}

std::string formats_view(const Json& document, const View&) {
  TextTable table({{"format", Align::Left},
                   {"files", Align::Left},
                   {"read", Align::Left},
                   {"write", Align::Left},
                   {"ops", Align::Left}});
  const Json::array_t& formats = items(field(document, "formats"));
  for (const Json& format : formats) {
    table.add_row({escape_control(text_field(format, "name"), 30),
                   joined(field(format, "extensions"), 40), yes(field(format, "read")),
                   yes(field(format, "write")), coverage(field(format, "ops"))});
  }
  return (table.empty() ? "" : table.text()) +
         fmt::format("{}: {} read, {} written\n", counted(formats.size(), "format", "formats"),
                     count_true(formats, "read"), count_true(formats, "write"));
}

std::string ops_view(const Json& document, const View& view) {
  TextTable table({{"op", Align::Left},
                   {"domain", Align::Left},
                   {"since", Align::Right},
                   {"infer", Align::Left},
                   {"evaluate", Align::Left}});
  const Json::array_t& ops = items(field(document, "ops"));
  for (const Json& op : ops) {
    const std::string domain = text_field(op, "domain");
    table.add_row({view.name(text_field(op, "name")),
                   view.name(domain.empty() ? "ai.onnx" : domain),
                   count_text(number_field(op, "since")), yes(field(op, "infer")),
                   yes(field(op, "evaluate"))});
  }
  return (table.empty() ? "" : table.text()) +
         fmt::format("{}: {} with inference, {} evaluated\n", counted(ops.size(), "op", "ops"),
                     count_true(ops, "infer"), count_true(ops, "evaluate"));
}

std::string conformance_view(const Json& document, const View& view) {
  TextTable table(
      {{"case", Align::Left}, {"op", Align::Left}, {"status", Align::Left}, {"", Align::Left}});
  std::size_t failures = 0;
  for (const Json& entry : items(field(document, "cases"))) {
    const std::string status = text_field(entry, "status");
    if (status == "passed" || status == "skipped" || status == "not_implemented" ||
        status == "type_unsupported")
      continue;
    if (++failures > most_cases) continue;
    table.add_row({view.name(text_field(entry, "name")), view.name(text_field(entry, "op")),
                   view.toned(Tone::Bad, escape_control(words(status), 20)),
                   view.dim(escape_control(text_field(entry, "detail"), 100))});
  }
  std::string out = table.empty() ? "" : table.text();
  if (failures > most_cases)
    out += view.dim(fmt::format("{} more with --json", failures - most_cases)) + '\n';
  std::string counts;
  for (const std::string_view key :
       {"failed", "crashed", "timed_out", "not_implemented", "type_unsupported", "skipped"}) {
    const auto count = number_field(document, key);
    if (count && *count > 0) counts += fmt::format(", {} {}", count_text(count), words(key));
  }
  const std::string runtime = runtime_name(escape_control(text_field(document, "runtime"), 40));
  const std::string version = escape_control(text_field(document, "version"), 40);
  const Tone tone = failures > 0 ? Tone::Bad : Tone::Good;
  return out +
         view.toned(
             tone,
             fmt::format("{}{} passes {} of {}{}", runtime, version.empty() ? "" : " " + version,
                         count_text(number_field(document, "passed")),
                         count_text(number_field(document, "total"), "case", "cases"), counts)) +
         '\n';
}

}  // namespace ponte::report
