// Loop. Spec: onnx.ai/onnx/operators/onnx__Loop.html.
// C1: M and cond have one element. C2: the body has an iteration number, a condition and the
// carried values as inputs. C3: it gives a condition, the carried values and the scan outputs. C4:
// scan outputs are tensors of one type in all iterations.
#include <fmt/format.h>

#include <limits>

#include "base/counted.h"
#include "ops/known_values.h"
#include "ops/loop_types.h"

namespace ponte::ops {
namespace {

using ir::Type;

constexpr int widening_rounds = 8;

// The number of iterations where nothing but M decides it; none otherwise.
std::optional<ir::Dim> trip_count(const ir::Inference& c, const ir::Value& condition_out) {
  const auto count = c.has_input(0) ? known_scalar(c, 0) : std::nullopt;
  if (!count) return std::nullopt;
  if (c.has_input(1)) {
    const auto first = known_scalar(c, 1);
    const auto& next = condition_out.known();
    const bool always = first && first->known() == 1 && next && next->elements.size() == 1 &&
                        next->elements[0].known() == 1;
    if (!always) return std::nullopt;
  }
  return max(*count, 0);
}

// A body may declare its iteration number and condition as vectors of one element.
Dims body_scalar_shape(const ir::Value& input) {
  const ir::TensorType* declared = input.declared().as_tensor();
  return declared && declared->shape && declared->shape->size() == 1 ? Dims{1} : Dims{};
}

std::vector<Type> infer_body(ir::Inference& c, const std::vector<Type>& carried) {
  const auto& formal = c.subgraph("body").inputs();
  c.require(formal.size() == carried.size() + 2, Code::WrongInputCount,
            fmt::format("the body has {}, not {}", counted(formal.size(), "input", "inputs"),
                        carried.size() + 2));  // C2
  std::vector<Type> inputs{
      Type::tensor(ir::DType::Int64, ir::to_shape(body_scalar_shape(*formal[0]))),
      Type::tensor(ir::DType::Bool, ir::to_shape(body_scalar_shape(*formal[1])))};
  inputs.insert(inputs.end(), carried.begin(), carried.end());
  return c.infer_subgraph("body", inputs);
}

void infer_loop(ir::Inference& c) {
  for (std::size_t i = 0; i < 2; ++i) {
    if (c.has_input(i)) known_scalar(c, i);  // C1
  }
  std::vector<Type> initial;
  for (std::size_t i = 2; i < c.input_count(); ++i) initial.push_back(c.type(i));
  const std::size_t count = initial.size();
  CarriedTypes carried(c, std::move(initial));
  std::vector<Type> given;
  for (int round = 0;; ++round) {
    given = infer_body(c, carried.types());
    c.require(given.size() == c.output_count() + 1 && given.size() > count, Code::WrongInputCount,
              fmt::format("the body gives {}, but the node has {} and {}",
                          counted(given.size(), "value", "values"),
                          counted(c.output_count(), "output", "outputs"),
                          counted(count, "carried value", "carried values")));  // C3
    if (!carried.widen(std::span(given).subspan(1, count))) break;
    if (round == widening_rounds) carried.drop_shapes();
  }
  for (std::size_t i = 0; i < count; ++i) c.set_type(i, carried.outside(carried.types()[i]));
  const auto trips = trip_count(c, *c.subgraph("body").outputs()[0]);
  const ir::Dim length = trips ? *trips : c.fresh_dim();
  for (std::size_t i = count; i < c.output_count(); ++i) {
    const Type type = carried.outside(given[i + 1]);
    const ir::TensorType* element = type.as_tensor();
    c.require(element || type.is_unknown(), Code::InvalidInputType,
              "a scan output is no tensor");  // C4
    if (!element) continue;
    c.set_dtype(i, element->dtype);
    if (!element->shape) continue;
    ir::Shape shape = *element->shape;
    shape.insert(shape.begin(), length);
    c.set_shape(i, shape);
  }
}

Datum iteration_number(Evaluation& e, std::int64_t value, const Dims& shape) {
  Array array = e.allocate(ir::DType::Int64, shape);
  array.mutable_as<std::int64_t>()[0] = value;
  return {array};
}

Datum loop_condition(Evaluation& e, bool value, const Dims& shape) {
  Array array = e.allocate(ir::DType::Bool, shape);
  array.mutable_as<Bool>()[0] = value ? Bool::True : Bool::False;
  return {array};
}

bool condition_of(const Evaluation& e, const Array& array) {
  e.require(array.count() == 1 && array.holds<Bool>(), Code::InvalidInputType,
            "the condition must be one bool");  // C1
  return array.as<Bool>()[0] == Bool::True;
}

void evaluate_loop(Evaluation& e) {
  std::int64_t trips = std::numeric_limits<std::int64_t>::max();
  if (e.has_input(0)) {
    e.require(e.input(0).count() == 1, Code::ShapeMismatch, "`M` must have one element");
    trips = e.input(0).to_i64()[0];
  }
  const bool is_conditional = e.has_input(1);
  bool goes_on = !is_conditional || condition_of(e, e.input(1));
  std::vector<Datum> carried;
  for (std::size_t i = 2; i < e.input_count(); ++i) carried.push_back(e.datum(i));
  const std::size_t count = carried.size();
  std::vector<std::unique_ptr<ScanOutput>> collected;
  for (std::size_t i = count; i < e.output_count(); ++i)
    collected.push_back(std::make_unique<ScanOutput>(e));
  const ir::Graph& body = *e.node().subgraph("body");
  e.require(body.inputs().size() == count + 2, Code::WrongInputCount, "the body has other inputs");
  const Dims number_shape = body_scalar_shape(*body.inputs()[0]);
  const Dims condition_shape = body_scalar_shape(*body.inputs()[1]);
  for (std::int64_t i = 0; i < trips && goes_on; ++i) {
    e.charge_steps(1);
    std::vector<Datum> inputs{iteration_number(e, i, number_shape),
                              loop_condition(e, goes_on, condition_shape)};
    std::move(carried.begin(), carried.end(), std::back_inserter(inputs));
    std::vector<Datum> outputs = e.run_subgraph("body", std::move(inputs));
    e.require(outputs.size() == 1 + count + collected.size(), Code::WrongInputCount,
              "the body has other outputs");
    if (is_conditional) goes_on = condition_of(e, outputs[0].array());
    const auto scans = outputs.begin() + 1 + static_cast<std::ptrdiff_t>(count);
    for (std::size_t k = 0; k < collected.size(); ++k)
      collected[k]->append(scans[static_cast<std::ptrdiff_t>(k)].array());
    carried.assign(std::move_iterator(outputs.begin() + 1), std::move_iterator(scans));
  }
  for (std::size_t i = 0; i < count; ++i) e.set(i, std::move(carried[i]));
  for (std::size_t i = 0; i < collected.size(); ++i) {
    e.set(count + i, collected[i]->finish(body.outputs()[1 + count + i]->type()));
  }
}

constexpr ir::TypeSet loop_values = ir::types::any;

}  // namespace

extern constinit const ir::Op loop_op{
    .name = "Loop",
    .since = 25,
    .inputs = {{"M", ir::types::i64, "", ir::Arity::Optional},
               {"cond", ir::types::boolean, "", ir::Arity::Optional},
               {"v_initial", loop_values, "", ir::Arity::Variadic, 0}},
    .outputs = {{"v_final_and_scan_outputs", loop_values, "", ir::Arity::Variadic}},
    .attributes = {{"body", ir::AttributeKind::Graph, ir::Required{}}},
    .exactness = ir::Exactness::Moves,
    .infer = infer_loop,
    .evaluate = evaluate_loop};

}  // namespace ponte::ops
