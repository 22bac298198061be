// `ponte ops`: the ops that ponte knows.
#pragma once

#include <string>
#include <vector>

#include "base/json_fwd.h"

namespace ponte::jobs {

struct OpSupport {
  std::string name;
  std::string domain;  // "" is ai.onnx
  int since = 1;
  bool infer = false;
  bool evaluate = false;
};

struct OpsResult {
  std::vector<OpSupport> ops;
};

// All of them, or those named: "Conv", "com.microsoft::Gelu". Throws UnknownName with the nearest.
OpsResult ops(const std::vector<std::string>& names);
std::vector<std::string> op_names();

Json to_json(const OpsResult& result);

}  // namespace ponte::jobs
