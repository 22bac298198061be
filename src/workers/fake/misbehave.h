// Everything that a worker must not do, done on purpose.
#pragma once

#include "workers/fake/script.h"

namespace ponte::worker {

// Does what the action says; some never return. Throws Refusal for "refuse" and Error for an
// unknown action.
void misbehave(const Misbehaviour& what);

}  // namespace ponte::worker
