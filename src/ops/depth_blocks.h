// DepthToSpace and SpaceToDepth: blocks of pixels against channels.
#pragma once

#include "ops/evaluation.h"

namespace ponte::ops {

// Whether a block's position is the slower (DCR) or the faster (CRD) part of the channel.
enum class BlockOrder : std::uint8_t { DepthLast, DepthFirst };

// The attributes `mode` and `blocksize`. Throws InvalidAttribute.
BlockOrder block_order(const ir::AttributeReader& attributes);
std::int64_t block_size(const ir::AttributeReader& attributes);

}  // namespace ponte::ops
