#include "jobs/operation_count.h"

#include <algorithm>
#include <array>
#include <map>

#include "base/error.h"

namespace ponte::jobs {
namespace {

using ir::Dim;
using ir::Node;
using ir::Shape;

const Shape* shape_of(const ir::Value* value) {
  const ir::TensorType* tensor = value ? value->type().as_tensor() : nullptr;
  return tensor && tensor->shape ? &*tensor->shape : nullptr;
}

Dim product(const Shape& shape, std::size_t first = 0) {
  Dim result(1);
  for (std::size_t i = first; i < shape.size(); ++i) result = result * shape[i];
  return result;
}

// W is [M, C / group, kernel...]: each output element takes a whole window of one group.
OperationCount count_convolution(const Node& node, std::size_t weights) {
  const Shape* w = shape_of(node.input(weights));
  const Shape* y = shape_of(node.output(0));
  if (!w || !y || w->empty()) return std::nullopt;
  return product(*y) * product(*w, 1);
}

// W is [C, M / group, kernel...]: each input element is spread over a whole window of one group.
OperationCount count_conv_transpose(const Node& node) {
  const Shape* x = shape_of(node.input(0));
  const Shape* w = shape_of(node.input(1));
  if (!x || !w || w->empty()) return std::nullopt;
  return product(*x) * product(*w, 1);
}

// Each output element is an inner product along A's last axis.
OperationCount count_matrix_product(const Node& node) {
  const Shape* a = shape_of(node.input(0));
  const Shape* y = shape_of(node.output(0));
  if (!a || !y || a->empty()) return std::nullopt;
  return product(*y) * a->back();
}

OperationCount count_gemm(const Node& node) {
  const Shape* a = shape_of(node.input(0));
  const Shape* y = shape_of(node.output(0));
  if (!a || !y || a->size() != 2) return std::nullopt;
  const ir::Attribute* attribute = node.attribute("transA");
  const auto* transposed = attribute ? std::get_if<std::int64_t>(attribute) : nullptr;
  return product(*y) * (*a)[transposed && *transposed != 0 ? 0 : 1];
}

// X is [steps, batch, inputs] or, with layout 1, [batch, steps, inputs]; every step of every
// sequence multiplies with all of W and R.
OperationCount count_recurrent(const Node& node) {
  const Shape* x = shape_of(node.input(0));
  const Shape* w = shape_of(node.input(1));
  const Shape* r = shape_of(node.input(2));
  if (!x || !w || !r || x->size() != 3) return std::nullopt;
  return (*x)[0] * (*x)[1] * (product(*w) + product(*r));
}

OperationCount count_plain_convolution(const Node& node) { return count_convolution(node, 1); }
OperationCount count_quantized_convolution(const Node& node) { return count_convolution(node, 3); }
OperationCount count_unknown(const Node&) { return std::nullopt; }

struct Rule {
  std::string_view op;
  OperationCount (*count)(const Node&);
};

// Ops of ai.onnx; all others need none.
constexpr auto rules = std::to_array<Rule>({
    {"Attention", count_unknown},
    {"Conv", count_plain_convolution},
    {"ConvInteger", count_plain_convolution},
    {"ConvTranspose", count_conv_transpose},
    {"DeformConv", count_plain_convolution},
    {"Einsum", count_unknown},
    {"GRU", count_recurrent},
    {"Gemm", count_gemm},
    {"LSTM", count_recurrent},
    {"MatMul", count_matrix_product},
    {"MatMulInteger", count_matrix_product},
    {"QLinearConv", count_quantized_convolution},
    {"QLinearMatMul", count_matrix_product},
    {"RNN", count_recurrent},
});
static_assert(std::ranges::is_sorted(rules, {}, &Rule::op));

OperationCount count_node(const Node& node) {
  if (!node.op() || node.is_placeholder()) return std::nullopt;
  if (node.domain() == "com.microsoft") return std::nullopt;
  if (!node.domain().empty()) return Dim(0);
  const auto it = std::ranges::lower_bound(rules, node.op_name(), {}, &Rule::op);
  return it != rules.end() && it->op == node.op_name() ? it->count(node) : Dim(0);
}

}  // namespace

OperationCount count_macs(const ir::Graph& graph) {
  Dim total(0);
  try {
    for (const Node& node : graph.nodes()) {
      const OperationCount own = count_node(node);
      if (!own) return std::nullopt;
      total = total + *own;
      for (const ir::Subgraph& subgraph : node.subgraphs()) {
        // How often a body runs is for the data to decide, unless there is nothing to count in it.
        const OperationCount inner = count_macs(*subgraph.graph);
        if (!inner || *inner != Dim(0)) return std::nullopt;
      }
    }
  } catch (const Error&) {
    return std::nullopt;  // more than fits a number or an expression
  }
  return total;
}

}  // namespace ponte::jobs
