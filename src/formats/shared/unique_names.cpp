#include "formats/shared/unique_names.h"

#include <fmt/format.h>

namespace ponte::shared {

std::string UniqueNames::unique(const std::string& wish) {
  std::string name = wish;
  if (insert(name)) return name;
  int& suffix = suffixes_[wish];
  do {
    name = fmt::format("{}_{}", wish, ++suffix);
  } while (!insert(name));
  return name;
}

}  // namespace ponte::shared
