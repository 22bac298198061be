// The page: its frame, its first screen, its sections and its data.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "base/text.h"
#include "report/assets.h"
#include "report/fields.h"
#include "report/figures.h"
#include "report/names.h"
#include "report/report.h"
#include "report/sections.h"
#include "report/verdict.h"
#include "report/warnings.h"

namespace ponte::report {
namespace {

constexpr std::size_t most_samples_kept = 100'000;  // in the page's data

std::string_view tone_class(Tone tone) {
  switch (tone) {
    case Tone::Good:
      return "good";
    case Tone::Neutral:
      return "neutral";
    case Tone::Caution:
      return "caution";
    case Tone::Bad:
      return "bad";
  }
  return "neutral";
}

std::string_view tone_sign(Tone tone) {
  switch (tone) {
    case Tone::Good:
      return "✓";
    case Tone::Neutral:
      return "·";
    case Tone::Caution:
      return "!";
    case Tone::Bad:
      return "✕";
  }
  return "·";
}

Markup tile(std::string_view question, const std::optional<Statement>& statement) {
  if (!statement) return {};
  const Markup detail =
      statement->detail.empty() ? Markup() : markup("<p>{}</p>", prose(statement->detail));
  return markup(
      "<div class=\"tile {}\"><h2>{}</h2><p class=\"answer\"><span class=\"sign\" "
      "aria-hidden=\"true\">{}</span><span>{}</span></p>{}</div>\n",
      tone_class(statement->tone), question, tone_sign(statement->tone), prose(statement->brief),
      detail);
}

Markup first_screen(const Json& analysis, const Verdict& verdict) {
  const Json& inspect = field(analysis, "inspect");
  std::string about = shorten(model_names(analysis), 120);
  if (const std::string format = text_field(inspect, "format"); !format.empty())
    about += " · " + format_name(format);
  if (const auto parameters = number_field(inspect, "parameters"))
    about += " · " + rounded_count(parameters, "parameter", "parameters");
  Markup tiles = tile("Same network?", verdict.same);
  tiles += tile("How fast?", verdict.speed);
  tiles += tile("What first?", verdict.first);
  return markup(
      "<section class=\"verdict {}\" aria-labelledby=\"verdict\">\n<p class=\"about\">{}</p>\n<h1 "
      "id=\"verdict\">{}</h1>\n"
      "<div class=\"tiles\">{}</div>\n</section>\n",
      tone_class(verdict.tone()), long_text(about), prose(verdict.sentence), tiles);
}

struct Part {
  std::string_view id;
  std::string_view title;
  Markup content;
};

std::vector<Part> parts_of(const Json& document, const HtmlInput& input,
                           std::span<const SampleSet> samples) {
  const Json analysis = without_repeated_problems(document);
  const Json& bench = field(analysis, "bench");
  const TrialNames names(bench);
  std::vector<Part> parts;
  parts.push_back({"model", "Model", model_section(field(analysis, "inspect"))});
  parts.push_back({"conversion", "Conversion", conversion_section(field(analysis, "convert"))});
  parts.push_back({"numbers", "Numbers", numbers_section(field(analysis, "verify"))});
  parts.push_back({"speed", "Speed", speed_section(bench, samples, names)});
  parts.push_back({"settings", "Settings", settings_section(bench)});
  parts.push_back({"nodes", "Nodes", nodes_section(bench, names)});
  parts.push_back({"accuracy", "Accuracy", accuracy_section(field(analysis, "accuracy"))});
  parts.push_back({"findings", "Findings", findings_section(analysis)});
  parts.push_back(
      {"environment", "Environment", environment_section(analysis, input.command_line)});
  std::erase_if(parts, [](const Part& part) { return part.content.empty(); });
  return parts;
}

// Whole nanoseconds; where there are more than the page should carry, the first ones of each trial.
Json samples_data(std::span<const TrialSamples> samples) {
  Json out = Json::array();
  if (samples.empty()) return out;
  const std::size_t limit = most_samples_kept / samples.size();
  for (const TrialSamples& trial : samples) {
    const std::size_t kept = std::min(limit, trial.latencies_ns.size());
    Json latencies = Json::array();
    for (std::size_t i = 0; i < kept; ++i)
      latencies.push_back(number(std::round(trial.latencies_ns[i])));
    Json processes = Json::array();
    for (std::size_t i = 0; i < std::min(kept, trial.process.size()); ++i)
      processes.push_back(trial.process[i]);
    for (Json& latency : latencies) {
      if (latency.is_number() && latency.get<double>() < 9e15 && latency.get<double>() > -9e15)
        latency = static_cast<std::int64_t>(latency.get<double>());
    }
    out.push_back({{"trial", trial.trial_id},
                   {"samples", trial.latencies_ns.size()},
                   {"latencies_ns", std::move(latencies)},
                   {"process", std::move(processes)}});
  }
  return out;
}

Markup head(const std::string& title) {
  return markup(
      "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
      "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src '{}'; "
      "script-src '{}'; "
      "base-uri 'none'; form-action 'none'\">\n"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<meta "
      "name=\"color-scheme\" content=\"light dark\">\n"
      "<meta name=\"referrer\" "
      "content=\"no-referrer\">\n<title>{}</title>\n<style>{}</style>\n</head>\n",
      page_style.policy_hash, page_script.policy_hash, title, program_text(page_style.text));
}

Markup bar(const Json& analysis) {
  const std::string run = run_name(analysis);
  const Markup run_note =
      run.empty() ? Markup() : markup(R"(<span class="run">run {}</span>)", shortened(run));
  return markup(
      "<header class=\"bar\"><span class=\"brand\">ponte</span>{}<div class=\"actions\">"
      "<button type=\"button\" id=\"copy-markdown\" hidden>Copy as Markdown</button>"
      "<button type=\"button\" id=\"theme\" hidden>Theme: system</button></div></header>\n",
      run_note);
}

Markup navigation(const std::vector<Part>& parts) {
  Markup links;
  for (const Part& part : parts)
    links += markup("<li><a href=\"#{}\">{}</a></li>", part.id, part.title);
  return markup("<nav aria-label=\"Sections\"><ul>{}</ul></nav>\n", links);
}

}  // namespace

std::string html(const HtmlInput& input) {
  const Json analysis = as_analysis(input.analysis);
  std::vector<SampleSet> samples;
  for (const TrialSamples& trial : input.samples) samples.emplace_back(trial);
  const Verdict verdict = verdict_of(analysis);
  const std::vector<Part> parts = parts_of(analysis, input, samples);

  const Json data = {{"schema", "ponte/report/1"},
                     {"analysis", analysis},
                     {"samples", samples_data(input.samples)},
                     {"markdown", markdown(analysis)},
                     {"command_line", input.command_line}};
  Markup page = head(shorten(model_names(analysis), 60) + " – ponte");
  page += markup(
      "<body>\n<a class=\"skip\" href=\"#report\">Skip to the report</a>\n{}<main "
      "id=\"report\">\n{}{}",
      bar(analysis), first_screen(analysis, verdict), navigation(parts));
  for (const Part& part : parts) page += part.content;
  page += markup(
      "</main>\n<footer><p>Made by ponte. This file is complete in itself: its numbers and samples "
      "are embedded as JSON.</p></footer>\n"
      "<p id=\"status\" role=\"status\" class=\"status\"></p>\n<script type=\"application/json\" "
      "id=\"data\">{}</script>\n"
      "<script>{}</script>\n</body>\n</html>\n",
      script_data(json_line(data)), program_text(page_script.text));
  return page.text();
}

}  // namespace ponte::report
