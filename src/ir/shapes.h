// Whole shapes beside each other; single dims are compared in dim.h.
#pragma once

#include "ir/type.h"

namespace ponte::ir {

// Whether some sizes of the open dims make the two the same.
bool may_be_equal(const Shape& a, const Shape& b);

}  // namespace ponte::ir
