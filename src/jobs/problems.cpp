#include "jobs/problems.h"

#include <algorithm>
#include <array>

#include "base/json.h"

namespace ponte::jobs {
namespace {

Json place_json(const Location& where) {
  return {{"file", text_or_null(where.file)},
          {"node", text_or_null(where.node)},
          {"op", text_or_null(where.op)},
          {"byte", where.byte ? Json(*where.byte) : Json()}};
}

}  // namespace

Json text_or_null(const std::string& text) { return text.empty() ? Json() : Json(text); }

Json problems_json(const Diagnostics& problems) {
  Json list = Json::array();
  for (const Diagnostic& problem : problems.entries()) {
    list.push_back({{"severity", to_string(problem.severity)},
                    {"code", to_string(problem.code)},
                    {"message", problem.message},
                    {"where", place_json(problem.where)},
                    {"help", text_or_null(problem.help)},
                    {"count", problem.count}});
  }
  return list;
}

int exit_code(const Diagnostics& problems) {
  static constexpr std::array gravest_first = {6, 130, 5, 4, 3, 2};
  auto gravest = gravest_first.end();
  for (const Diagnostic& problem : problems.entries()) {
    if (problem.severity != Severity::Error) continue;
    const int code = ponte::exit_code(code_page(problem.code).kind);
    gravest = std::min(gravest, std::ranges::find(gravest_first, code));
  }
  return gravest == gravest_first.end() ? 0 : *gravest;
}

}  // namespace ponte::jobs
