#include "jobs/unevaluable_ops.h"

#include <fmt/format.h>

#include "jobs/inspect.h"

namespace ponte::jobs {

Diagnostics unevaluable_ops(const ir::Graph& graph, const std::string& file, Severity severity) {
  Diagnostics problems;
  ir::for_each_node(graph, [&](const ir::Node& node) {
    // What could not be translated has a problem of its own.
    if (node.is_placeholder() || (node.op() && node.op()->evaluate)) return;
    const std::string op = op_key(node);
    problems.add(
        {.severity = severity,
         .code = Code::NotEvaluable,
         .message =
             fmt::format("ponte has no {} of `{}`", node.op() ? "evaluation" : "definition", op),
         .where = {.file = file, .node = node.name(), .op = op, .byte = {}},
         .help = "such nodes are converted as they are; `ponte verify --outputs-at NODE` judges "
                 "what comes before them"});
  });
  return problems;
}

}  // namespace ponte::jobs
