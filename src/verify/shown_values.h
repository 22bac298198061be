// What a subject shows of the values between its inputs and its outputs.
#pragma once

#include <functional>
#include <unordered_map>
#include <vector>

#include "verify/verify.h"

namespace ponte::verify {

using Known = std::unordered_map<const ir::Value*, ops::Datum>;

runtimes::Outcome<std::vector<std::string>> layers_of(const SubjectSpec& spec);

// How subjects are run: through their workers.
struct SubjectRunner {
  std::function<runtimes::Outcome<std::vector<Values>>(
      const SubjectSpec&, const std::vector<Inputs>&, const std::vector<std::string>& keep)>
      run = run_subject;
  // The names of what the runtime can keep; none where it returns outputs alone.
  std::function<runtimes::Outcome<std::vector<std::string>>(const SubjectSpec&)> layers = layers_of;
};

// Runs a subject so that it shows more than its outputs. A runtime that knows its layers by name
// returns them on request; an ONNX model is written into `scratch` with more outputs.
class ShownValues {
 public:
  ShownValues(const VerifySubject& subject, const std::vector<Inputs>& sets,
              std::filesystem::path scratch, SubjectRunner runner);

  // All values that could be shown, in topological order; a failure when the model does not load.
  runtimes::Outcome<std::vector<const ir::Value*>> candidates();

  // What the subject gives when it shows these values of its graph as well, by the names of its
  // runtime, per set.
  runtimes::Outcome<std::vector<Values>> run(const std::vector<const ir::Value*>& wanted);

  // The values of the subject's graph in what it gave for one set, inputs among them.
  Known known(const Inputs& inputs, const Values& values) const;

 private:
  std::string name_of(const ir::Value& value) const;

  const VerifySubject& subject_;
  const std::vector<Inputs>& sets_;
  std::filesystem::path scratch_;
  SubjectRunner runner_;
  std::vector<std::string> layers_;  // names that the runtime knows its values by
};

}  // namespace ponte::verify
