// Dropout. Spec: onnx.ai/onnx/operators/onnx__Dropout.html. Without training_mode it changes
// nothing. C1: ratio in [0, 1).
#include <algorithm>
#include <cmath>

#include "ops/error_scale.h"
#include "ops/evaluation.h"

namespace ponte::ops {
namespace {

void infer_dropout(ir::Inference& c) {
  c.set_shape(0, c.shape(0));
  c.set_shape(1, c.shape(0));
}

bool is_training(const Evaluation& e) {
  if (!e.has_input(2)) return false;
  e.require(e.input(2).count() == 1, Code::ShapeMismatch, "`training_mode` must have one element");
  return e.input(2).as<Bool>()[0] == Bool::True;
}

double dropout_ratio(const Evaluation& e) {
  if (!e.has_input(1)) return 0.5;
  e.require(e.input(1).count() == 1, Code::ShapeMismatch, "`ratio` must have one element");
  const double ratio = e.input(1).to_f64()[0];
  e.require(ratio >= 0 && ratio < 1, Code::InvalidInputValue, "`ratio` is outside [0, 1)");  // C1
  return ratio;
}

template <typename T>
void drop(Evaluation& e, double ratio, Array& data, Array& mask) {
  Random random = e.attributes().has("seed")
                      ? Random(static_cast<std::uint64_t>(e.attributes().i("seed")))
                      : e.random();
  const T factor = static_cast<T>(1 / (1 - ratio));
  const auto values = data.mutable_as<T>();
  const auto kept = mask.mutable_as<Bool>();
  for (std::size_t i = 0; i < values.size(); ++i) {
    kept[i] = random.uniform() >= ratio ? Bool::True : Bool::False;
    values[i] = kept[i] == Bool::True ? values[i] * factor : T{0};
  }
}

void evaluate_dropout(Evaluation& e) {
  const double ratio = is_training(e) ? dropout_ratio(e) : 0;
  Array data = e.take(0);
  Array mask = e.allocate(ir::DType::Bool, data.shape());
  e.charge_steps(data.count());
  if (ratio == 0) {
    std::ranges::fill(mask.mutable_as<Bool>(), Bool::True);
  } else if (data.holds<double>()) {
    drop<double>(e, ratio, data, mask);
  } else {
    drop<float>(e, ratio, data, mask);
  }
  e.set(0, std::move(data));
  e.set(1, std::move(mask));
}

}  // namespace

extern constinit const ir::Op dropout_op{
    .name = "Dropout",
    .since = 22,
    .inputs = {{"data", ir::types::floats | ir::types::f8, "T"},
               {"ratio", ir::types::floats | ir::types::f8, "T1", ir::Arity::Optional},
               {"training_mode", ir::types::boolean, "T2", ir::Arity::Optional}},
    .outputs = {{"output", ir::types::floats | ir::types::f8, "T"},
                {"mask", ir::types::boolean, "T2", ir::Arity::Optional}},
    .attributes = {{"seed", ir::AttributeKind::Int}},
    .exactness = ir::Exactness::Moves,
    .infer = infer_dropout,
    .evaluate = evaluate_dropout};

}  // namespace ponte::ops
