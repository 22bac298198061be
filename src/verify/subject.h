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
  runtimes::WorkerOptions worker = {};
};

// As a runtime gave them.
using values::Values;

// A worker that has a subject's model loaded. A failure of it is an ordinary answer.
class SubjectSession {
 public:
  // `keep` names the intermediate values that run() gives beside the outputs.
  static runtimes::Outcome<SubjectSession> start(const SubjectSpec& spec,
                                                 const std::vector<std::string>& keep = {});

  runtimes::Outcome<Values> run(const Inputs& inputs);

 private:
  explicit SubjectSession(std::unique_ptr<runtimes::Worker> worker) : worker_(std::move(worker)) {}
  std::unique_ptr<runtimes::Worker> worker_;
};

// Some sets of inputs through a fresh worker.
runtimes::Outcome<std::vector<Values>> run_subject(const SubjectSpec& spec,
                                                   const std::vector<Inputs>& sets,
                                                   const std::vector<std::string>& keep);

}  // namespace ponte::verify
