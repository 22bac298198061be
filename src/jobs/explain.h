// `ponte explain`: the page of an error code.
#pragma once

#include <string>
#include <vector>

#include "base/error_codes.h"
#include "base/json_fwd.h"

namespace ponte::jobs {

struct ExplainResult {
  std::vector<CodePage> pages;  // one, or all where none was named
};

// Throws UnknownName.
ExplainResult explain(const std::string& code);

// "malformed", "environment", ...
std::string_view to_string(ErrorKind kind);

Json to_json(const ExplainResult& result);

}  // namespace ponte::jobs
