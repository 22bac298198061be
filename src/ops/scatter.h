// What ScatterElements and ScatterND do with an update and the element that it meets.
#pragma once

#include <functional>

#include "ops/error_scale.h"
#include "ops/evaluation.h"

namespace ponte::ops {

enum class Reduction : std::uint8_t { None, Add, Multiply, Maximum, Minimum };

// The attribute `reduction`. Throws InvalidAttribute.
Reduction scatter_reduction(const ir::AttributeReader& attributes);

// Updates elements: target[offset(i)] for each update i, in order.
void scatter(Evaluation& e, Array& target, const Array& updates,
             const std::function<std::int64_t(std::int64_t)>& offset, Reduction reduction);

// The error of sums and products of the updates; `offset` as above. Exact for all other reductions.
void scale_scatter(ErrorScale& s, const std::function<std::int64_t(std::int64_t)>& offset,
                   Reduction reduction);

}  // namespace ponte::ops
