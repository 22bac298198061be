// The model and what became of it.
#include <fmt/format.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "base/counted.h"
#include "base/text.h"
#include "report/charts.h"
#include "report/fields.h"
#include "report/figures.h"
#include "report/html_table.h"
#include "report/sections.h"
#include "report/verdict.h"

namespace ponte::report {
namespace {

constexpr std::size_t most_rows = 200;
constexpr std::size_t ops_at_once = 12;

Markup rest_note(std::size_t shown, std::size_t all) {
  if (all <= shown) return {};
  return markup("<p class=\"quiet\">{} more in the JSON document.</p>\n",
                count_text(static_cast<double>(all - shown)));
}

Markup signature_table(std::string_view caption, std::string_view title, const Json& values) {
  HtmlTable table(caption, {{title}, {"Type"}, {"Shape"}});
  const Json::array_t& all = items(values);
  for (std::size_t i = 0; i < std::min(all.size(), most_rows); ++i) {
    table.add_row({code(text_field(all[i], "name")), markup("{}", text_field(all[i], "dtype")),
                   markup("{}", shape_text(field(all[i], "shape")))});
  }
  Markup out = table.markup();
  out += rest_note(most_rows, all.size());
  return out;
}

using OpCounts = std::vector<std::pair<std::string, double>>;

OpCounts counts_of(const Json& ops) {
  OpCounts out;
  for (const auto& [name, count] : members(ops))
    out.emplace_back(name, number_of(count).value_or(0));
  std::ranges::stable_sort(out, [](const auto& a, const auto& b) { return a.second > b.second; });
  return out;
}

Markup op_table(const OpCounts& counts, std::size_t first, std::size_t last) {
  if (first >= last) return {};
  HtmlTable table("Operators", {{"Operator"}, {"Nodes", Cell::Number}, {"", Cell::Picture}});
  const double most = std::max(1.0, counts.front().second);
  for (std::size_t i = first; i < last; ++i) {
    table.add_row({code(counts[i].first), markup("{}", count_text(counts[i].second)),
                   share_bar(counts[i].second / most)});
  }
  return table.markup();
}

Markup op_tables(const Json& ops) {
  const OpCounts counts = counts_of(ops);
  if (counts.empty()) return {};
  const std::size_t at_once = std::min(counts.size(), ops_at_once);
  Markup out = op_table(counts, 0, at_once);
  const std::size_t last = std::min(counts.size(), most_rows);
  out += details(counted(counts.size() - at_once, "more operator", "more operators"),
                 op_table(counts, at_once, last));
  return out;
}

Markup model_facts(const Json& inspect) {
  FactList facts;
  const std::string version = text_field(inspect, "format_version");
  const std::string format = text_field(inspect, "format");
  facts.add("Format", format_name(format), version.empty() ? "" : "version " + version);
  facts.add("Size", size_text(number_field(inspect, "bytes")));
  facts.add("Parameters", rounded_count(number_field(inspect, "parameters")),
            size_text(number_field(inspect, "parameter_bytes")));
  facts.add("Multiply-adds", rounded_count(number_field(inspect, "macs")), "per run");
  facts.add("Nodes", count_text(number_field(inspect, "nodes")));
  facts.add("Opset", count_text(number_field(inspect, "opset")));
  facts.add("Made by", shorten(text_field(inspect, "producer"), 120));
  const Json& values = field(inspect, "values");
  if (const auto known = number_field(values, "known")) {
    facts.add("Shapes known", count_text(known),
              count_text(number_field(values, "unknown").value_or(0)) + " unknown");
  }
  return facts.markup();
}

std::string joined(const Json& array) {
  std::string out;
  for (const Json& item : items(array)) {
    const std::string text = item.is_object() ? text_field(item, "name") : text_of(item);
    out += (out.empty() ? "" : ", ") + (text.empty() ? text_of(item) : text);
  }
  return out;
}

Markup further_facts(const Json& inspect) {
  FactList facts;
  facts.add("Open dimensions", joined(field(inspect, "dynamic_dims")));
  facts.add("Signatures", joined(field(inspect, "signatures")));
  facts.add("States", joined(field(inspect, "states")));
  return facts.markup();
}

Markup flow(const Json& convert) {
  const auto end = [](std::string_view format, std::string_view path) {
    return markup(R"(<div class="end"><strong>{}</strong><span>{}</span></div>)",
                  format_name(format), shortened(file_name(path)));
  };
  return markup(
      "<div class=\"flow\">{}<span class=\"arrow\" aria-label=\"became\">→</span>{}</div>\n",
      end(text_field(convert, "source_format"), text_field(convert, "source")),
      end(text_field(convert, "target_format"), text_field(convert, "target")));
}

// None where the files were only made to be looked at.
Markup file_table(const Json& convert) {
  if (field(convert, "kept") == false) return {};

  HtmlTable table("Files written", {{"File written"}, {"Size", Cell::Number}});
  for (const Json& file : items(field(convert, "files"))) {
    table.add_row(
        {code(text_field(file, "path")), markup("{}", size_text(number_field(file, "bytes")))});
  }
  return table.markup();
}

// Each row of the map names a source node and what it became.
Markup map_table(const Json& map) {
  HtmlTable table("What became what", {{"In the source"}, {"Became"}});
  std::size_t all = 0;
  const auto add = [&](const std::string& source, const std::string& target) {
    if (++all <= most_rows) table.add_row({code(source), code(target)});
  };
  for (const auto& [source, target] : members(map))
    add(source, target.is_array() ? joined(target) : text_of(target));
  for (const Json& row : items(map)) {
    const Json& target = field(row, "target");
    add(text_field(row, "source"), target.is_array() ? joined(target) : text_of(target));
  }
  Markup out = table.markup();
  out += rest_note(most_rows, all);
  return details("What became what", out);
}

}  // namespace

Markup problem_list(const Json& problems) {
  const Json::array_t& all = items(problems);
  Markup entries;
  for (std::size_t i = 0; i < std::min(all.size(), most_rows); ++i) {
    const Json& problem = all[i];
    const Json& where = field(problem, "where");
    std::string place;
    for (const std::string_view key : {"node", "op", "file"}) {
      if (const std::string text = text_field(where, key); !text.empty())
        place += (place.empty() ? "" : " · ") + shorten(text, 80);
    }
    if (const auto byte = number_field(where, "byte"))
      place += (place.empty() ? "byte " : ", byte ") + count_text(byte);
    Markup more;
    if (!place.empty()) more += markup(R"(<span class="quiet">{}</span>)", long_text(place));
    if (const std::string help = text_field(problem, "help"); !help.empty())
      more += markup(R"(<span class="help">{}</span>)", prose(help));
    const auto count = number_field(problem, "count");
    const std::string times = count && *count > 1 ? " (" + count_text(count) + " times)" : "";
    entries += markup("<li>{} <code class=\"problem-code\">{}</code> <span>{}{}</span>{}</li>\n",
                      badge(text_field(problem, "severity")), text_field(problem, "code"),
                      prose(text_field(problem, "message")), times, more);
  }
  if (entries.empty()) return {};
  Markup out = markup("<ul class=\"problems\">{}</ul>\n", entries);
  out += rest_note(most_rows, all.size());
  return out;
}

Markup model_section(const Json& inspect) {
  if (!inspect.is_object()) return {};
  Markup content = model_facts(inspect);
  content += further_facts(inspect);
  Markup ends = signature_table("Inputs of the model", "Input", field(inspect, "inputs"));
  ends += signature_table("Outputs of the model", "Output", field(inspect, "outputs"));
  content += markup("<div class=\"columns\"><div>{}</div><div>{}</div></div>\n", ends,
                    op_tables(field(inspect, "ops")));
  content += problem_list(field(inspect, "problems"));
  return section("model", "The model", content);
}

Markup conversion_section(const Json& convert) {
  if (!convert.is_object()) return {};
  Markup content = flow(convert);
  FactList facts;
  facts.add("Nodes written", count_text(number_field(convert, "nodes")));
  facts.add("Transposes left", count_text(number_field(convert, "transposes")));
  facts.add("Opset", count_text(number_field(convert, "opset")));
  if (const auto seconds = number_field(convert, "seconds"))
    facts.add("Time", time_text(*seconds * 1e9));
  facts.add("Peak memory", size_text(number_field(convert, "peak_rss_bytes")));
  facts.add("States", joined(field(convert, "states")));
  const Json& map = field(convert, "map");
  if (map.is_string()) facts.add("Map of names", code(text_of(map)));
  content += facts.markup();
  content += file_table(convert);
  content += map_table(map);
  content += problem_list(field(convert, "problems"));
  return section("conversion", "Conversion", content);
}

}  // namespace ponte::report
