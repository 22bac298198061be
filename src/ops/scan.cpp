// Scan. Spec: onnx.ai/onnx/operators/onnx__Scan.html.
// C1: num_scan_inputs in [1, inputs]. C2: scan inputs have one length along their axes. C3: lists
// of axes and directions have one element for each scan input or output. C4: the body gives the
// state and the scan outputs.
#include <fmt/format.h>

#include <algorithm>

#include "base/counted.h"
#include "ops/joining.h"
#include "ops/loop_types.h"

namespace ponte::ops {
namespace {

using ir::Type;

constexpr int scan_widening_rounds = 8;

struct ScanPlan {
  std::size_t states = 0;
  std::vector<std::int64_t> input_axes, input_backward, output_axes, output_backward;
  std::size_t inputs() const { return input_axes.size(); }
  std::size_t outputs() const { return output_axes.size(); }
};

std::vector<std::int64_t> scan_list(const ir::AttributeReader& attributes, std::string_view name,
                                    std::size_t count) {
  if (!attributes.has(name)) return std::vector<std::int64_t>(count, 0);
  std::vector<std::int64_t> list = attributes.ints(name);
  if (list.size() != count) {
    throw Error(Code::InvalidAttribute,
                fmt::format("`{}` has {}, not {}", name,
                            counted(list.size(), "element", "elements"), count));  // C3
  }
  return list;
}

ScanPlan scan_plan(const ir::AttributeReader& attributes, std::size_t inputs, std::size_t outputs) {
  const std::int64_t scanned = attributes.i("num_scan_inputs");
  if (scanned < 1 || scanned > static_cast<std::int64_t>(inputs)) {
    throw Error(Code::InvalidAttribute, fmt::format("`num_scan_inputs` = {} of {}", scanned,
                                                    counted(inputs, "input", "inputs")));  // C1
  }
  ScanPlan plan;
  plan.states = inputs - static_cast<std::size_t>(scanned);
  if (outputs < plan.states)
    throw Error(Code::WrongInputCount, "the node has fewer outputs than state");  // C4
  plan.input_axes = scan_list(attributes, "scan_input_axes", inputs - plan.states);
  plan.input_backward = scan_list(attributes, "scan_input_directions", inputs - plan.states);
  plan.output_axes = scan_list(attributes, "scan_output_axes", outputs - plan.states);
  plan.output_backward = scan_list(attributes, "scan_output_directions", outputs - plan.states);
  return plan;
}

void infer_scan(ir::Inference& c) {
  const ScanPlan plan = scan_plan(c.attributes(), c.input_count(), c.output_count());
  std::optional<ir::Dim> length;
  std::vector<Type> states, elements;
  for (std::size_t i = 0; i < c.input_count(); ++i) {
    if (i < plan.states) {
      states.push_back(c.type(i));
      continue;
    }
    if (!c.is_ranked(i)) {
      elements.push_back(Type::tensor(c.dtype(i)));
      continue;
    }
    ir::Shape shape = c.shape(i);
    const std::int64_t axis =
        ir::normalized_axis(plan.input_axes[i - plan.states], c.rank(i), "scan_input_axes");
    const ir::Dim& steps = shape[static_cast<std::size_t>(axis)];
    if (length) c.require_not_different(*length, steps, "lengths of scan inputs");  // C2
    if (!length || steps.is_known()) length = steps;
    shape.erase(shape.begin() + axis);
    elements.push_back(Type::tensor(c.dtype(i), shape));
  }
  CarriedTypes carried(c, std::move(states));
  std::vector<Type> given;
  for (int round = 0;; ++round) {
    std::vector<Type> inputs = carried.types();
    inputs.insert(inputs.end(), elements.begin(), elements.end());
    given = c.infer_subgraph("body", inputs);
    c.require(given.size() == c.output_count(), Code::WrongInputCount,
              "the body gives another number of values");  // C4
    if (!carried.widen(std::span(given).first(plan.states))) break;
    if (round == scan_widening_rounds) carried.drop_shapes();
  }
  for (std::size_t i = 0; i < plan.states; ++i) c.set_type(i, carried.outside(carried.types()[i]));
  for (std::size_t i = plan.states; i < c.output_count(); ++i) {
    const Type type = carried.outside(given[i]);
    if (!type.as_tensor()) continue;
    c.set_dtype(i, type.as_tensor()->dtype);
    if (!type.as_tensor()->shape) continue;
    ir::Shape shape = *type.as_tensor()->shape;
    const auto rank = static_cast<std::int64_t>(shape.size()) + 1;
    const std::int64_t axis =
        ir::normalized_axis(plan.output_axes[i - plan.states], rank, "scan_output_axes");
    shape.insert(shape.begin() + axis, length ? *length : c.fresh_dim());
    c.set_shape(i, shape);
  }
}

// One step of a scan input, without the axis.
Array scan_element(Evaluation& e, const Array& input, std::int64_t axis, std::int64_t step) {
  Dims shape = input.shape();
  shape.erase(shape.begin() + axis);
  return part_of(e, input, axis, step, 1).reshaped(shape);
}

// Collected along the first axis: turned around, and the axis moved to its place.
Array scan_result(Evaluation& e, const Array& collected, std::int64_t wanted_axis,
                  bool is_backward) {
  const std::int64_t axis = ir::normalized_axis(wanted_axis, collected.rank(), "scan_output_axes");
  StridedView view = whole_view(collected.shape());
  if (is_backward && collected.count() > 0) {
    view.offset = (collected.dim(0) - 1) * view.strides[0];
    view.strides[0] = -view.strides[0];
  }
  const auto move_first = [axis](Dims& list) {
    std::rotate(list.begin(), list.begin() + 1, list.begin() + axis + 1);
  };
  move_first(view.shape);
  move_first(view.strides);
  return gathered(e, collected, view);
}

std::int64_t scan_length(const Evaluation& e, const ScanPlan& plan,
                         std::vector<std::int64_t>& axes) {
  std::optional<std::int64_t> length;
  for (std::size_t i = 0; i < plan.inputs(); ++i) {
    const Array& input = e.input(plan.states + i);
    axes.push_back(ir::normalized_axis(plan.input_axes[i], input.rank(), "scan_input_axes"));
    e.require(!length || *length == input.dim(axes[i]), Code::ShapeMismatch,
              "scan inputs differ in length");  // C2
    length = input.dim(axes[i]);
  }
  return *length;
}

void evaluate_scan(Evaluation& e) {
  const ScanPlan plan = scan_plan(e.attributes(), e.input_count(), e.output_count());
  std::vector<std::int64_t> axes;
  const std::int64_t length = scan_length(e, plan, axes);
  std::vector<Datum> states;
  for (std::size_t i = 0; i < plan.states; ++i) states.push_back(e.datum(i));
  std::vector<std::unique_ptr<ScanOutput>> collected;
  for (std::size_t i = 0; i < plan.outputs(); ++i)
    collected.push_back(std::make_unique<ScanOutput>(e));
  for (std::int64_t step = 0; step < length; ++step) {
    e.charge_steps(1);
    std::vector<Datum> inputs = std::move(states);
    for (std::size_t i = 0; i < plan.inputs(); ++i) {
      const std::int64_t at = plan.input_backward[i] != 0 ? length - 1 - step : step;
      inputs.push_back({scan_element(e, e.input(plan.states + i), axes[i], at)});
    }
    std::vector<Datum> outputs = e.run_subgraph("body", std::move(inputs));
    e.require(outputs.size() == e.output_count(), Code::WrongInputCount,
              "the body has other outputs");
    const auto scans = outputs.begin() + static_cast<std::ptrdiff_t>(plan.states);
    for (std::size_t k = 0; k < plan.outputs(); ++k)
      collected[k]->append(scans[static_cast<std::ptrdiff_t>(k)].array());
    states.assign(std::move_iterator(outputs.begin()), std::move_iterator(scans));
  }
  for (std::size_t i = 0; i < plan.states; ++i) e.set(i, std::move(states[i]));
  const ir::Graph& body = *e.node().subgraph("body");
  for (std::size_t i = 0; i < plan.outputs(); ++i) {
    const Array whole = collected[i]->finish(body.outputs()[plan.states + i]->type());
    e.set(plan.states + i,
          scan_result(e, whole, plan.output_axes[i], plan.output_backward[i] != 0));
  }
}

}  // namespace

extern constinit const ir::Op scan_op{
    .name = "Scan",
    .since = 25,
    .inputs = {{"initial_state_and_scan_inputs", ir::types::any_tensor, "", ir::Arity::Variadic}},
    .outputs = {{"final_state_and_scan_outputs", ir::types::any_tensor, "", ir::Arity::Variadic}},
    .attributes = {{"body", ir::AttributeKind::Graph, ir::Required{}},
                   {"num_scan_inputs", ir::AttributeKind::Int, ir::Required{}},
                   {"scan_input_axes", ir::AttributeKind::Ints},
                   {"scan_input_directions", ir::AttributeKind::Ints},
                   {"scan_output_axes", ir::AttributeKind::Ints},
                   {"scan_output_directions", ir::AttributeKind::Ints}},
    .exactness = ir::Exactness::Moves,
    .infer = infer_scan,
    .evaluate = evaluate_scan};

}  // namespace ponte::ops
