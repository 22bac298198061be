// Tensors between the protocol's form and ONNX Runtime's.
#pragma once

#include <vector>

#include "runtimes/protocol/host_tensor.h"
#include "runtimes/protocol/messages.h"
#include "workers/onnxruntime/library.h"

namespace ponte::worker {

// A value that owns its memory, aligned as the runtime aligns its own. `parts` are one tensor, or
// the elements of a sequence. Throws Refusal for what the C API can't make: empty sequences and
// absent optionals.
Owned<OrtValue> to_value(const Library& library, std::span<const protocol::HostTensor> parts);

// One tensor, or one for each element of a sequence; throws Refusal for maps and sparse tensors.
void append_tensors(const Library& library, const OrtValue* value, const std::string& name,
                    std::vector<protocol::HostTensor>& out);

// The session's inputs or outputs.
enum class Side : std::uint8_t { Inputs, Outputs };
std::vector<protocol::ValueInfo> session_values(const Library& library, const OrtSession* session,
                                                Side side);

}  // namespace ponte::worker
