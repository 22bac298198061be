// Pools of one element for each channel: the axes from 2 on become 1.
#pragma once

#include "ops/evaluation.h"

namespace ponte::ops {

inline void infer_global_pool(ir::Inference& c) {
  ir::Shape shape = c.shape(0);
  c.require(shape.size() >= 2, Code::ShapeMismatch, "X needs a batch and channels");
  for (std::size_t i = 2; i < shape.size(); ++i) shape[i] = 1;
  c.set_shape(0, shape);
}

// `pool(plane)` gives the one element of a channel's plane, a span.
template <typename T, typename Pool>
void evaluate_global_pool(Evaluation& e, const Pool& pool) {
  const Array& x = e.input(0);
  Dims shape = x.shape();
  for (std::size_t i = 2; i < shape.size(); ++i) shape[i] = 1;
  Array y = e.allocate(x.dtype(), shape);
  const std::size_t plane = y.count() ? static_cast<std::size_t>(x.count() / y.count()) : 0;
  const T* from = x.as<T>().data();
  e.charge_steps(x.count());
  for (T& element : y.mutable_as<T>()) {
    element = pool(std::span(from, plane));
    from += plane;
  }
  e.set(0, std::move(y));
}

}  // namespace ponte::ops
