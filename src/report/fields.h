// Reading documents without trusting their shape: what is absent or of another type reads as
// nothing.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"

namespace ponte::report {

// The value under `key`, or null.
const Json& field(const Json& object, std::string_view key);

// Strings as they are, null as "", everything else as JSON on one line.
std::string text_of(const Json& value);
std::string text_field(const Json& object, std::string_view key);
std::string list_text(const Json& value);  // "conv1, relu1" of a list; the text of anything else

// Finite numbers only.
std::optional<double> number_of(const Json& value);
std::optional<double> number_field(const Json& object, std::string_view key);

// Empty unless it is an array, or an object.
const Json::array_t& items(const Json& array);
const Json::object_t& members(const Json& object);

// The document as an analysis: bench, verify and the others become its only part. Throws
// UnknownDocument.
Json as_analysis(const Json& document);

// "bench" for "ponte/bench/1". Throws UnknownDocument for other versions and other texts.
std::string schema_kind(const Json& document);

}  // namespace ponte::report
