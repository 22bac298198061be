// Shape arithmetic: reading and combining the integers that inference knows.
#pragma once

#include <functional>
#include <optional>

#include "ir/inference.h"

namespace ponte::ops {

// The numbers of an input whose elements are all known numbers; none otherwise.
std::optional<std::vector<std::int64_t>> known_numbers(const ir::Inference& c, std::size_t input);
// The same; where they are not known the inference of the node ends here.
std::vector<std::int64_t> require_numbers(const ir::Inference& c, std::size_t input);
// The number that an input of one element holds; throws ShapeMismatch when it has known, other
// dims.
std::optional<ir::Dim> known_scalar(const ir::Inference& c, std::size_t input);

// The integers of a small tensor of integers or bools.
std::optional<ir::KnownValue> known_of(const ir::Tensor& tensor);

// More elements than this are not worth knowing.
inline constexpr std::int64_t known_value_limit = 1024;

// f of the elements of known values of any number, broadcast together; none where a value or a
// shape does not fit.
std::optional<ir::KnownValue> combined(const std::vector<ir::KnownValue>& values,
                                       const std::function<ir::Dim(std::span<const ir::Dim>)>& f);

// All inputs' known values, or none when one is not known.
std::optional<std::vector<ir::KnownValue>> all_known(const ir::Inference& c);

// A shape of this many fresh dimensions. Throws ShapeMismatch over 64.
ir::Shape fresh_shape(const ir::Inference& c, std::int64_t rank);

}  // namespace ponte::ops
