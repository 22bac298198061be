// What runtimes and trials are called in front of people.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/json_fwd.h"

namespace ponte::report {

// "ONNX Runtime" for "onnxruntime"; a name that is not known stays as it is.
std::string runtime_name(std::string_view runtime);

// "Caffe" for "caffe".
std::string format_name(std::string_view format);

// The files that a document is about: "det3.onnx", "a.onnx, b.onnx and 2 others"; empty where none
// is known.
std::string model_names(const Json& document);

// What the run of an analysis is called; empty where it is not stored.
std::string run_name(const Json& analysis);

// "intra threads 2, graph optimization level all"; empty for an empty object.
std::string settings_text(const Json& settings);

// The trials of a bench document, each with a short name that tells it from the others: its runtime
// and those of version, model, settings, device, batch and scenario in which the trials differ.
class TrialNames {
 public:
  explicit TrialNames(const Json& bench);

  // The name of the trial with this id; the id itself where there is no such trial.
  std::string name(std::string_view id) const;

  // The position of its runtime among those of the document, for colours.
  std::size_t runtime_index(std::string_view id) const;

  // The trial with this id, or null.
  const Json& trial(std::string_view id) const;

 private:
  struct Entry {
    const Json* trial;
    std::string name;
    std::size_t runtime_index;
  };

  std::map<std::string, Entry, std::less<>> entries_;
};

}  // namespace ponte::report
