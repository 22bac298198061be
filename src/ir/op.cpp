#include "ir/op.h"

#include <algorithm>
#include <tuple>

#include "base/check.h"

namespace ponte::ir {
namespace {

auto key(const Op* op) { return std::tuple(op->domain, op->name); }

}  // namespace

OpSet::OpSet(std::span<const Op* const> ops) : ops_(ops.begin(), ops.end()) {
  std::ranges::sort(ops_, {}, key);
  PONTE_CHECK(std::ranges::adjacent_find(ops_, {}, key) == ops_.end());
}

const Op* OpSet::find(std::string_view domain, std::string_view name) const {
  if (domain == "ai.onnx") domain = "";
  const auto it = std::ranges::lower_bound(ops_, std::tuple(domain, name), {}, key);
  return it != ops_.end() && key(*it) == std::tuple(domain, name) ? *it : nullptr;
}

}  // namespace ponte::ir
