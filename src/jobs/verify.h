// `ponte verify`: the same inputs through several models and runtimes: are they the same network?
#pragma once

#include <string>
#include <vector>

#include "base/json_fwd.h"
#include "base/stop.h"
#include "jobs/model_options.h"
#include "verify/verify.h"

namespace ponte::jobs {

struct VerifyOptions {
  ModelOptions model;                         // the judge reads this one
  std::vector<std::filesystem::path> others;  // none: the model converted to ONNX
  std::vector<std::string> runtimes;          // none: each file's own
  std::uint64_t seed = 1;
  int perturbed_runs = 4;
  StopToken stop = {};
};

struct VerifyJobResult {
  verify::VerifyResult result;
  Diagnostics problems;
};

// Throws nothing that a file can cause: it is in `problems`.
VerifyJobResult verify_models(const VerifyOptions& options);

// 0 equivalent, 1 different or undecided, else the code of the first error; 4 when no subject
// answered.
int exit_code(const VerifyJobResult& result);

Json to_json(const VerifyJobResult& result);

}  // namespace ponte::jobs
