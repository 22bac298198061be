// Defects of ponte itself: they leave a log that can be sent to those who mend it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace ponte::cli {

// Writes a log under the cache folder and gives an error that names it, or says why there is none.
Error internal_error(std::string_view exception, std::string_view message,
                     const std::vector<std::string>& words);

}  // namespace ponte::cli
