// Results that ONNX leaves undefined, so that runtimes may differ in them.
#pragma once

#include <cstddef>
#include <vector>

#include "ir/graph.h"
#include "ops/datum.h"

namespace ponte::verify {

// Whether the node casts floats to integers.
bool casts_to_integers(const ir::Node& node);

// The elements of the result of such a node whose value, truncated, is none of the dtype, or is
// NaN; empty for other nodes.
std::vector<std::size_t> undefined_elements(const ir::Node& node,
                                            const std::vector<ops::Datum>& inputs);

enum class End : std::uint8_t { Lowest, Highest };

// Gives these elements of the result the dtype's lowest or highest value: two of many that a
// runtime may give, such that all lie between them.
void set_undefined(const std::vector<std::size_t>& elements, End end, ops::Array& result);

}  // namespace ponte::verify
