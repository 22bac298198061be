// The name of the JSON type, for headers; base/json.h has the type itself.
#pragma once

#include <nlohmann/json_fwd.hpp>

namespace ponte {

using Json = nlohmann::ordered_json;

}  // namespace ponte
