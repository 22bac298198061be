// The numerical comparison with the judge.
#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "report/charts.h"
#include "report/fields.h"
#include "report/figures.h"
#include "report/html_table.h"
#include "report/sections.h"
#include "report/subjects.h"
#include "report/verdict.h"

namespace ponte::report {
namespace {

constexpr std::size_t most_rows = 300;
constexpr double float_bits = 24;
constexpr double double_bits = 53;

double full_scale(const Json& outputs) {
  for (const Json& output : items(outputs)) {
    if (number_field(output, "bits").value_or(0) > float_bits) return double_bits;
  }
  return float_bits;
}

Markup output_table(const Json& verify) {
  HtmlTable table("Each output of each subject against the judge",
                  {{"Output"},
                   {"Subject"},
                   {"Bits that agree", Cell::Picture},
                   {"", Cell::Number},
                   {"Predicted", Cell::Number},
                   {"Largest error", Cell::Number},
                   {"Relative error", Cell::Number},
                   {"Of its bound", Cell::Number},
                   {"Verdict"}});
  const Json& outputs = field(verify, "outputs");
  const Json::array_t& all = items(outputs);
  const double scale = full_scale(outputs);
  for (std::size_t i = 0; i < std::min(all.size(), most_rows); ++i) {
    const Json& output = all[i];
    const auto bits = number_field(output, "bits");
    const auto expected = number_field(output, "expected_bits");
    const auto error = number_field(output, "rms_relative");
    const auto bound = number_field(output, "bound");
    const bool comparable = error && bound && *bound > 0;
    const bool exact = field(output, "exact") == true;
    const std::string verdict = text_field(output, "verdict");
    const std::string_view row_class = verdict_tone(verdict) == Tone::Bad ? "bad" : "";
    Markup largest = markup("{}", small_text(number_field(output, "max_abs")));
    if (const std::string index = text_field(output, "worst_index"); !index.empty()) {
      largest +=
          markup(R"(<span class="quiet">at {}</span>)", std::string_view(shorten(index, 40)));
    }
    Markup judged = badge(verdict);
    if (const std::string why = text_field(output, "why"); !why.empty())
      judged += markup(R"(<br><span class="quiet">{}</span>)", prose(why));
    if (const std::string unjudged = unjudged_text(output); !unjudged.empty())
      judged += markup(R"(<br><span class="quiet">{}</span>)", std::string_view(unjudged));
    table.add_row(
        {code(text_field(output, "name")),
         shortened(subject_name(verify, field(output, "subject"))), bits_bar(bits, expected, scale),
         markup("<strong>{}</strong>", exact ? "exact" : bits_text(bits)),
         markup("{}", bits_text(expected)), largest, markup("{}", small_text(error)),
         markup("{}", comparable ? times_text(*error / *bound) : std::string(missing)), judged},
        row_class);
  }
  Markup out = table.markup();
  if (all.size() > most_rows) {
    out += markup("<p class=\"quiet\">{} more in the JSON document.</p>\n",
                  count_text(static_cast<double>(all.size() - most_rows)));
  }
  return out;
}

Markup culprit_note(const Json& verify) {
  const Json& culprit = field(verify, "culprit");
  const std::string why = text_field(verify, "culprit_why");
  if (!culprit.is_object()) return why.empty() ? Markup() : markup("<p>{}</p>\n", prose(why));
  FactList facts;
  facts.add("Node", code(text_field(culprit, "node")));
  facts.add("Operator", markup("{}", shortened(text_field(culprit, "op"))));
  facts.add("Kind", text_field(culprit, "kind"));
  if (const std::string region = region_text(culprit); !region.empty())
    facts.add("Region", prose(region));
  facts.add("Seen on", subject_name(verify, field(culprit, "subject")));
  const std::string origin = list_text(field(culprit, "origin"));
  if (!origin.empty()) facts.add("In the source", code(origin));
  const auto error = number_field(culprit, "local_error");
  const auto bound = number_field(culprit, "bound");
  facts.add("Local error", small_text(error), bound ? "bound " + small_text(bound) : "");
  if (error && bound && *bound > 0) facts.add("Times its bound", times_text(*error / *bound));
  return markup(
      "<aside class=\"callout bad\" aria-label=\"Culprit\"><h3>The first that is "
      "wrong</h3>{}{}</aside>\n",
      facts.markup(), why.empty() ? Markup() : markup("<p>{}</p>", prose(why)));
}

Markup subject_table(const Json& verify) {
  HtmlTable table("What was compared", {{"Subject"}, {"Model"}, {"Version"}, {"Status"}});
  for (const Json& subject : items(field(verify, "subjects"))) {
    table.add_row({shortened(runtime_name(text_field(subject, "runtime"))),
                   code(file_name(text_field(subject, "model"))),
                   shortened(text_field(subject, "version")),
                   badge(text_field(subject, "status"))});
  }
  return table.markup();
}

// Subjects that gave no answer.
Markup failed_subjects(const Json& verify) {
  Markup entries;
  for (const Json& subject : items(field(verify, "subjects"))) {
    const std::string status = text_field(subject, "status");
    if (status.empty() || status == "ok") continue;
    entries += markup("<li>{} <span>{}</span><span class=\"help\">{}</span></li>\n", badge(status),
                      shortened(subject_title(subject)), prose(text_field(subject, "why")));
  }
  return entries.empty() ? Markup() : markup("<ul class=\"problems\">{}</ul>\n", entries);
}

Markup how_it_was_judged(const Json& verify) {
  const Json& inputs = field(verify, "inputs");
  const Json& sets = field(inputs, "sets");
  FactList facts;
  facts.add("Input sets",
            sets.is_array() ? std::to_string(sets.size()) : shorten(text_of(sets), 200));
  facts.add("Seed", text_field(inputs, "seed"));
  const std::string blame = text_field(verify, "blame");
  facts.add("Blame", words(blame));
  for (const Json& excused : items(field(verify, "excused"))) {
    facts.add("Excused", long_text(excused.is_object() ? json_line(excused) : text_of(excused)));
  }
  Markup out = subject_table(verify);
  out += facts.markup();
  return details("What was compared, and with which inputs", out);
}

}  // namespace

Markup numbers_section(const Json& verify) {
  if (!verify.is_object()) return {};
  Markup content = problem_list(field(verify, "problems"));
  content += culprit_note(verify);
  content += failed_subjects(verify);
  const Markup outputs = output_table(verify);
  content += outputs;
  if (!outputs.empty()) {
    content += markup(
        "<p class=\"note\">Every output is compared with the same network evaluated in double "
        "precision. The mark on a bar is what correct "
        "rounding predicts for this network; a subject within its bound differs by rounding "
        "alone.</p>\n");
  }
  content += how_it_was_judged(verify);
  return section("numbers", "Is it the same network?", content);
}

}  // namespace ponte::report
