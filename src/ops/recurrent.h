// What the recurrent ops RNN, GRU and LSTM share: dims, activations, the loop over time, states and
// outputs.
#pragma once

#include <functional>
#include <optional>

#include "ops/error_scale.h"
#include "ops/evaluation.h"

namespace ponte::ops {

struct RecurrentDims {
  ir::Dim steps, batch, directions, hidden;
};

// Checks X, W, R, B and the direction; `gates` is the number of blocks in W.
RecurrentDims infer_recurrent(ir::Inference& c, std::int64_t gates);

struct RecurrentSizes {
  std::int64_t steps, batch, input, directions, hidden;
  std::vector<std::int64_t> lengths;  // of each batch's sequence
};
RecurrentSizes recurrent_sizes(const Evaluation& e, std::int64_t gates);

using Activation = std::function<double(double)>;
// Number `index` of `activations`, with its alpha and beta. Throws InvalidAttribute for an unknown
// name.
Activation activation(const ir::AttributeReader& attributes, std::int64_t index,
                      const std::string& fallback);

// h and, for LSTM, c of each direction and batch; from the initial states, or zeros.
template <typename T>
class RecurrentState {
 public:
  RecurrentState(const Evaluation& e, const RecurrentSizes& sizes,
                 std::optional<std::size_t> cell_input);
  T* hidden(std::int64_t direction, std::int64_t batch) {
    return h_.data() + offset(direction, batch);
  }
  T* cell(std::int64_t direction, std::int64_t batch) {
    return c_.data() + offset(direction, batch);
  }
  const std::vector<T>& all_hidden() const { return h_; }
  const std::vector<T>& all_cells() const { return c_; }

 private:
  std::int64_t offset(std::int64_t direction, std::int64_t batch) const {
    return (direction * batch_ + batch) * hidden_;
  }
  std::int64_t batch_, hidden_;
  std::vector<T> h_, c_;
};

// Walks one direction through time. For every step it computes X W' + Wb + H R' + Rb for all
// batches and calls step(batch, gates) for those whose sequence still runs; then the hidden state
// is copied to `out`
// ([steps, directions, batch, hidden], zeros beyond a sequence's end).
template <typename T>
void run_recurrent(Evaluation& e, const RecurrentSizes& sizes, std::int64_t direction,
                   std::int64_t gates, RecurrentState<T>& state, std::span<T> out,
                   const std::function<void(std::int64_t, const T*)>& step);

// Y, Y_h and (where there is one) Y_c, in the layout asked for.
template <typename T>
void set_recurrent_outputs(Evaluation& e, const RecurrentSizes& sizes, Array y,
                           const RecurrentState<T>& state);

// States are bounded by their activations: a few units of the last place of 1, which the steps
// accumulate.
void scale_recurrent(ErrorScale& s);

}  // namespace ponte::ops
