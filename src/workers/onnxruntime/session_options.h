// From settings and a device to the options of a session.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "workers/onnxruntime/library.h"

namespace ponte::worker {

// Throws Refusal("unknown_setting" or "invalid_setting").
Owned<OrtSessionOptions> session_options(const Library& library,
                                         const std::map<std::string, std::string>& settings,
                                         const std::string& device);

// The devices for which this library has a provider.
std::vector<std::string> available_devices(const Library& library);

}  // namespace ponte::worker
