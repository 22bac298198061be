// A number with its noun.
#pragma once

#include <concepts>
#include <string>
#include <string_view>

#include "base/text.h"

namespace ponte {

// "1 output", "3 outputs", "1,204 outputs".
template <std::integral Integer>
std::string counted(Integer count, std::string_view singular, std::string_view plural) {
  return grouped(count) + ' ' + std::string(count == 1 ? singular : plural);
}

}  // namespace ponte
