// What the random ops share: dtype, seed, and filling a tensor.
#pragma once

#include <functional>

#include "ops/evaluation.h"

namespace ponte::ops {

// The attribute `dtype`, or `fallback` when it is absent. Throws InvalidAttribute for what is no
// float.
ir::DType drawn_dtype(const ir::AttributeReader& attributes, ir::DType fallback);
// The attribute `shape`. Throws ShapeMismatch for a negative dim.
Dims drawn_shape(const ir::AttributeReader& attributes);

// A tensor of numbers that `draw` makes, from the op's own seed where it has one.
Array drawn(Evaluation& e, ir::DType dtype, const Dims& shape,
            const std::function<double(Random&)>& draw);
// Normal numbers of the attributes `mean` and `scale`; uniform ones of `low` and `high`.
Array drawn_normal(Evaluation& e, ir::DType dtype, const Dims& shape);
Array drawn_uniform(Evaluation& e, ir::DType dtype, const Dims& shape);

}  // namespace ponte::ops
