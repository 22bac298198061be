// Tables whose rows are a set: what a detector found.
#pragma once

#include <optional>

#include "ops/datum.h"

namespace ponte::verify {

// `given` with its rows, which are the last axis, each where the nearest row of `reference` stands;
// none where they stand there already, where there are more than 4,096, or where a number is not
// finite. Both have the same shape.
std::optional<ops::Datum> in_row_order_of(const ops::Datum& given, const ops::Datum& reference);

}  // namespace ponte::verify
