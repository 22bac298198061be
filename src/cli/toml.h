// The part of TOML 1.0 that configuration needs: `key = value` and `[section]` with bare keys;
// values are strings in one line ("basic" or 'literal'), numbers, true, false, and lists of these.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace ponte::cli {

struct Setting {
  std::string section;  // empty before the first [section]
  std::string key;
  std::vector<std::string> values;  // as text: "128", "true"; several for a list
  bool is_list = false;
  int line = 1;
};

// In the order of the text. Throws ConfigurationError, with the line, for what is no TOML, for what
// this part lacks, and for a key that stands twice.
std::vector<Setting> parse_toml(std::string_view text);

}  // namespace ponte::cli
