// Tensors in ponte's text form: small ones element by element, large ones by their content hash.
#pragma once

#include <string>

#include "ir/tensor.h"
#include "ir/text_cursor.h"

namespace ponte::ir {

// "[[1, 2], [3, 4]]", or "elided 0f3a..." with the content hash. Inline are texts, whole numbers
// that inference may look at (up to 1,024), and up to 64 of everything else.
std::string elements_text(const Tensor& tensor);

// Takes what elements_text() prints. The elements of an elided tensor can't be read:
// MissingWeights. Throws TextSyntax, also where the shape is not that of the type.
Tensor take_tensor(TextCursor& cursor, const TensorType& type);

// "1.5", "1.0", "inf": with a sign that it is no integer.
std::string float_text(float value);

}  // namespace ponte::ir
