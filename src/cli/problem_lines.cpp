#include "cli/problem_lines.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "base/counted.h"
#include "base/text.h"

namespace ponte::cli {
namespace {

constexpr std::size_t longest_message = 500;
constexpr std::size_t longest_name = 200;

Style style_of(Severity severity) {
  switch (severity) {
    case Severity::Error:
      return Style::Red;
    case Severity::Warning:
      return Style::Yellow;
    case Severity::Note:
      break;
  }
  return Style::Bold;
}

// "model.onnx: conv1 (Conv), byte 88,120"
std::string place(const Location& where) {
  std::string inner = escape_control(where.node, longest_name);
  if (!where.op.empty()) {
    const std::string op = escape_control(where.op, longest_name);
    inner += inner.empty() ? op : fmt::format(" ({})", op);
  }
  if (where.byte)
    inner += fmt::format("{}byte {}", inner.empty() ? "" : ", ", grouped(*where.byte));
  const std::string file = escape_control(where.file, longest_name);
  return file + (file.empty() || inner.empty() ? "" : ": ") + inner;
}

std::string lines_of(const Diagnostic& problem, const Styles& styles) {
  std::string text =
      styles.apply(style_of(problem.severity),
                   fmt::format("{}[{}]", to_string(problem.severity), to_string(problem.code)));
  text += ": " + styles.apply(Style::Bold, escape_control(problem.message, longest_message)) + '\n';
  if (const std::string where = place(problem.where); !where.empty())
    text += styles.apply(Style::Dim, "  --> ") + where + '\n';
  if (problem.count > 1)
    text += fmt::format("  note: {} times; this is the first\n", grouped(problem.count));
  if (!problem.help.empty())
    text += fmt::format("  help: {}\n", escape_control(problem.help, longest_message));
  return text;
}

}  // namespace

std::string problem_lines(const Diagnostics& problems, Severity least, std::size_t limit,
                          const Styles& styles) {
  std::vector<const Diagnostic*> shown;
  for (const Diagnostic& problem : problems.entries()) {
    if (problem.severity >= least) shown.push_back(&problem);
  }
  // Where not all can be shown, the gravest are, in their own order.
  std::ranges::stable_sort(shown, std::ranges::greater(), [&](const Diagnostic* problem) {
    return shown.size() > limit ? static_cast<int>(problem->severity) : 0;
  });
  std::string text;
  for (std::size_t i = 0; i < std::min(limit, shown.size()); ++i)
    text += lines_of(*shown[i], styles);
  if (shown.size() > limit)
    text += counted(shown.size() - limit, "more problem", "more problems") + "; -v shows all\n";
  return text;
}

}  // namespace ponte::cli
