#include "ops/depth_blocks.h"

#include <fmt/format.h>

namespace ponte::ops {

BlockOrder block_order(const ir::AttributeReader& attributes) {
  const std::string mode = attributes.s("mode");
  if (mode == "DCR") return BlockOrder::DepthLast;
  if (mode == "CRD") return BlockOrder::DepthFirst;
  throw Error(Code::InvalidAttribute, fmt::format("`mode` = \"{}\" is neither DCR nor CRD", mode));
}

std::int64_t block_size(const ir::AttributeReader& attributes) {
  const std::int64_t size = attributes.i("blocksize");
  if (size < 1 || size > (1 << 20))
    throw Error(Code::InvalidAttribute, fmt::format("`blocksize` = {}", size));
  return size;
}

}  // namespace ponte::ops
