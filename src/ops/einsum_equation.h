// The equation of Einsum: onnx.ai/onnx/operators/onnx__Einsum.html.
#pragma once

#include <map>
#include <string_view>
#include <vector>

#include "ir/type.h"

namespace ponte::ops {

// An axis's name: a letter, or an axis of the ellipsis as a negative number.
using EinsumLabel = int;
using EinsumLabels = std::vector<EinsumLabel>;

struct EinsumEquation {
  std::vector<EinsumLabels> inputs;
  EinsumLabels output;
};

// Throws InvalidAttribute for what is no equation, ShapeMismatch where ranks do not fit it.
EinsumEquation parse_einsum(std::string_view text, const std::vector<std::size_t>& ranks);

// The size of each label; a dim of 1 is repeated as often as another input wants. Throws
// ShapeMismatch.
std::map<EinsumLabel, ir::Dim> einsum_sizes(const EinsumEquation& equation,
                                            const std::vector<ir::Shape>& shapes);

}  // namespace ponte::ops
