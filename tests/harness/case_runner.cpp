#include "harness/case_runner.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>

#include "evaluate/evaluator.h"
#include "ops/all_ops.h"
#include "ops/error_scale.h"

namespace ponte::harness {
namespace {

using ir::Dim;
using ir::DType;
using ir::Type;
using ops::Arithmetic;
using ops::Array;
using ops::Datum;

// How much inference is told about the inputs.
enum class Telling : std::uint8_t { AsDeclared, Everything, SymbolsForDims, NoShapes };

struct CaseGraph {
  std::unique_ptr<ir::Graph> graph;
  ir::Node* node = nullptr;
  std::map<std::string, std::int64_t> dims;  // what the symbols stand for
};

const std::string symbol_prefix = "dim_";

Type told_type(const Datum& value, Telling telling, std::map<std::string, std::int64_t>& dims) {
  const Type type = ops::type_of(value);
  const ir::TensorType* tensor = type.as_tensor();
  if (!tensor || telling == Telling::Everything) return type;
  if (telling == Telling::NoShapes) return Type::tensor(tensor->dtype);
  ir::Shape shape;
  for (const Dim& dim : *tensor->shape) {
    const std::string symbol = fmt::format("{}{}", symbol_prefix, dims.size());
    dims[symbol] = dim.value();
    shape.push_back(Dim::symbol(symbol));
  }
  return Type::tensor(tensor->dtype, shape);
}

CaseGraph make_graph(const OpCase& op_case, Telling telling) {
  CaseGraph result;
  result.graph = std::make_unique<ir::Graph>(ops::all_ops());
  ir::NodeSpec spec;
  spec.domain = op_case.domain;
  spec.op = op_case.op;
  spec.name = "node";
  spec.attributes = op_case.attributes;
  for (const CaseParameter& input : op_case.inputs) {
    const auto value = op_case.values.find(input.name);
    if (input.name.empty()) {
      spec.inputs.push_back(nullptr);
    } else if (ir::Value* same = result.graph->find(input.name)) {
      spec.inputs.push_back(same);
    } else if (telling == Telling::AsDeclared && !input.is_constant) {
      spec.inputs.push_back(&result.graph->add_input(input.name, input.type));
    } else if ((input.is_constant || telling == Telling::Everything) && input.type.as_tensor()) {
      spec.inputs.push_back(&result.graph->add_constant(input.name, value->second.tensors.at(0)));
    } else {
      const Type type = told_type(to_datum(value->second, Arithmetic::Exact), telling, result.dims);
      spec.inputs.push_back(&result.graph->add_input(input.name, type));
    }
  }
  for (const CaseParameter& output : op_case.outputs) spec.outputs.push_back(output.name);
  result.node = &result.graph->add(std::move(spec));
  for (ir::Value* output : result.node->outputs()) {
    if (output) result.graph->add_output(*output);
  }
  return result;
}

// "?" in the declared type stands for a symbol of the inference's own.
bool dims_agree(const Dim& declared, const Dim& inferred) {
  if (declared.symbol_name() == "?") return inferred.symbol_name().starts_with("?");
  return declared == inferred;
}

bool types_agree(const Type& declared, const Type& inferred) {
  if (declared.as_sequence() && inferred.as_sequence()) {
    return types_agree(*declared.as_sequence()->element, *inferred.as_sequence()->element);
  }
  if (declared.as_optional() && inferred.as_optional()) {
    return types_agree(*declared.as_optional()->element, *inferred.as_optional()->element);
  }
  const ir::TensorType *a = declared.as_tensor(), *b = inferred.as_tensor();
  if (!a || !b) return declared == inferred;
  if (a->dtype != b->dtype || a->shape.has_value() != b->shape.has_value()) return false;
  return !a->shape || std::ranges::equal(*a->shape, *b->shape, dims_agree);
}

// Whether what was inferred holds for a tensor that was computed; unresolved symbols may be
// anything.
void expect_holds(const Type& inferred, const Datum& computed,
                  const std::map<std::string, std::int64_t>& dims) {
  const ir::TensorType* tensor = inferred.as_tensor();
  const auto* array = std::get_if<Array>(&computed.held);
  if (!tensor || !array) return;
  if (tensor->dtype != DType::Undefined) {
    EXPECT_EQ(to_string(tensor->dtype), to_string(array->dtype()));
  }
  if (!tensor->shape) return;
  ASSERT_EQ(tensor->shape->size(), array->shape().size()) << ir::to_string(inferred);
  for (std::size_t i = 0; i < array->shape().size(); ++i) {
    const Dim dim =
        (*tensor->shape)[i].substitute([&](std::string_view name) -> std::optional<Dim> {
          const auto found = dims.find(std::string(name));
          return found == dims.end() ? std::nullopt : std::optional(Dim(found->second));
        });
    if (!dim.is_known()) continue;
    EXPECT_EQ(dim.value(), array->shape()[i]) << ir::to_string(inferred) << " axis " << i;
  }
}

void expect_known_value_holds(const ir::Value& value, const Datum& computed,
                              const std::map<std::string, std::int64_t>& dims) {
  const auto* array = std::get_if<Array>(&computed.held);
  if (!value.known() || !array) return;
  EXPECT_EQ(value.known()->shape, array->shape()) << "known value";
  const std::vector<std::int64_t> elements = array->to_i64();
  ASSERT_EQ(value.known()->elements.size(), elements.size());
  for (std::size_t i = 0; i < elements.size(); ++i) {
    const Dim element =
        value.known()->elements[i].substitute([&](std::string_view name) -> std::optional<Dim> {
          const auto found = dims.find(std::string(name));
          return found == dims.end() ? std::nullopt : std::optional(Dim(found->second));
        });
    if (!element.is_known()) continue;
    EXPECT_EQ(element.value(), elements[i]) << "known element " << i;
  }
}

bool same_number(double expected, double computed, double allowed) {
  if (std::isnan(expected) || std::isnan(computed))
    return std::isnan(expected) && std::isnan(computed);
  return expected == computed || std::abs(expected - computed) <= allowed;
}

double allowed_difference(const OpCase& op_case, const std::vector<double>& expected, DType dtype,
                          ir::Exactness exactness) {
  double largest = 0;
  for (const double number : expected) {
    if (std::isfinite(number)) largest = std::max(largest, std::abs(number));
  }
  if (op_case.tolerance) return *op_case.tolerance * largest;
  if (exactness != ir::Exactness::Rounds || !ir::is_float(dtype)) return 0;
  return 4 * ir::unit_roundoff(dtype) * largest;
}

void expect_same_array(const OpCase& op_case, const Array& expected, Array computed,
                       ir::Exactness exactness) {
  ASSERT_EQ(to_string(expected.dtype()), to_string(computed.dtype()));
  ASSERT_EQ(expected.shape(), computed.shape());
  if (expected.holds<std::string>()) {
    EXPECT_TRUE(std::ranges::equal(expected.as<std::string>(), computed.as<std::string>()));
    return;
  }
  if (expected.holds<std::complex<double>>()) {
    EXPECT_TRUE(std::ranges::equal(expected.as<std::complex<double>>(),
                                   computed.as<std::complex<double>>()));
    return;
  }
  if (expected.holds<std::uint64_t>()) {
    EXPECT_TRUE(std::ranges::equal(expected.as<std::uint64_t>(), computed.as<std::uint64_t>()));
    return;
  }
  if (!ir::is_float(expected.dtype())) {
    EXPECT_EQ(expected.to_i64(), computed.to_i64());
    return;
  }
  // The judge's doubles are compared as numbers of the declared dtype.
  ops::round_to_dtype(computed, Arithmetic::Exact);
  const std::vector<double> a = expected.to_f64();
  std::vector<double> b = computed.to_f64();
  if (expected.dtype() == DType::Float32) {
    for (double& x : b) x = static_cast<double>(static_cast<float>(x));
  }
  const double allowed = allowed_difference(op_case, a, expected.dtype(), exactness);
  for (std::size_t i = 0; i < a.size(); ++i) {
    EXPECT_TRUE(same_number(a[i], b[i], allowed))
        << "element " << i << ": expected " << a[i] << ", computed " << b[i];
  }
}

void expect_same(const OpCase& op_case, const Datum& expected, const Datum& computed,
                 ir::Exactness exactness) {
  ASSERT_EQ(expected.held.index(), computed.held.index());
  if (std::get_if<Array>(&expected.held)) {
    expect_same_array(op_case, expected.array(), computed.array(), exactness);
  } else if (std::get_if<ops::Sequence>(&expected.held)) {
    const auto &a = *expected.sequence().items, &b = *computed.sequence().items;
    ASSERT_EQ(a.size(), b.size());
    for (std::size_t i = 0; i < a.size(); ++i) expect_same(op_case, a[i], b[i], exactness);
  } else if (std::get_if<ops::OptionalDatum>(&expected.held)) {
    const auto &a = expected.optional().item, &b = computed.optional().item;
    ASSERT_EQ(a == nullptr, b == nullptr);
    if (a) expect_same(op_case, *a, *b, exactness);
  }
}

std::vector<Datum> evaluate(const OpCase& op_case, const CaseGraph& graph, Arithmetic arithmetic) {
  evaluate::Evaluator evaluator(
      *graph.graph, {.arithmetic = arithmetic, .memory_bytes = 1 << 28, .steps = 1 << 28});
  std::map<std::string, Datum> inputs;
  for (const ir::Value* input : graph.graph->inputs()) {
    inputs[input->name()] = to_datum(op_case.values.at(input->name()), arithmetic);
  }
  return evaluator.run(inputs).outputs;
}

// Below it all is 0, whatever the error scale says.
double smallest_number(DType dtype) {
  return dtype == DType::Float64 ? 0 : dtype == DType::Float16 ? 0x1p-24 : 0x1p-126;
}

// What rounding to the declared dtype changes must be explained by the op's own error scale.
void expect_scale_explains(const OpCase& op_case, const CaseGraph& graph,
                           const std::vector<Datum>& exact, const std::vector<Datum>& judged) {
  const ir::Op* op = graph.node->op();
  if (!op->scale) {
    EXPECT_NE(op->exactness, ir::Exactness::Rounds) << "an op that rounds has no error scale";
    return;
  }
  evaluate::Evaluator evaluator(*graph.graph, {.arithmetic = Arithmetic::Judge});
  std::vector<Datum> inputs, outputs;
  for (const CaseParameter& input : op_case.inputs) {
    inputs.push_back(
        input.name.empty() ? Datum{} : to_datum(op_case.values.at(input.name), Arithmetic::Judge));
  }
  std::size_t given = 0;
  for (const CaseParameter& output : op_case.outputs)
    outputs.push_back(output.name.empty() ? Datum{} : judged[given++]);
  ops::ErrorScale scale(*graph.node, inputs, outputs, {}, evaluator.services());
  op->scale(scale);
  given = 0;
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    if (outputs[i].is_absent()) continue;
    const Datum& rounded = exact[given++];
    const auto* array = std::get_if<Array>(&rounded.held);
    if (!array || !ir::is_float(array->dtype()) || op_case.tolerance) continue;
    const std::vector<double> a = array->to_f64(), b = outputs[i].array().to_f64(),
                              &sigma = scale.sigmas()[i];
    for (std::size_t k = 0; k < a.size(); ++k) {
      if (!std::isfinite(a[k]) || !std::isfinite(b[k])) continue;
      const double allowed = sigma.empty() ? 0 : 16 * sigma[k];
      EXPECT_TRUE(sigma.empty() || (std::isfinite(sigma[k]) && sigma[k] >= 0))
          << "sigma of element " << k;
      EXPECT_LE(std::abs(a[k] - b[k]), allowed + smallest_number(array->dtype()))
          << "element " << k << " of output " << i;
    }
  }
}

void expect_failure(const OpCase& op_case) {
  try {
    const CaseGraph graph = make_graph(op_case, Telling::AsDeclared);
    evaluate(op_case, graph, Arithmetic::Exact);
  } catch (const Error& error) {
    EXPECT_EQ(to_string(error.code()), to_string(*op_case.error)) << error.what();
    return;
  }
  FAIL() << "nothing failed";
}

void expect_inference_holds(const OpCase& op_case, Telling telling,
                            const std::vector<Datum>& computed) {
  const CaseGraph graph = make_graph(op_case, telling);
  for (std::size_t i = 0; i < graph.graph->outputs().size(); ++i) {
    const ir::Value& output = *graph.graph->outputs()[i];
    expect_holds(output.type(), computed[i], graph.dims);
    expect_known_value_holds(output, computed[i], graph.dims);
  }
}

void expect_success(const OpCase& op_case) {
  const CaseGraph graph = make_graph(op_case, Telling::AsDeclared);
  for (std::size_t i = 0; i < op_case.outputs.size(); ++i) {
    if (op_case.outputs[i].name.empty() || op_case.outputs[i].type.is_unknown()) continue;
    const Type& inferred = graph.node->output(i)->type();
    EXPECT_TRUE(types_agree(op_case.outputs[i].type, inferred))
        << "inferred " << ir::to_string(inferred) << ", declared "
        << ir::to_string(op_case.outputs[i].type);
  }
  const bool has_values = std::ranges::any_of(op_case.outputs, [&](const CaseParameter& output) {
    return op_case.values.contains(output.name);
  });
  if (!has_values) return;
  const std::vector<Datum> exact = evaluate(op_case, graph, Arithmetic::Exact);
  const std::vector<Datum> judged = evaluate(op_case, graph, Arithmetic::Judge);
  const ir::Exactness exactness = graph.node->op()->exactness;
  std::size_t given = 0;
  for (const CaseParameter& output : op_case.outputs) {
    if (output.name.empty()) continue;
    const auto expected = op_case.values.find(output.name);
    if (expected != op_case.values.end()) {
      SCOPED_TRACE("output " + output.name);
      {
        SCOPED_TRACE("exact arithmetic");
        expect_same(op_case, to_datum(expected->second, Arithmetic::Exact), exact[given],
                    exactness);
      }
      SCOPED_TRACE("judge arithmetic");
      expect_same(op_case, to_datum(expected->second, Arithmetic::Judge), judged[given], exactness);
    }
    ++given;
  }
  expect_scale_explains(op_case, graph, exact, judged);
  for (const Telling telling : {Telling::Everything, Telling::SymbolsForDims, Telling::NoShapes}) {
    SCOPED_TRACE(fmt::format("inference that is told {}",
                             telling == Telling::Everything       ? "everything"
                             : telling == Telling::SymbolsForDims ? "symbols for dims"
                                                                  : "no shapes"));
    expect_inference_holds(op_case, telling, exact);
  }
}

}  // namespace

void run_case(const OpCase& op_case) {
  SCOPED_TRACE(fmt::format("{}:{}: {}", op_case.file, op_case.line, op_case.title));
  try {
    op_case.error ? expect_failure(op_case) : expect_success(op_case);
  } catch (const Error& error) {
    ADD_FAILURE() << to_string(error.code()) << ": " << error.what();
  }
}

}  // namespace ponte::harness
