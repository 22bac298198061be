// The slices of a tensor that the last axis of an index tensor names: GatherND and ScatterND.
#pragma once

#include "ops/evaluation.h"

namespace ponte::ops {

// Where each tuple's slice begins in the data, and how many elements a slice has. The first `batch`
// dims of both are paired.
struct IndexedSlices {
  std::vector<std::int64_t> offsets;
  std::int64_t length = 1;
};

// Throws ShapeMismatch and IndexOutOfRange.
IndexedSlices indexed_slices(const Array& data, const Array& indices, std::int64_t batch);

// Checks ranks of data (input 0) and indices (input 1), and gives the length of a tuple where it is
// known.
std::optional<std::int64_t> infer_tuple_length(const ir::Inference& c, std::int64_t batch);

}  // namespace ponte::ops
