// The settings of the reference evaluator: one table for the command line's help and for the worker
// that obeys them.
#pragma once

#include <vector>

#include "runtimes/protocol/messages.h"

namespace ponte::runtimes::reference {

std::vector<protocol::Setting> settings();

}  // namespace ponte::runtimes::reference
