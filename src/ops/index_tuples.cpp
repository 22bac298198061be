#include "ops/index_tuples.h"

#include <algorithm>

#include "ops/indices.h"
#include "ops/strides.h"

namespace ponte::ops {
namespace {

void require_tuples(bool holds, Code code, const char* message) {
  if (!holds) throw Error(code, message);
}

}  // namespace

IndexedSlices indexed_slices(const Array& data, const Array& indices, std::int64_t batch) {
  require_tuples(batch >= 0 && batch < std::min(data.rank(), indices.rank()),
                 Code::InvalidAttribute, "`batch_dims` is not below both ranks");
  const std::int64_t tuple = indices.shape().back();
  require_tuples(tuple >= 1 && tuple <= data.rank() - batch, Code::ShapeMismatch,
                 "a tuple has more indices than data has axes");
  const Dims strides = row_major_strides(data.shape());
  IndexedSlices slices;
  for (std::size_t i = static_cast<std::size_t>(batch + tuple); i < data.shape().size(); ++i)
    slices.length *= data.shape()[i];
  std::int64_t batches = 1, batch_stride = 1;
  for (std::size_t i = 0; i < data.shape().size(); ++i) {
    const bool is_batch = static_cast<std::int64_t>(i) < batch;
    require_tuples(!is_batch || data.shape()[i] == indices.shape()[i], Code::ShapeMismatch,
                   "batch dims differ");
    (is_batch ? batches : batch_stride) *= data.shape()[i];
  }
  const auto all = indices.as<std::int64_t>();
  const auto count = static_cast<std::size_t>(indices.count() / tuple);
  const std::size_t per_batch =
      count / static_cast<std::size_t>(std::max<std::int64_t>(batches, 1));
  slices.offsets.resize(count);
  for (std::size_t i = 0; i < count; ++i) {
    std::int64_t offset = static_cast<std::int64_t>(i / per_batch) * batch_stride;
    for (std::size_t k = 0; k < static_cast<std::size_t>(tuple); ++k) {
      const std::size_t axis = static_cast<std::size_t>(batch) + k;
      offset += checked_index(all[i * static_cast<std::size_t>(tuple) + k], data.shape()[axis]) *
                strides[axis];
    }
    slices.offsets[i] = offset;
  }
  return slices;
}

std::optional<std::int64_t> infer_tuple_length(const ir::Inference& c, std::int64_t batch) {
  c.require(c.rank(0) >= 1 && c.rank(1) >= 1, Code::ShapeMismatch, "data and indices need an axis");
  c.require(batch >= 0 && batch < std::min(c.rank(0), c.rank(1)), Code::InvalidAttribute,
            "`batch_dims` is not below both ranks");
  const auto tuple = c.shape(1).back().known();
  c.require(!tuple || (*tuple >= 1 && *tuple <= c.rank(0) - batch), Code::ShapeMismatch,
            "a tuple has more indices than data has axes");
  return tuple;
}

}  // namespace ponte::ops
