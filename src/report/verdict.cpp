#include "report/verdict.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <vector>

#include "base/counted.h"
#include "base/text.h"
#include "report/comparison.h"
#include "report/fields.h"
#include "report/figures.h"
#include "report/subjects.h"

namespace ponte::report {
namespace {

constexpr std::size_t longest_name = 60;

std::string capitalised(std::string text) {
  if (!text.empty() && text.front() >= 'a' && text.front() <= 'z')
    text.front() = static_cast<char>(text.front() - 32);
  return text;
}

// "OpenCV DNN and ONNX Runtime".
std::string subject_names(const Json& verify) {
  std::vector<std::string> names;
  for (const Json& subject : items(field(verify, "subjects"))) {
    const std::string runtime = text_field(subject, "runtime");
    const std::string name = shorten(runtime_name(runtime), longest_name);
    if (name.empty() || runtime == "reference") continue;
    if (std::ranges::find(names, name) == names.end()) names.push_back(name);
  }
  if (names.empty()) return "every subject";
  std::string out = names.front();
  for (std::size_t i = 1; i < names.size(); ++i) {
    out += (i + 1 == names.size() ? " and " : ", ") + names[i];
  }
  return out;
}

std::string agreement(const Json& verify, std::string_view limit) {
  std::string out = fmt::format("{} {} {} the double-precision judge on {}", subject_names(verify),
                                items(field(verify, "subjects")).size() == 1 ? "stays" : "stay",
                                limit, counted(distinct_outputs(verify), "output", "outputs"));
  if (const auto bits = lowest_bits(verify)) {
    out += fmt::format("; at least {} bits agree", bits_text(bits));
  }
  return out;
}

// "`conv3` (Conv)".
std::string culprit_label(const Json& culprit) {
  const std::string node = text_field(culprit, "node");
  const std::string op = text_field(culprit, "op");
  std::string out = node.empty() ? "an unnamed node" : identifier(node);
  if (!op.empty()) out += fmt::format(" ({})", shorten(op, longest_name));
  return out;
}

std::string culprit_text(const Json& verify) {
  const Json& culprit = field(verify, "culprit");
  if (!culprit.is_object()) return text_field(verify, "culprit_why");
  const std::string kind = text_field(culprit, "kind");
  std::string out = "first wrong: ";
  if (kind == "reader") out += "the reader's translation of ";
  if (kind == "constant") out += "a constant of ";
  const std::string region = region_text(culprit);
  return out + (region.empty() ? culprit_label(culprit) : region);
}

std::string culprit_detail(const Json& verify) {
  const Json& culprit = field(verify, "culprit");
  if (!culprit.is_object()) return text_field(verify, "culprit_why");
  const std::string region = region_text(culprit);
  std::string out =
      capitalised(region.empty() ? culprit_label(culprit) : region) + " is the first that is wrong";
  const std::string subject = subject_name(verify, field(culprit, "subject"));
  if (!subject.empty()) out += " on " + shorten(subject, longest_name);
  const auto error = number_field(culprit, "local_error");
  const auto bound = number_field(culprit, "bound");
  if (error && bound && *bound > 0) {
    out += fmt::format(": its error is {} its bound", times_text(*error / *bound));
  }
  return out;
}

// Where only the file's own runtime departs from what was read in the file, nobody's conversion is
// another network.
std::string different_title(const Json& verify) {
  return text_field(verify, "blame") == "reader-or-source-runtime"
             ? "the file's own runtime gives something else than the file says as ponte reads it"
             : "not the same network";
}

std::optional<Statement> same_statement(const Json& verify) {
  const std::string verdict = text_field(verify, "verdict");
  if (verdict.empty()) return std::nullopt;
  if (verdict == "equivalent") {
    return Statement{Tone::Good, "the same network", "Equivalent",
                     agreement(verify, "within rounding of")};
  }
  if (verdict == "within_tolerance") {
    return Statement{Tone::Good, "the same network within your tolerance", "Within your tolerance",
                     agreement(verify, "within your tolerance of")};
  }
  if (verdict == "different") {
    return Statement{Tone::Bad, different_title(verify), "Different", culprit_detail(verify)};
  }
  return Statement{Tone::Caution, "undecided whether it is the same network", "Undecided",
                   text_field(verify, "culprit_why")};
}

std::string none_beats_defaults(const MainComparison& main) {
  if (main.others == 1) return "the other trial does not beat ONNX Runtime's defaults";
  return fmt::format("none of {} beats ONNX Runtime's defaults",
                     counted(main.others, "other trial", "other trials"));
}

std::optional<Statement> speed_statement(const Json& analysis) {
  const TrialNames names(field(analysis, "bench"));
  const auto main = main_comparison(analysis, names);
  if (!main) return std::nullopt;
  const SpeedComparison& comparison = main->comparison;
  std::string a = shorten(names.name(comparison.a), 2 * longest_name);
  std::string b = shorten(names.name(comparison.b), 2 * longest_name);
  if (main->b_is_defaults) b = "ONNX Runtime's defaults";
  const Json& trial = names.trial(comparison.a);
  const bool is_setting = main->b_is_defaults && text_field(trial, "runtime") == "onnxruntime";
  if (is_setting) a = shorten(settings_text(field(trial, "settings")), 2 * longest_name);
  if (main->b_is_own_runtime) b += ", its own runtime";
  const std::string phrase = speed_phrase(comparison);
  const std::string interval = speed_interval(comparison);
  std::string detail = fmt::format("{} against {}", a, b);
  if (!interval.empty()) detail += fmt::format("; {} {}", interval_name(comparison), interval);
  if (comparison.outcome == Outcome::Undetected && comparison.min_detectable) {
    detail += fmt::format("; this run would have found a difference of {}",
                          percent_text(comparison.min_detectable));
  }
  if (const std::string note = claim_note(comparison); !note.empty()) detail += "; " + note;
  if (main->b_is_defaults && comparison.outcome != Outcome::Faster) {
    return Statement{Tone::Neutral, none_beats_defaults(*main), "The defaults are fastest",
                     "The nearest is " + detail};
  }
  const Tone tone = comparison.outcome == Outcome::Faster   ? Tone::Good
                    : comparison.outcome == Outcome::Slower ? Tone::Caution
                                                            : Tone::Neutral;
  return Statement{tone, speed_relation(comparison, is_setting ? "with" : "on", a, b),
                   capitalised(phrase), detail};
}

int rank(std::string_view severity) {
  constexpr auto order = std::to_array<std::string_view>(
      {"error", "high", "warning", "medium", "low", "note", "info"});
  return static_cast<int>(std::ranges::find(order, severity) - order.begin());
}

std::optional<Statement> first_statement(const Json& analysis) {
  const Json* first = nullptr;
  for (const Json& finding : items(field(analysis, "findings"))) {
    if (!finding.is_object()) continue;
    if (!first || rank(text_field(finding, "severity")) < rank(text_field(*first, "severity")))
      first = &finding;
  }
  if (!first) return std::nullopt;
  const std::string remedy = text_field(*first, "remedy");
  const std::string expected = text_field(*first, "expected");
  const std::string title = shorten(text_field(*first, "title"), 160);
  return Statement{severity_tone(text_field(*first, "severity")), title, title,
                   shorten(remedy, 300) +
                       (expected.empty() ? "" : " (expected: " + shorten(expected, 160) + ")")};
}

std::string first_sentence(const Json& analysis, const Verdict& verdict) {
  if (verdict.same && verdict.same->tone == Tone::Bad) {
    const std::string culprit = culprit_text(field(analysis, "verify"));
    return capitalised(verdict.same->title) + (culprit.empty() ? "" : "; " + culprit);
  }
  std::string out = verdict.same ? verdict.same->title : "";
  if (verdict.speed) {
    out += out.empty() ? "" : ", ";
    out += verdict.speed->title;
    const auto main = main_comparison(analysis, TrialNames(field(analysis, "bench")));
    const std::string interval = main ? speed_interval(main->comparison) : "";
    const bool is_claim = verdict.speed->tone != Tone::Neutral;
    if (is_claim && !interval.empty()) out += " (" + interval + ")";
  }
  if (!out.empty()) return capitalised(out);
  const Json& inspect = field(analysis, "inspect");
  if (inspect.is_object()) {
    return fmt::format(
        "{} model with {} and {}", format_name(text_field(inspect, "format")),
        count_text(number_field(inspect, "nodes"), "node", "nodes"),
        rounded_count(number_field(inspect, "parameters"), "parameter", "parameters"));
  }
  const std::size_t findings = items(field(analysis, "findings")).size();
  if (findings > 0) return counted(findings, "finding", "findings");
  const auto trials = static_cast<std::size_t>(std::ranges::count_if(
      items(field(field(analysis, "bench"), "trials")), [](const Json& trial) {
        return text_field(trial, "status") == "ok" &&
               number_field(trial, "samples").value_or(0) > 0;
      }));
  return trials > 0 ? counted(trials, "trial", "trials") + " measured, none compared"
                    : "Nothing was measured";
}

}  // namespace

std::optional<double> lowest_bits(const Json& verify) {
  std::optional<double> lowest;
  for (const Json& output : items(field(verify, "outputs"))) {
    const auto bits = number_field(output, "bits");
    if (bits && (!lowest || *bits < *lowest)) lowest = bits;
  }
  return lowest;
}

Tone Verdict::tone() const {
  if (same) return same->tone;
  return speed ? speed->tone : Tone::Neutral;
}

Verdict verdict_of(const Json& analysis) {
  Verdict verdict{.same = same_statement(field(analysis, "verify")),
                  .speed = speed_statement(analysis),
                  .first = first_statement(analysis),
                  .sentence = {}};
  verdict.sentence = first_sentence(analysis, verdict);
  // The speed of another network is no good news.
  if (verdict.same && verdict.same->tone == Tone::Bad && verdict.speed)
    verdict.speed->tone = Tone::Neutral;
  return verdict;
}

Tone verdict_tone(std::string_view verdict) {
  if (verdict == "equivalent" || verdict == "within_tolerance" || verdict == "ok" ||
      verdict == "passed")
    return Tone::Good;
  if (verdict == "different" || verdict == "failed" || verdict == "crashed") return Tone::Bad;
  return Tone::Caution;
}

Tone severity_tone(std::string_view severity) {
  if (severity == "error" || severity == "high") return Tone::Bad;
  if (severity == "warning" || severity == "medium") return Tone::Caution;
  return Tone::Neutral;
}

std::string region_text(const Json& culprit) {
  constexpr std::size_t most_named = 5;
  const Json::array_t& nodes = items(field(culprit, "region"));
  if (nodes.size() < 2) return {};
  const std::size_t named = nodes.size() > most_named ? most_named : nodes.size() - 1;
  std::string out = "one of ";
  for (std::size_t i = 0; i < named; ++i)
    out += (i > 0 ? ", " : "") + identifier(text_of(nodes[i]));
  return out + " and " +
         (nodes.size() > most_named ? fmt::format("{} more", nodes.size() - named)
                                    : identifier(text_of(nodes.back())));
}

std::string unjudged_text(const Json& output) {
  const auto unstable = number_field(output, "unstable"), all = number_field(output, "unstable_of");
  if (!unstable || *unstable == 0) return {};
  return fmt::format("{} of {} not judged: rounding, or what ONNX leaves undefined, decides {}",
                     count_text(unstable), count_text(all, "element is", "elements are"),
                     *unstable == 1 ? "it" : "them");
}

std::string identifier(std::string_view name) {
  std::string out = shorten(name, longest_name);
  std::ranges::replace(out, '`', '\'');
  return '`' + out + '`';
}

}  // namespace ponte::report
