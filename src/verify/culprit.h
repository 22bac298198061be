// Names the node of a subject that went wrong. LAB.md, Judging 5.
#pragma once

#include <functional>

#include "verify/shown_values.h"

namespace ponte::verify {

enum class EndToEnd : std::uint8_t { Equivalent, Differs };

// What is known about one subject whose nodes are to be tested.
struct CulpritSearch {
  const ir::Graph& judged;
  const VerifySubject& subject;
  const Interface& interface;
  const std::vector<Inputs>& sets;
  std::filesystem::path scratch;
  const VerifyOptions& options;
  EndToEnd outputs = EndToEnd::Differs;
  // Whether these outputs of the subject, per set, are others than the judge's.
  std::function<bool(const std::vector<Values>&)> differ;
  SubjectRunner runner = {};
};

struct LocalFindings {
  std::optional<Culprit> culprit;  // the first node whose own result rounding does not explain
  std::string why;                 // about the culprit, or why there is none
  double bits = exact_bits;        // median over the nodes that round: the precision signature
  // Every value that was shown, and the outputs among them, follows from those before it, where
  // what jumps move counts as rounding.
  bool is_complete = false;
  bool has_values = true;  // false: the subject showed none, and `why` says why
};

// Runs the subject again so that it shows its intermediate values, and judges every node on them.
// The judged graph's nodes are tested where the subject's stand for them one by one and its program
// is not another one, or its outputs differ. When the added outputs make the fault vanish, they are
// added one at a time: `depends-on-fusion`.
LocalFindings find_culprit(const CulpritSearch& search);

// The arithmetic that leaves this many effective bits in one node's result: about 24 say f32, 11
// f16 or tf32, 8 bf16 or int8.
std::string_view precision_of(double bits);

}  // namespace ponte::verify
