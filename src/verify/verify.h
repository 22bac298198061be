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
  std::string precision;  // that its nodes show: see precision_of; empty where none could be tested
};

// The first node, or region, whose own result is not explained by rounding.
struct Culprit {
  std::string kind;  // "node", "region" or "constant"
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
  // "reader-or-source-runtime" when only the judged file's own runtimes differ, else the labels of
  // the subjects that do.
  std::string blame;
  std::vector<std::string> excused;  // labels of sources whose declared precision explains it
  std::uint64_t seed = 0;
  int sets = 0;
  std::vector<std::string> assumptions;
  std::vector<evaluate::Overflow> overflows;
  double judge_seconds = 0;  // of one unperturbed evaluation
};

// Evaluates `judged` on two sets of inputs (five where an output is small), runs every subject on
// them, and gives the verdict per output. Every node is tested on the subject's own values as well:
// one that fails makes the verdict `different`, and the first is the culprit; `scratch` is a folder
// for the models that show those values. A subject whose graph is `judged` is a source: the file
// that was read. Throws what making inputs and judging throw; a subject's failure is a row.
VerifyResult verify(const ir::Graph& judged, const std::vector<VerifySubject>& subjects,
                    const std::filesystem::path& scratch, const VerifyOptions& options);

}  // namespace ponte::verify
