// Settings, nodes, accuracy, findings and the environment; and the frame of all sections.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "base/counted.h"
#include "base/text.h"
#include "report/charts.h"
#include "report/fields.h"
#include "report/figures.h"
#include "report/html_table.h"
#include "report/sections.h"
#include "report/sweep.h"
#include "report/verdict.h"

namespace ponte::report {
namespace {

constexpr std::size_t most_rows = 200;
constexpr std::size_t nodes_at_once = 15;
constexpr int heat_steps = 6;
constexpr double hottest = 2.5;  // times the fastest

int heat_of(double relative) {
  return std::clamp(
      static_cast<int>(std::lround(std::log(relative) / std::log(hottest) * heat_steps)), 0,
      heat_steps);
}

Markup cell_markup(const std::optional<SweepCell>& cell) {
  if (!cell) return markup(R"(<td class="heat none">{}</td>)", missing);
  if (!cell->median_ns) return markup(R"(<td class="heat none">failed</td>)");
  const bool fastest = cell->relative < 1.0000001;
  return markup(R"(<td class="heat heat-{}"><strong>{}</strong><span>{}</span></td>)",
                heat_of(cell->relative), cell->time,
                fastest ? std::string("fastest") : fmt::format("{:.2f}×", cell->relative));
}

Markup defaults_note(const Sweep& sweep) {
  if (!sweep.defaults || !sweep.defaults->median_ns) return {};
  return markup(R"(<span class="quiet">with its defaults {}, {}×</span>)", sweep.defaults->time,
                fmt::format("{:.2f}", sweep.defaults->relative));
}

Markup sweep_table(const Sweep& sweep) {
  Markup head =
      markup(R"(<th scope="col">{}</th>)",
             shortened(sweep.row_setting +
                       (sweep.column_setting.empty() ? "" : " ↓  " + sweep.column_setting + " →")));
  for (const std::string& column : sweep.columns)
    head += markup(R"(<th scope="col">{}</th>)",
                   column.empty() ? Markup(markup("median")) : shortened(column));
  Markup rows;
  for (std::size_t row = 0; row < sweep.rows.size(); ++row) {
    Markup cells = markup(R"(<th scope="row">{}</th>)", shortened(sweep.rows[row]));
    for (const auto& cell : sweep.cells[row]) cells += cell_markup(cell);
    rows += markup("<tr>{}</tr>\n", cells);
  }
  return markup(
      "<figure class=\"sweep\"><figcaption>{}{}</figcaption><div class=\"scroll\" role=\"region\" "
      "aria-label=\"Settings\" tabindex=\"0\"><table>"
      "<thead><tr>{}</tr></thead><tbody>{}</tbody></table></div></figure>\n",
      shortened(sweep.title), defaults_note(sweep), head, rows);
}

struct NodeTime {
  std::string node;
  std::string op;
  double ns;
};

Markup node_table(std::string_view caption, const std::vector<NodeTime>& nodes, double total,
                  bool with_op) {
  std::vector<HtmlColumn> columns = {{with_op ? "Node" : "Operator"},
                                     {"Time", Cell::Number},
                                     {"Share", Cell::Number},
                                     {"", Cell::Picture}};
  if (with_op) columns.insert(columns.begin() + 1, HtmlColumn{"Operator"});
  HtmlTable table(caption, columns);
  for (std::size_t i = 0; i < std::min(nodes.size(), nodes_at_once); ++i) {
    const NodeTime& node = nodes[i];
    std::vector<Markup> cells = {code(with_op ? node.node : node.op),
                                 markup("{}", time_text(node.ns)),
                                 markup("{}", percent_text(node.ns / total)),
                                 share_bar(node.ns / std::max(nodes.front().ns, 1e-9))};
    if (with_op) cells.insert(cells.begin() + 1, shortened(node.op));
    table.add_row(cells);
  }
  return table.markup();
}

Markup profile_of(const std::string& trial, std::vector<NodeTime> nodes, const TrialNames& names) {
  double total = 0;
  std::map<std::string, double> by_op;
  for (const NodeTime& node : nodes) {
    total += node.ns;
    by_op[node.op] += node.ns;
  }
  if (total <= 0) return {};
  const auto longest_first = [](const NodeTime& a, const NodeTime& b) { return a.ns > b.ns; };
  std::vector<NodeTime> ops;
  for (const auto& [op, ns] : by_op) ops.push_back({"", op, ns});
  std::ranges::stable_sort(ops, longest_first);
  std::ranges::stable_sort(nodes, longest_first);
  return markup(
      "<h3>{}</h3><p class=\"quiet\">{} per execution in {}, as the runtime itself tells; telling "
      "takes time too</p><div class=\"columns\"><div>{}</div><div>{}</div></div>\n",
      shortened(names.name(trial)), time_text(total), counted(nodes.size(), "node", "nodes"),
      node_table("Time by node", nodes, total, true),
      node_table("Time by operator", ops, total, false));
}

Markup evidence_list(const Json& evidence) {
  FactList facts;
  std::size_t shown = 0;
  for (const auto& [key, value] : members(evidence)) {
    if (++shown > 24) break;
    facts.add(shorten(words(key), 60), long_text(shorten(text_of(value), 300)));
  }
  if (!evidence.is_object() && !evidence.is_null())
    facts.add("Evidence", long_text(text_of(evidence)));
  return facts.markup();
}

std::string measured_text(const Json& measured) {
  const auto ratio = number_field(measured, "ratio");
  if (!ratio || *ratio <= 0) return {};
  std::string out = fmt::format("{:.3f} times the time", *ratio);
  const auto low = number_field(measured, "ci_low");
  const auto high = number_field(measured, "ci_high");
  if (low && high) out += fmt::format(" ({:.3f} to {:.3f})", *low, *high);
  return out;
}

Markup finding_markup(const Json& finding) {
  Markup body;
  if (const std::string remedy = text_field(finding, "remedy"); !remedy.empty())
    body += markup("<p class=\"remedy\">{}</p>\n", prose(remedy));
  FactList effects;
  if (const std::string expected = text_field(finding, "expected"); !expected.empty())
    effects.add("Expected", prose(expected));
  effects.add("Measured", measured_text(field(finding, "measured")));
  body += effects.markup();
  body += details("Evidence", evidence_list(field(finding, "evidence")));
  const std::string link = text_field(finding, "link");
  const bool is_web = link.starts_with("https://") || link.starts_with("http://");
  if (is_web && link.size() < 2000) {
    body += markup(R"(<p><a href="{}" rel="noreferrer noopener">{}</a></p>)", long_text(link),
                   shortened(link));
  } else if (!link.empty()) {
    body += markup(R"(<p class="quiet">{}</p>)", shortened(link));
  }
  return markup(
      "<li class=\"finding\"><h3>{} {} <code class=\"problem-code\">{}</code></h3>{}</li>\n",
      badge(text_field(finding, "severity")), prose(shorten(text_field(finding, "title"), 300)),
      text_field(finding, "code"), body);
}

void flatten(const Json& value, const std::string& path, int depth,
             std::vector<std::pair<std::string, std::string>>& out) {
  if (out.size() >= most_rows) return;
  if (value.is_object() && depth > 0 && !value.empty()) {
    for (const auto& [key, member] : members(value))
      flatten(member, path.empty() ? words(key) : path + " · " + words(key), depth - 1, out);
    return;
  }
  std::string text;
  if (value.is_array()) {
    for (const Json& item : items(value)) text += (text.empty() ? "" : ", ") + text_of(item);
  } else if (value.is_boolean()) {
    text = value.get<bool>() ? "yes" : "no";
  } else if (value.is_number_integer()) {
    text = count_text(number_of(value));
  } else {
    text = text_of(value);
  }
  if (!text.empty()) out.emplace_back(path, text);
}

Markup environment_table(const Json& environment) {
  std::vector<std::pair<std::string, std::string>> rows;
  flatten(environment, "", 4, rows);
  HtmlTable table("Environment", {{"Property"}, {"Value"}});
  for (const auto& [name, value] : rows)
    table.add_row({shortened(name), long_text(shorten(value, 600))});
  return table.markup();
}

}  // namespace

Markup section(std::string_view id, std::string_view title, const Markup& content) {
  if (content.empty()) return {};
  return markup(
      "<section id=\"{}\" aria-labelledby=\"{}-title\">\n<h2 "
      "id=\"{}-title\">{}</h2>\n{}</section>\n",
      id, id, id, title, content);
}

Markup badge(std::string_view word) {
  if (word.empty()) return {};
  Tone tone = verdict_tone(word);
  if (word == "error" || word == "high" || word == "timed_out") tone = Tone::Bad;
  if (word == "note" || word == "info" || word == "low" || word == "skipped") tone = Tone::Neutral;
  const std::string_view tone_class = tone == Tone::Good      ? "good"
                                      : tone == Tone::Bad     ? "bad"
                                      : tone == Tone::Caution ? "caution"
                                                              : "neutral";
  return markup(R"(<span class="badge {}">{}</span>)", tone_class,
                std::string_view(shorten(words(word), 40)));
}

Markup settings_section(const Json& bench) {
  Markup content;
  for (const Sweep& sweep : sweeps(bench)) content += sweep_table(sweep);
  if (content.empty()) return {};
  content += markup(
      "<p class=\"note\">Median latency, or its range over processes where it is not steady, and "
      "times as long "
      "as the fastest of its grid.</p>\n");
  return section("settings", "Which settings?", content);
}

Markup nodes_section(const Json& bench, const TrialNames& names) {
  std::vector<std::pair<std::string, std::vector<NodeTime>>> trials;
  for (const Json& entry : items(field(bench, "profile"))) {
    const std::string trial = text_field(entry, "trial");
    const auto ns = number_field(entry, "ns");
    if (!ns || *ns < 0) continue;
    auto found = std::ranges::find(trials, trial, [](const auto& pair) { return pair.first; });
    if (found == trials.end()) found = trials.insert(trials.end(), {trial, {}});
    found->second.push_back({text_field(entry, "node"), text_field(entry, "op"), *ns});
  }
  Markup content;
  for (auto& [trial, nodes] : trials) content += profile_of(trial, std::move(nodes), names);
  return section("nodes", "Where does the time go?", content);
}

Markup accuracy_section(const Json& accuracy) {
  HtmlTable table(
      "Accuracy",
      {{"Runtime"}, {"Accuracy", Cell::Number}, {"", Cell::Picture}, {"Samples", Cell::Number}});
  for (const Json& row : items(accuracy)) {
    const auto share = number_field(row, "accuracy");
    const std::string text = share ? fmt::format("{:.2f} %", *share * 100) : std::string(missing);
    Markup runtime = shortened(runtime_name(text_field(row, "runtime")));
    if (const std::string why = text_field(row, "why"); !why.empty())
      runtime += markup(R"(<span class="help">{}</span>)", prose(why));
    table.add_row({runtime, markup("<strong>{}</strong>", text), share_bar(share.value_or(0)),
                   markup("{}", count_text(number_field(row, "samples")))});
  }
  return section("accuracy", "How often is it right?", table.markup());
}

Markup findings_section(const Json& analysis) {
  Markup entries;
  const Json::array_t& all = items(field(analysis, "findings"));
  for (std::size_t i = 0; i < std::min(all.size(), most_rows); ++i) {
    if (all[i].is_object()) entries += finding_markup(all[i]);
  }
  return section("findings", "What could be better?",
                 entries.empty() ? Markup() : markup("<ul class=\"findings\">{}</ul>\n", entries));
}

Markup environment_section(const Json& analysis, std::string_view command_line) {
  Markup content;
  if (!command_line.empty()) {
    content += markup(
        "<h3>To do this again</h3>\n<div class=\"command\"><pre><code "
        "id=\"command-line\">{}</code></pre>"
        "<button type=\"button\" data-copy=\"command-line\" hidden>Copy</button></div>\n",
        long_text(command_line));
  }
  HtmlTable files("Files", {{"File"}, {"Size", Cell::Number}});
  for (const Json& file : items(field(analysis, "files"))) {
    const bool is_object = file.is_object();
    files.add_row(
        {code(is_object ? text_field(file, "path") : text_of(file)),
         markup("{}", is_object ? size_text(number_field(file, "bytes")) : std::string(missing))});
  }
  if (!files.empty()) content += markup("<h3>Files</h3>\n{}", files.markup());
  const Markup environment = environment_table(field(field(analysis, "bench"), "environment"));
  if (!environment.empty()) content += markup("<h3>Machine</h3>\n{}", environment);
  return section("environment", "Environment", content);
}

}  // namespace ponte::report
