// Arrays as NumPy saves them. numpy.org/doc/stable/reference/generated/numpy.lib.format.html.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "ir/tensor.h"

namespace ponte::verify {

// A .npy file: numbers of either byte order and bools, in C or Fortran order. The data stay where
// they are. Throws MalformedField, TruncatedTensor, DimensionOutOfRange, and UnknownDtype for
// Python objects, texts and records.
ir::Tensor read_npy(const ByteRange& file);

// The arrays of an .npz file by name, in the order of the file.
std::vector<std::pair<std::string, ir::Tensor>> read_npz(std::shared_ptr<const ByteSource> file);

}  // namespace ponte::verify
