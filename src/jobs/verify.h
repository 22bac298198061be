// `ponte verify`: the same inputs through several models and runtimes: are they the same network?
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/json_fwd.h"
#include "base/stop.h"
#include "jobs/input_options.h"
#include "jobs/model_options.h"
#include "runtimes/discover.h"
#include "verify/verify.h"

namespace ponte::jobs {

// Whether an undecided answer is one that a script should stop at.
enum class UndecidedIs : std::uint8_t { Failure, Success };

struct VerifyOptions {
  ModelOptions model;                         // the judge reads this one
  std::vector<std::filesystem::path> others;  // none: the model converted to ONNX
  std::vector<std::string> runtimes;          // as --runtime takes them; none: each file's own
  std::uint64_t seed = 1;
  int perturbed_runs = 4;
  StopToken stop = {};
  std::vector<std::string> settings = {};  // "onnxruntime.KEY=VALUE", one value each
  std::optional<std::uint64_t> threads = {};
  InputFiles inputs = {};
  verify::NameMaps names = {};
  bool is_thorough = false;
  verify::Tolerance tolerance = {};
  bool is_strict = false;  // a subject that fails is an error although others answer
  UndecidedIs undecided = UndecidedIs::Failure;
  std::function<void(const std::string&)> on_progress = {};
  // The default one, unless a test has its own runtimes.
  std::optional<runtimes::SearchPath> search = {};
  runtimes::WorkerOptions worker = {};
};

struct VerifyJobResult {
  verify::VerifyResult result;
  UndecidedIs undecided = UndecidedIs::Failure;
  Diagnostics problems;
};

// Throws nothing that a file or a runtime can cause: it is in `problems`.
VerifyJobResult verify_models(const VerifyOptions& options);

// 0 equivalent or within the tolerance, 1 different or undecided, else the code of the gravest
// problem: 130 interrupted, 5 where a runtime that was named is missing, 4 where no subject
// answered.
int exit_code(const VerifyJobResult& result);

Json to_json(const VerifyJobResult& result);

}  // namespace ponte::jobs
