// Groups of flags that several commands share.
#pragma once

#include "cli/command.h"

namespace ponte::cli {

// How a model is read: --weights, --random-weights, --signature, --from, --input-shape, --dim,
// --outputs-at, --max-depth.
extern const FlagGroup model_flags;

}  // namespace ponte::cli
