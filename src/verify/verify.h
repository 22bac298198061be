// Are they the same network? One judged graph, and subjects that run the same inputs. LAB.md,
// Judging.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "runtimes/adapter.h"
#include "verify/input_files.h"
#include "verify/inputs.h"
#include "verify/interfaces.h"
#include "verify/matching.h"
#include "verify/ranking.h"
#include "verify/subject.h"
#include "verify/tolerance.h"
#include "verify/verdict.h"

namespace ponte::verify {

// A subject with the graph of its own file, whose nodes a culprit is one of. One whose graph is the
// judged one is a source: the file that was read.
struct VerifySubject {
  SubjectSpec spec;
  const ir::Graph* graph = nullptr;
  // Of a file that another program wrote.
  Shapes shapes = Shapes::MustBeEqual;
  NameMaps names = {};
  // The user named the outputs that count, so that others of this file do not.
  bool has_chosen_outputs = false;
  // What else it is run with, to see whether its answers depend on it: other numbers of threads.
  std::vector<runtimes::Settings> variations = {};
  bool is_own_runtime = false;  // the usual one of the file's format

  bool is_of_another_program() const { return shapes == Shapes::MayDiffer; }
  Names meaning_of_names() const {
    return is_of_another_program() ? Names::AreHints : Names::AreTheSame;
  }
};

struct VerifyOptions {
  std::uint64_t seed = 1;
  int perturbed_runs = 4;  // twice as many where an output is small or an error near its bound
  int threads = 1;         // of the judge
  std::optional<std::uint64_t> memory_bytes =
      {};  // that the judge may hold, instead of its own limit
  StopToken stop = {};
  bool is_thorough = false;          // as if every error were near its bound
  InputOptions inputs = {};          // each set has a seed of its own, made from `seed`
  std::vector<Sample> samples = {};  // take the place of what would be made up
  Tolerance tolerance = {};
  std::function<void(const std::string&)> on_progress = {};

  evaluate::Options evaluation() const;
};

struct SubjectResult {
  std::string label;
  std::string model;
  std::string runtime;
  std::string version;
  std::string status;  // "ok", or the kind of the worker's failure
  std::string why;
  std::string precision;  // that its nodes show: see precision_of; empty where none could be tested
};

// The first node, region or constant that is wrong.
struct Culprit {
  std::string kind;  // "node", "region", "constant" or "reader"
  std::string subject;
  std::string node;
  std::string op;
  std::vector<std::string> region;  // names of all nodes that it may be, in order, `node` the last
  std::vector<std::string> origin;  // names of nodes in the source file
  double local_error = 0;           // NaN: no value of it was tested
  double bound = 0;
};

// How an answer to inputs other than the deciding ones was judged.
enum class FurtherRule : std::uint8_t {
  Ratio,   // the error is below what the deciding sets' ratio of spread to size explains
  Spread,  // by perturbed runs on these inputs, as the deciding sets are
  Refused  // no answer
};
std::string_view to_string(FurtherRule rule);

// One output on one further set: inputs of another kind, batch or shape, a step of a recurrent
// model, or the same inputs once more.
struct FurtherResult {
  std::string subject;
  std::string output;
  std::string set;
  FurtherRule rule = FurtherRule::Ratio;
  double error = 0;  // RMS
  double bound = 0;
  Verdict verdict = Verdict::Equivalent;
  std::string why;
  bool decides = true;  // false: shown alone, as for denormal inputs, which runtimes may flush
};

// Answers to the same inputs that are not the same bits.
struct Variation {
  std::string subject;
  std::string output;
  std::string how;  // "again", or the settings
  double max_abs = 0;
};

// A constant that a file does not have as the judged one has it.
struct ConstantDifference {
  std::string subject;
  std::string constant;
  std::string node;
  std::string what;  // "is not there", "has other values", ...
};

struct VerifyResult {
  Verdict verdict = Verdict::Undecided;
  std::vector<SubjectResult> subjects;
  std::vector<OutputVerdict> outputs;  // per subject and output
  std::vector<FurtherResult> further;
  std::vector<Variation> variations;
  std::vector<RankFlips> rankings;
  std::vector<ConstantDifference> constants;
  std::vector<std::string> excused;  // labels of sources whose declared precision explains it
  std::optional<Culprit> culprit;
  std::string culprit_why;
  // "reader-or-source-runtime" when only the judged file's own runtimes differ, and files that they
  // answer to the bit as they answer that one; else the labels of the subjects that do.
  std::string blame;
  std::uint64_t seed = 0;
  int sets = 0;
  int perturbed_runs = 0;
  std::vector<std::string> set_names;
  std::vector<std::string> assumptions;
  std::vector<evaluate::Overflow> overflows;
  std::vector<std::string> fixed_sizes;  // open sizes that the judged model itself does not take
  double judge_seconds = 0;              // of one unperturbed evaluation
  bool was_interrupted = false;          // then nothing is equivalent, and `different` stands
  std::string interrupted_at;            // what was being done then
};

// Evaluates `judged` on two sets of inputs (five where an output is small or an error near its
// bound), runs every subject on them, and gives the verdict per output; then other kinds of inputs,
// other batches, further steps and repeated runs. Where a subject differs, the constants or its own
// intermediate values name the culprit; `scratch` is a folder for the models that show them. After
// a stop the result is what was found until then. Throws what making inputs, matching names and
// judging throw; a subject's failure is a row.
VerifyResult verify(const ir::Graph& judged, const std::vector<VerifySubject>& subjects,
                    const std::filesystem::path& scratch, const VerifyOptions& options);

}  // namespace ponte::verify
