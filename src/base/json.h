// JSON: reading what may be hostile, and writing what is always valid.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "base/json_fwd.h"

namespace ponte {

// The number, or null for what JSON can't say (NaN and infinities).
Json number(double value);

// RFC 8259, strictly: no comments, no duplicate keys, valid UTF-8. Takes time linear in the text.
// Throws InvalidText with line and column, NestingTooDeep beyond `max_depth`. Looking up a key of
// the result walks through the object: where an object may be large, iterate over it instead.
Json parse_json(std::string_view text, int max_depth = 64);

// Indented text with a line feed at the end; bytes that are not UTF-8 become U+FFFD.
std::string json_text(const Json& json);

// The same on one line and without the line feed.
std::string json_line(const Json& json);

}  // namespace ponte
