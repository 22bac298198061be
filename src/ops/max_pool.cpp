// MaxPool. Spec: onnx.ai/onnx/operators/onnx__MaxPool.html. Padding never wins; the second output
// holds the flat index of the largest element in the whole input, planes in column-major order with
// storage_order = 1.
#include <limits>

#include "ops/pooling.h"

namespace ponte::ops {
namespace {

void infer_max_pool(ir::Inference& c) {
  infer_pooling(c, pooling_rounding(c.attributes()));
  c.set_type(1, ir::Type::tensor(ir::DType::Int64));
  if (!c.has_output(1)) return;
  const ir::Shape& x = c.shape(0);
  ir::Shape kernel = ir::to_shape(c.attributes().ints("kernel_shape"));
  ir::Shape y{x[0], x[1]};
  for (const WindowAxis& axis : windows(c.attributes(), ir::Shape(x.begin() + 2, x.end()), kernel,
                                        pooling_rounding(c.attributes()))) {
    y.push_back(axis.output);
  }
  c.set_shape(1, y);
}

std::int64_t column_major(std::int64_t row_major, const Dims& shape) {
  std::int64_t result = 0, scale = 1;
  std::vector<std::int64_t> coordinates;
  for (std::size_t i = shape.size(); i-- > 2;) {
    coordinates.push_back(row_major % shape[i]);
    row_major /= shape[i];
  }
  for (std::size_t i = 2; i < shape.size(); ++i) {
    result += coordinates[shape.size() - 1 - i] * scale;
    scale *= shape[i];
  }
  return result;
}

template <typename T>
void evaluate_max_pool_as(Evaluation& e) {
  const Array& x = e.input(0);
  const auto axes = pooling_windows(e.attributes(), x.shape());
  Array y = e.allocate(x.dtype(), pooled_shape(x.shape(), axes));
  Array indices = e.wants(1) ? e.allocate(ir::DType::Int64, y.shape()) : Array();
  const std::int64_t planes = x.dim(0) * x.dim(1);
  const std::int64_t in_plane = planes ? x.count() / planes : 0,
                     out_plane = planes ? y.count() / planes : 0;
  const T* from = x.as<T>().data();
  T* to = y.mutable_as<T>().data();
  std::int64_t* index_to = e.wants(1) ? indices.mutable_as<std::int64_t>().data() : nullptr;
  const bool by_column = e.attributes().i("storage_order") != 0;
  for_each_window(e.services(), axes, [&](std::int64_t at, const Window& window) {
    e.charge_steps(planes);
    for (std::int64_t plane = 0; plane < planes; ++plane) {
      const T* source = from + plane * in_plane;
      std::int64_t best = window.offsets.empty() ? -1 : window.offsets.front();
      for (const std::int64_t offset : window.offsets) {
        if (source[offset] > source[best]) best = offset;
      }
      to[plane * out_plane + at] = best < 0 ? std::numeric_limits<T>::lowest() : source[best];
      if (index_to) {
        index_to[plane * out_plane + at] =
            plane * in_plane + (by_column ? column_major(best, x.shape()) : best);
      }
    }
  });
  e.set(0, std::move(y));
  if (e.wants(1)) e.set(1, std::move(indices));
}

void evaluate_max_pool(Evaluation& e) {
  e.input(0).visit([&](auto elements) {
    using T = std::remove_cv_t<typename decltype(elements)::element_type>;
    if constexpr (std::is_arithmetic_v<T>) evaluate_max_pool_as<T>(e);
  });
}

}  // namespace

extern constinit const ir::Op max_pool_op{
    .name = "MaxPool",
    .since = 22,
    .inputs = {{"X", ir::types::floats | ir::types::i8 | ir::types::u8, "T"}},
    .outputs = {{"Y", ir::types::floats | ir::types::i8 | ir::types::u8, "T"},
                {"Indices", ir::types::i64, "", ir::Arity::Optional}},
    .attributes = {{"auto_pad", ir::AttributeKind::String, "NOTSET"},
                   {"ceil_mode", ir::AttributeKind::Int, std::int64_t{0}},
                   {"dilations", ir::AttributeKind::Ints},
                   {"kernel_shape", ir::AttributeKind::Ints, ir::Required{}},
                   {"pads", ir::AttributeKind::Ints},
                   {"storage_order", ir::AttributeKind::Int, std::int64_t{0}},
                   {"strides", ir::AttributeKind::Ints}},
    .exactness = ir::Exactness::Moves,
    .infer = infer_max_pool,
    .evaluate = evaluate_max_pool};

}  // namespace ponte::ops
