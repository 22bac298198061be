// LSTM. Spec: onnx.ai/onnx/operators/onnx__LSTM.html. Gates in the order i, o, f, c.
// C1: X has rank 3, W is [directions, 4 hidden, input], R is [directions, 4 hidden, hidden]. C2:
// direction is forward, reverse or bidirectional. C3: sequence_lens has one length per batch, each
// within the sequence.
#include <algorithm>
#include <cmath>
#include <numbers>

#include "ops/error_scale.h"
#include "ops/matrix_kernel.h"
#include "ops/recurrent.h"

namespace ponte::ops {
namespace {

void infer_lstm(ir::Inference& c) {
  const RecurrentDims dims = infer_recurrent(c, 4);  // C1, C2
  if (c.attributes().i("layout") == 0) {
    c.set_shape(0, {dims.steps, dims.directions, dims.batch, dims.hidden});
    for (const std::size_t i : {1, 2}) c.set_shape(i, {dims.directions, dims.batch, dims.hidden});
  } else {
    c.set_shape(0, {dims.batch, dims.steps, dims.directions, dims.hidden});
    for (const std::size_t i : {1, 2}) c.set_shape(i, {dims.batch, dims.directions, dims.hidden});
  }
}

// One step of one direction for all batches: gates is [batch, 4 hidden] before activation, h and c
// are updated.
template <typename T>
class LstmCell {
 public:
  LstmCell(const Evaluation& e, const RecurrentSizes& sizes, std::int64_t direction)
      : sizes_(sizes),
        f_(activation(e.attributes(), direction * 3, "Sigmoid")),
        g_(activation(e.attributes(), direction * 3 + 1, "Tanh")),
        h_(activation(e.attributes(), direction * 3 + 2, "Tanh")),
        clip_(e.attributes().has("clip") ? e.attributes().f("clip") : INFINITY),
        couples_(e.attributes().i("input_forget") != 0) {
    if (e.has_input(7)) {
      peepholes_ =
          e.input(7).as<T>().subspan(static_cast<std::size_t>(direction * 3 * sizes.hidden),
                                     static_cast<std::size_t>(3 * sizes.hidden));
    }
  }

  void step(const T* gates, T* h, T* c) const {
    const std::int64_t n = sizes_.hidden;
    for (std::int64_t k = 0; k < n; ++k) {
      const double old = static_cast<double>(c[k]);
      const double i = f_(clipped(gates[k]) + peephole(0, k) * old);
      const double forget = couples_ ? 1 - i : f_(clipped(gates[2 * n + k]) + peephole(2, k) * old);
      const double candidate = g_(clipped(gates[3 * n + k]));
      const double cell = forget * old + i * candidate;
      const double o = f_(clipped(gates[n + k]) + peephole(1, k) * cell);
      c[k] = static_cast<T>(cell);
      h[k] = static_cast<T>(o * h_(cell));
    }
  }

 private:
  double clipped(T value) const { return std::clamp(static_cast<double>(value), -clip_, clip_); }
  // P is in the order i, o, f.
  double peephole(std::int64_t gate, std::int64_t k) const {
    return peepholes_.empty() ? 0
                              : static_cast<double>(
                                    peepholes_[static_cast<std::size_t>(gate * sizes_.hidden + k)]);
  }

  RecurrentSizes sizes_;
  Activation f_, g_, h_;
  double clip_;
  bool couples_;
  std::span<const T> peepholes_;
};

template <typename T>
void evaluate_lstm_as(Evaluation& e) {
  const RecurrentSizes sizes = recurrent_sizes(e, 4);
  RecurrentState<T> state(e, sizes, e.has_input(6) ? std::optional<std::size_t>(6) : std::nullopt);
  Array y =
      e.allocate(e.input(0).dtype(), {sizes.steps, sizes.directions, sizes.batch, sizes.hidden});
  const auto out = y.mutable_as<T>();
  for (std::int64_t d = 0; d < sizes.directions; ++d) {
    const LstmCell<T> cell(e, sizes, d);
    run_recurrent<T>(e, sizes, d, 4, state, out, [&](std::int64_t batch, const T* gates) {
      cell.step(gates, state.hidden(d, batch), state.cell(d, batch));
    });
  }
  set_recurrent_outputs(e, sizes, std::move(y), state);
}

void evaluate_lstm(Evaluation& e) {
  e.input(0).holds<double>() ? evaluate_lstm_as<double>(e) : evaluate_lstm_as<float>(e);
}

}  // namespace

extern constinit const ir::Op lstm_op{
    .name = "LSTM",
    .since = 22,
    .inputs = {{"X", ir::types::floats, "T"},
               {"W", ir::types::floats, "T"},
               {"R", ir::types::floats, "T"},
               {"B", ir::types::floats, "T", ir::Arity::Optional},
               {"sequence_lens", ir::types::i32, "", ir::Arity::Optional},
               {"initial_h", ir::types::floats, "T", ir::Arity::Optional},
               {"initial_c", ir::types::floats, "T", ir::Arity::Optional},
               {"P", ir::types::floats, "T", ir::Arity::Optional}},
    .outputs = {{"Y", ir::types::floats, "T", ir::Arity::Optional},
                {"Y_h", ir::types::floats, "T", ir::Arity::Optional},
                {"Y_c", ir::types::floats, "T", ir::Arity::Optional}},
    .attributes = {{"activation_alpha", ir::AttributeKind::Floats},
                   {"activation_beta", ir::AttributeKind::Floats},
                   {"activations", ir::AttributeKind::Strings},
                   {"clip", ir::AttributeKind::Float},
                   {"direction", ir::AttributeKind::String, "forward"},
                   {"hidden_size", ir::AttributeKind::Int},
                   {"input_forget", ir::AttributeKind::Int, std::int64_t{0}},
                   {"layout", ir::AttributeKind::Int, std::int64_t{0}}},
    .infer = infer_lstm,
    .evaluate = evaluate_lstm,
    .scale = scale_recurrent};

}  // namespace ponte::ops
