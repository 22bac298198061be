// What the ops on sequences share.
#pragma once

#include "ops/evaluation.h"

namespace ponte::ops {

inline constexpr ir::TypeSet sequence_elements = ir::types::plain_tensor - ir::types::bf16;

// The element type of an input that is a sequence; the inference of the node ends here where it is
// not known.
const ir::Type& element_type(const ir::Inference& c, std::size_t input);

// The type that two elements of one sequence have in common. Throws InvalidInputType for different
// dtypes.
ir::Type common_element(const ir::Inference& c, const ir::Type& a, const ir::Type& b);

// The one integer that an input holds. Throws ShapeMismatch for any other number of them.
std::int64_t position_of(const Evaluation& e, std::size_t input);

Datum make_sequence(ir::Type element, std::vector<Datum> items);

}  // namespace ponte::ops
