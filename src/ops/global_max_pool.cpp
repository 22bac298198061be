// GlobalMaxPool. Spec: onnx.ai/onnx/operators/onnx__GlobalMaxPool.html. The largest element of each
// channel's plane.
#include <algorithm>

#include "ops/evaluation.h"

namespace ponte::ops {
namespace {

void infer_global_max_pool(ir::Inference& c) {
  ir::Shape shape = c.shape(0);
  c.require(shape.size() >= 2, Code::ShapeMismatch, "X needs a batch and channels");
  for (std::size_t i = 2; i < shape.size(); ++i) shape[i] = 1;
  c.set_shape(0, shape);
}

Dims global_max_shape(const Dims& shape) {
  Dims result = shape;
  for (std::size_t i = 2; i < result.size(); ++i) result[i] = 1;
  return result;
}

template <typename T>
void evaluate_global_max_pool_as(Evaluation& e) {
  const Array& x = e.input(0);
  Array y = e.allocate(x.dtype(), global_max_shape(x.shape()));
  const auto plane = y.count() ? x.count() / y.count() : 0;
  const T* from = x.as<T>().data();
  e.charge_steps(x.count());
  e.require(plane > 0 || y.count() == 0, Code::InvalidInputValue, "a plane without elements");
  for (T& largest : y.mutable_as<T>()) {
    largest = *std::max_element(from, from + plane);
    from += plane;
  }
  e.set(0, std::move(y));
}

void evaluate_global_max_pool(Evaluation& e) {
  e.input(0).holds<double>() ? evaluate_global_max_pool_as<double>(e)
                             : evaluate_global_max_pool_as<float>(e);
}

}  // namespace

extern constinit const ir::Op global_max_pool_op{.name = "GlobalMaxPool",
                                                 .since = 22,
                                                 .inputs = {{"X", ir::types::floats, "T"}},
                                                 .outputs = {{"Y", ir::types::floats, "T"}},
                                                 .exactness = ir::Exactness::Moves,
                                                 .infer = infer_global_max_pool,
                                                 .evaluate = evaluate_global_max_pool};

}  // namespace ponte::ops
