// On a terminal: what a verification compared, and what more it looked at.
#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "base/counted.h"
#include "base/text.h"
#include "report/fields.h"
#include "report/figures.h"
#include "report/subjects.h"
#include "report/terminal_views.h"
#include "report/verdict.h"

namespace ponte::report {
namespace {

constexpr std::size_t most_lines = 10;

std::string joined(const std::vector<std::string>& texts) {
  return fmt::format("{}", fmt::join(texts, ", "));
}

void add_once(std::vector<std::string>& texts, const std::string& text) {
  if (std::ranges::find(texts, text) == texts.end()) texts.push_back(text);
}

// One wrapped line for each item, and how many more there are.
template <typename Line>
std::string lines(const Json::array_t& all, const View& view, const Line& line) {
  std::string out;
  for (std::size_t i = 0; i < std::min(all.size(), most_lines); ++i)
    out += view.wrapped(line(all[i]), 2);
  if (all.size() > most_lines)
    out += view.dim(fmt::format("  {} more with --json", all.size() - most_lines)) + '\n';
  return out;
}

std::string variation_line(const Json& verify, const Json& variation) {
  return fmt::format(
      "! other bits {}: `{}` on {} differs by up to {}",
      text_field(variation, "how") == "again" ? "when run again"
                                              : "with " + text_field(variation, "how"),
      text_field(variation, "output"), subject_name(verify, field(variation, "subject")),
      small_text(number_field(variation, "max_abs")));
}

std::string further_line(const Json& verify, const Json& further) {
  const bool is_undecided = text_field(further, "verdict") == "undecided";
  const bool decides = field(further, "decides") == true && !is_undecided;
  return fmt::format("{} {}: {} on {}{}: {}", decides ? "✗" : "!", text_field(further, "set"),
                     text_field(further, "output"), subject_name(verify, field(further, "subject")),
                     decides        ? ""
                     : is_undecided ? " is undecided"
                                    : " differs, which decides nothing",
                     text_field(further, "why"));
}

// Why an output is not equivalent, unless a further set has its own line about it.
std::string reason_lines(const Json& verify, const View& view) {
  std::vector<std::string> told;
  for (const Json& further : items(field(verify, "further")))
    told.push_back(text_field(further, "set") + ": " + text_field(further, "why"));
  Json::array_t open;
  for (const Json& output : items(field(verify, "outputs"))) {
    const std::string why = text_field(output, "why");
    if (!why.empty() && std::ranges::find(told, why) == told.end()) open.push_back(output);
  }
  return lines(open, view, [&](const Json& output) {
    return fmt::format("{} {} on {}: {}", text_field(output, "verdict") == "different" ? "✗" : "!",
                       text_field(output, "name"), subject_name(verify, field(output, "subject")),
                       text_field(output, "why"));
  });
}

// Sets on which everything agrees need no line of their own.
std::string further_lines(const Json& verify, const View& view) {
  std::vector<std::string> agreeing, disagreeing;
  std::string others;
  for (const Json& further : items(field(verify, "further"))) {
    const std::string set = text_field(further, "set");
    if (text_field(further, "verdict") == "equivalent") {
      add_once(agreeing, set);
    } else {
      add_once(disagreeing, set);
      others += view.wrapped(further_line(verify, further), 2);
    }
  }
  std::erase_if(agreeing, [&](const std::string& set) {
    return std::ranges::find(disagreeing, set) != disagreeing.end();
  });
  if (agreeing.empty()) return others;
  constexpr std::size_t most_named = 8;
  std::string rest;
  if (agreeing.size() > most_named) {
    rest = " and " + counted(agreeing.size() - most_named, "other", "others");
    agreeing.resize(most_named);
  }
  return view.wrapped("also within rounding: " + joined(agreeing) + rest, 2) + others;
}

}  // namespace

std::string verify_inputs_view(const Json& verify, const View& view) {
  const Json& inputs = field(verify, "inputs");
  std::vector<std::string> names;
  for (const Json& name : items(field(inputs, "names"))) add_once(names, text_of(name));
  std::string out;
  if (!names.empty()) {
    out += view.wrapped(
        fmt::format(
            "{} of inputs ({}), {} of the judge each, seed {}",
            counted(items(field(inputs, "names")).size(), "set", "sets"), joined(names),
            count_text(number_field(inputs, "perturbed_runs"), "perturbed run", "perturbed runs"),
            text_field(inputs, "seed")),
        2);
  }
  out += lines(items(field(inputs, "assumptions")), view,
               [](const Json& line) { return "assumed: " + text_of(line); });
  out += lines(items(field(verify, "constants")), view, [](const Json& constant) {
    return fmt::format("constant `{}` of `{}` {} in {}", text_field(constant, "constant"),
                       text_field(constant, "node"), text_field(constant, "what"),
                       text_field(constant, "subject"));
  });
  return out;
}

std::string verify_further_view(const Json& verify, const View& view) {
  std::string out = reason_lines(verify, view) + further_lines(verify, view);
  out += lines(items(field(verify, "variations")), view,
               [&](const Json& variation) { return variation_line(verify, variation); });
  out += lines(items(field(verify, "fixed_sizes")), view, [](const Json& line) {
    return "! an open size is fixed inside the model: " + text_of(line);
  });
  out += lines(items(field(verify, "overflows")), view, [](const Json& overflow) {
    return fmt::format("! `{}` overflows its dtype in {}", text_field(overflow, "value"),
                       count_text(number_field(overflow, "elements"), "element", "elements"));
  });
  for (const Json& output : items(field(verify, "outputs"))) {
    if (const std::string unjudged = unjudged_text(output); !unjudged.empty()) {
      out += view.wrapped(fmt::format("! `{}` on {}: {}", text_field(output, "name"),
                                      subject_name(verify, field(output, "subject")), unjudged),
                          2);
    }
    const Json& ranking = field(output, "ranking");
    const double flips = number_field(ranking, "top1_flips").value_or(0);
    if (flips == 0) continue;
    out += view.wrapped(
        fmt::format("! `{}` on {}: {} of {} {} another first class, by a margin of up to {}",
                    text_field(output, "name"), subject_name(verify, field(output, "subject")),
                    count_text(flips), count_text(number_field(ranking, "rows"), "row", "rows"),
                    flips == 1 ? "has" : "have",
                    small_text(number_field(ranking, "largest_margin"))),
        2);
  }
  return out;
}

}  // namespace ponte::report
