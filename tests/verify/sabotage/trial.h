// One fault planted into one node of a model, on the side of the writer or of the reader, and what
// `verify` makes of it. LAB.md, Judging 11.
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "jobs/model_options.h"
#include "verify/sabotage/faults.h"
#include "verify/verify.h"

namespace ponte::sabotage {

enum class Side : std::uint8_t {
  Writer,  // in the ONNX file that is written
  Reader,  // in the graph that was read: judge and target share it
};

enum class Outcome : std::uint8_t {
  NotApplicable,  // the node has nothing of this kind
  NoEffect,       // no value of the network changes
  BelowRounding,  // what changes is within what float32 rounding explains, at every node
  Refused,        // the runtime does not run the faulty model
  EndsUndecided,
  Missed,    // `equivalent`
  Misnamed,  // `different`, and another node is named, or none
  Found,     // `different`, with this node as the culprit
};
std::string_view to_string(Outcome outcome);

// Whether a fault was there to be found.
inline bool counts(Outcome outcome) {
  return outcome == Outcome::EndsUndecided || outcome == Outcome::Missed ||
         outcome == Outcome::Misnamed || outcome == Outcome::Found;
}

struct Trial {
  Side side = Side::Writer;
  std::string node;
  std::string op;
  std::string_view fault;
  Outcome outcome = Outcome::NotApplicable;
  std::string detail;  // of everything that is not as it should be
};

// A runtime of this machine that takes a format; none when it is missing.
std::optional<verify::VerifySubject> subject_on(std::string_view runtime,
                                                const std::filesystem::path& model,
                                                const std::filesystem::path& weights,
                                                std::string_view format, const ir::Graph& graph);

using Settings = std::map<std::string, std::string>;

// Plants faults into one source model. Files are made in `scratch`.
class Saboteur {
 public:
  // Throws what reading the model throws, or the first problem that is an error.
  Saboteur(jobs::ModelOptions source, std::filesystem::path scratch);

  std::size_t node_count() const { return ops_.size(); }
  const std::string& op(std::size_t node) const { return ops_[node]; }

  Trial run(std::size_t node, const Fault& fault, Side side);

  // The verdict without any fault, on the source's own runtime as well; `settings` are the
  // target's.
  verify::VerifyResult verify_clean(std::uint64_t seed, const Settings& settings = {});

 private:
  enum class Sources : std::uint8_t { Run, LeftOut };

  ir::Model read() const;
  verify::VerifyResult verify_with(const ir::Graph& judged, const ir::Graph& target,
                                   const std::filesystem::path& target_file, Sources sources,
                                   const verify::VerifyOptions& options, const Settings& settings);

  jobs::ModelOptions source_;
  std::filesystem::path scratch_;
  std::string format_;
  std::vector<std::string> ops_;
};

}  // namespace ponte::sabotage
