// The evaluator's values as the tensors that travel between coordinator and worker, and back.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "ops/datum.h"
#include "runtimes/protocol/host_tensor.h"

namespace ponte::values {

using Values = std::map<std::string, ops::Datum>;

// One tensor; for a sequence one for each element, or one that says that it is empty; for an
// optional its value, or one that says that there is none. Elements are stored in their dtype.
// Throws InvalidInputType for maps and for sequences of anything but tensors: they don't travel.
void append_to(std::vector<protocol::HostTensor>& tensors, const std::string& name,
               const ops::Datum& value);
std::vector<protocol::HostTensor> to_host(const Values& values);

// Throws WorkerProtocol when the bytes of a tensor are not what its dtype and shape demand.
Values from_host(std::vector<protocol::HostTensor> tensors, ops::Arithmetic arithmetic);

}  // namespace ponte::values
