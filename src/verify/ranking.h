// What a classifier's user sees of an error: whether another class comes first. LAB.md, Judging 8.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "verify/judge.h"

namespace ponte::verify {

struct RankFlips {
  std::string subject;
  std::string output;
  std::int64_t rows = 0;
  std::int64_t top1 = 0;  // rows whose first class is another one
  std::int64_t top5 = 0;  // rows whose first five classes are other ones, in any order; 0 below six
  double largest_margin = 0;  // by which the judge preferred its own class, over the flips of top 1
};

// Over all sets of an output that looks like scores of classes: floats of rank 1 or 2, ones behind
// axis 1 not counted, with 2 classes or more. None for others.
std::optional<RankFlips> rank_flips(const std::vector<const ops::Datum*>& reference,
                                    const std::vector<const ops::Datum*>& given);

}  // namespace ponte::verify
