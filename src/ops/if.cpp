// If. Spec: onnx.ai/onnx/operators/onnx__If.html.
// C1: the condition has one element. C2: the branches have as many outputs as the node. Types merge
// to the least common.
#include <fmt/format.h>

#include "base/counted.h"
#include "ops/evaluation.h"

namespace ponte::ops {
namespace {

void infer_if(ir::Inference& c) {
  if (const auto dims = c.is_ranked(0) ? ir::known_dims(c.shape(0)) : std::nullopt) {
    c.require(count_of(*dims) == 1, Code::ShapeMismatch,
              "the condition must have one element");  // C1
  }
  const auto then_types = c.infer_subgraph("then_branch", {});
  const auto else_types = c.infer_subgraph("else_branch", {});
  for (const auto* types : {&then_types, &else_types}) {
    c.require(types->size() == c.output_count(), Code::WrongInputCount,
              fmt::format("a branch gives {}, the node has {}",
                          counted(types->size(), "output", "outputs"), c.output_count()));  // C2
  }
  for (std::size_t i = 0; i < c.output_count(); ++i) {
    c.set_type(i, ir::least_common(then_types[i], else_types[i], [&] { return c.fresh_dim(); }));
  }
}

void evaluate_if(Evaluation& e) {
  const Array& condition = e.input(0);
  e.require(condition.count() == 1, Code::InvalidInputValue, "the condition must have one element");
  const bool holds = condition.as<Bool>()[0] == Bool::True;
  auto outputs = e.run_subgraph(holds ? "then_branch" : "else_branch", {});
  for (std::size_t i = 0; i < outputs.size(); ++i) e.set(i, std::move(outputs[i]));
}

}  // namespace

extern constinit const ir::Op if_op{
    .name = "If",
    .since = 25,
    .inputs = {{"cond", ir::types::boolean}},
    .outputs = {{"outputs", ir::types::any, "", ir::Arity::Variadic, 1}},
    .attributes = {{"else_branch", ir::AttributeKind::Graph, ir::Required{}},
                   {"then_branch", ir::AttributeKind::Graph, ir::Required{}}},
    .exactness = ir::Exactness::Moves,
    .infer = infer_if,
    .evaluate = evaluate_if};

}  // namespace ponte::ops
