// The inputs that decide: judged by perturbed runs, as many of both as the errors ask for. LAB.md,
// Judging 3.
#pragma once

#include <deque>
#include <vector>

#include "verify/examined.h"

namespace ponte::verify {

class DecidingSets {
 public:
  explicit DecidingSets(Verification& verification) : verification_(verification) {}

  // Two sets; five, with twice as many perturbed runs, where an output is small or an error near
  // its bound.
  void decide(std::vector<Examined>& all);
  // After a stop: sets and answers that nothing was decided by.
  void forget_undecided(std::vector<Examined>& all);

  std::deque<JudgedSet>& sets() { return sets_; }
  int perturbed_runs() const { return perturbed_runs_; }

 private:
  void decide_on(std::size_t count, int perturbed_runs, std::vector<Examined>& all);
  void add_set();
  void answer(Examined& examined);

  Verification& verification_;
  std::deque<JudgedSet> sets_;
  std::size_t decided_ = 0;  // of them, the first ones
  int perturbed_runs_ = 0;
};

}  // namespace ponte::verify
