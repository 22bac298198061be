#include "ir/shapes.h"

#include <algorithm>

namespace ponte::ir {

bool may_be_equal(const Shape& a, const Shape& b) {
  return std::ranges::equal(a, b, [](const Dim& left, const Dim& right) {
    return compare(left, right) != Comparison::Different;
  });
}

}  // namespace ponte::ir
