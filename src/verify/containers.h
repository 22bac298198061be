// Sequences, optionals and maps as rows of numbers, so that they are judged as tensors are.
#pragma once

#include <optional>

#include "ops/datum.h"

namespace ponte::verify {

// The same containers of the same lengths, keys and shapes; only elements may differ. An optional
// is what it holds.
bool same_structure(const ops::Datum& one, const ops::Datum& other);

// All elements in one row, in order; nothing where there is no tensor, or one of strings or complex
// numbers, or several computing types.
std::optional<ops::Array> elements_in_a_row(const ops::Datum& datum);

}  // namespace ponte::verify
