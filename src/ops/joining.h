// Arrays that stand one after another along an axis: Concat, ConcatFromSequence, Split and
// SplitToSequence.
#pragma once

#include "ops/strides.h"

namespace ponte::ops {

// The arrays, of one dtype and of equal dims but for `axis`, one after another. Throws
// ShapeMismatch.
Array joined(Evaluation& e, std::span<const Array> arrays, std::int64_t axis);

// The part [begin, begin + length) along an axis.
Array part_of(Evaluation& e, const Array& array, std::int64_t axis, std::int64_t begin,
              std::int64_t length);

}  // namespace ponte::ops
