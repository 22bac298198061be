#include "jobs/explain.h"

#include <fmt/format.h>

#include "base/error.h"
#include "base/json.h"
#include "base/text.h"

namespace ponte::jobs {

std::string_view to_string(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::Usage:
      return "usage";
    case ErrorKind::Malformed:
      return "malformed";
    case ErrorKind::Unsupported:
      return "unsupported";
    case ErrorKind::Inexpressible:
      return "inexpressible";
    case ErrorKind::Unsafe:
      return "unsafe";
    case ErrorKind::Limit:
      return "limit";
    case ErrorKind::Worker:
      return "worker";
    case ErrorKind::Environment:
      return "environment";
    case ErrorKind::Io:
      return "io";
    case ErrorKind::Internal:
      return "internal";
    case ErrorKind::Interrupted:
      return "interrupted";
  }
  return "internal";
}

ExplainResult explain(const std::string& code) {
  if (code.empty()) return {{code_pages().begin(), code_pages().end()}};
  const auto parsed = parse_code(code);
  if (!parsed) {
    std::vector<std::string> names;
    for (const CodePage& page : code_pages()) names.push_back(ponte::to_string(page.code));
    const auto near = closest(code, names);
    throw Error(
        Code::UnknownName, fmt::format("there is no code `{}`", code),
        near ? fmt::format("did you mean `{}`?", *near) : "`ponte explain` lists all codes");
  }
  return {{code_page(*parsed)}};
}

Json to_json(const ExplainResult& result) {
  Json pages = Json::array();
  for (const CodePage& page : result.pages) {
    pages.push_back({{"code", ponte::to_string(page.code)},
                     {"kind", to_string(page.kind)},
                     {"exit_code", exit_code(page.kind)},
                     {"title", page.title},
                     {"explanation", page.explanation}});
  }
  return {{"schema", "ponte/explain/1"}, {"codes", std::move(pages)}};
}

}  // namespace ponte::jobs
