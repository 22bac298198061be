// Parsing dimensions inside a longer text.
#pragma once

#include <string_view>

#include "ir/dim.h"

namespace ponte::ir {

// Takes the longest expression off the front of `text`. Throws TextSyntax.
Dim take_dim(std::string_view& text);

}  // namespace ponte::ir
