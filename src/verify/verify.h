// Are they the same network? One judged graph, and subjects that run the same inputs. LAB.md,
// Judging.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "verify/inputs.h"
#include "verify/subject.h"
#include "verify/verdict.h"

namespace ponte::verify {

// A subject with the graph of its own file, whose nodes a culprit is one of.
struct VerifySubject {
  SubjectSpec spec;
  const ir::Graph* graph = nullptr;
};

struct VerifyOptions {
  std::uint64_t seed = 1;
  int perturbed_runs = 4;
  int threads = 1;
  StopToken stop = {};
};

struct SubjectResult {
  std::string model;
  std::string runtime;
  std::string version;
  std::string status;  // "ok", or the kind of the worker's failure
  std::string why;
};

// The first node, or region, whose own result is not explained by rounding.
struct Culprit {
  std::string kind;  // "node" or "region"
  std::string subject;
  std::string node;
  std::string op;
  std::vector<std::string> origin;  // names of nodes in the source file
  double local_error = 0;
  double bound = 0;
};

struct VerifyResult {
  Verdict verdict = Verdict::Undecided;
  std::vector<SubjectResult> subjects;
  std::vector<OutputVerdict> outputs;  // per subject and output
  std::optional<Culprit> culprit;
  std::string culprit_why;
  std::string blame;  // labels of the subjects that differ
  std::uint64_t seed = 0;
  int sets = 0;
  std::vector<std::string> assumptions;
  std::vector<evaluate::Overflow> overflows;
  double judge_seconds = 0;  // of one unperturbed evaluation
};

// Evaluates `judged` on two sets of inputs (five where an output is small), runs every subject on
// them, and gives the verdict per output. Where a subject differs, its own intermediate values name
// the culprit; `scratch` is a folder for the models that show them. Throws what making inputs and
// judging throw; a subject's failure is a row.
VerifyResult verify(const ir::Graph& judged, const std::vector<VerifySubject>& subjects,
                    const std::filesystem::path& scratch, const VerifyOptions& options);

}  // namespace ponte::verify
