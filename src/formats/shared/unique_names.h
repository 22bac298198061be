// Names of which none is given twice.
#pragma once

#include <string>
#include <unordered_map>
#include <unordered_set>

namespace ponte::shared {

class UniqueNames {
 public:
  bool insert(const std::string& name) { return names_.insert(name).second; }
  // The wish, or the wish with the first free number from 1. Thousands may have the same one: each
  // goes on where the last one found a name.
  std::string unique(const std::string& wish);

 private:
  std::unordered_set<std::string> names_;
  std::unordered_map<std::string, int> suffixes_;
};

}  // namespace ponte::shared
