// `ponte formats`: which files are read and written, and which of their ops.
#pragma once

#include <string>
#include <vector>

#include "base/json_fwd.h"

namespace ponte::jobs {

// One op of a format and the op of the graph that it becomes.
struct FormatOp {
  std::string foreign;
  std::string onnx;
  bool read = false;
  bool write = false;
};

struct FormatSupport {
  std::string name;
  std::vector<std::string> extensions;
  bool read = false;
  bool write = false;
  std::vector<FormatOp> ops;
};

struct FormatsResult {
  std::vector<FormatSupport> formats;
};

FormatsResult formats();
// The names alone, of all and of those that are written.
std::vector<std::string> format_names();
std::vector<std::string> written_format_names();

Json to_json(const FormatsResult& result);

}  // namespace ponte::jobs
