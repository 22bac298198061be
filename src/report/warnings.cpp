#include "report/warnings.h"

#include <algorithm>
#include <array>

#include "report/fields.h"

namespace ponte::report {
namespace {

constexpr auto parts = std::to_array<std::string_view>({"inspect", "convert", "verify", "bench"});

bool is_same(const Json& a, const Json& b) {
  return field(a, "code") == field(b, "code") && field(a, "message") == field(b, "message") &&
         field(a, "where") == field(b, "where");
}

void keep_new(Json& object, Json::array_t& known) {
  if (!field(object, "problems").is_array()) return;
  Json::array_t fresh;
  for (const Json& problem : items(field(object, "problems"))) {
    const bool is_known =
        std::ranges::any_of(known, [&](const Json& other) { return is_same(other, problem); });
    if (!is_known) fresh.push_back(problem);
  }
  known.insert(known.end(), fresh.begin(), fresh.end());
  object["problems"] = std::move(fresh);
}

}  // namespace

std::vector<std::string> trial_warnings(const Json& trial) {
  std::vector<std::string> texts;
  for (const Json& warning : items(field(trial, "warnings"))) {
    std::string text = warning.is_object() ? text_field(warning, "message") : text_of(warning);
    if (!text.empty()) texts.push_back(std::move(text));
  }
  return texts;
}

Json without_repeated_problems(Json analysis) {
  Json::array_t known;
  for (const std::string_view part : parts) {
    if (field(analysis, part).is_object()) keep_new(analysis[std::string(part)], known);
  }
  keep_new(analysis, known);
  return analysis;
}

Json::array_t problems_of(const Json& analysis) {
  const Json once = without_repeated_problems(analysis);
  Json::array_t all;
  const auto add = [&all](const Json& object) {
    for (const Json& problem : items(field(object, "problems"))) {
      if (problem.is_object()) all.push_back(problem);
    }
  };
  for (const std::string_view part : parts) add(field(once, part));
  add(once);
  return all;
}

}  // namespace ponte::report
