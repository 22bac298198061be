// A tolerance of the user's own, beside the verdict. LAB.md, Judging 10.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "verify/ranking.h"
#include "verify/verdict.h"

namespace ponte::verify {

struct Tolerance {
  std::optional<double> bits, cosine;  // at least
  std::optional<double> top1, top5;    // share of rows that keep their classes, at least
  // Every element: |given - judge| <= atol + rtol |judge|.
  std::optional<double> rtol, atol;

  bool is_empty() const { return !bits && !cosine && !top1 && !top5 && !rtol && !atol; }
};

// Adds "bits=10,top1=0.99,cosine=0.999". Throws UsageError.
void add_acceptance(Tolerance& tolerance, const std::string& text);

// Why an output is outside; empty where it is within. `flips` is null for an output that is no
// ranking, which top1 and top5 say nothing about. What has no comparison is only ever within rtol
// and atol.
std::string outside(const Tolerance& tolerance, const std::optional<TensorComparison>& comparison,
                    const RankFlips* flips, const std::vector<const ops::Datum*>& reference,
                    const std::vector<const ops::Datum*>& given);

}  // namespace ponte::verify
