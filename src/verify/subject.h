// What is verified: a model file on a runtime, run through its worker.
#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "ops/error_scale.h"
#include "runtimes/values/values.h"
#include "runtimes/worker.h"
#include "verify/judge.h"

namespace ponte::verify {

struct SubjectSpec {
  std::string label;       // names it in results: "onnxruntime on model.onnx"
  std::string model_path;  // as the user gave it
  std::string runtime;
  std::string version;
  runtimes::WorkerCommand command;
  runtimes::LoadRequest load;
  ops::Precision precision;  // the arithmetic that the runtime declares
};

// As a runtime gave them.
using values::Values;

// One set of inputs through a fresh worker per call of run(); outputs and the intermediates that
// `keep` names. A failure of the worker is an ordinary answer.
runtimes::Outcome<std::vector<Values>> run_subject(const SubjectSpec& spec,
                                                   const std::vector<Inputs>& sets,
                                                   const std::vector<std::string>& keep);

}  // namespace ponte::verify
