#include "lab/recorder.h"

namespace ponte::lab {

StoreRecorder::StoreRecorder(store::RunWriter& writer, std::vector<store::TrialId> trials)
    : writer_(writer), trials_(std::move(trials)), processes_(trials_.size()) {}

void StoreRecorder::set_trial_status(std::size_t trial, store::TrialStatus status,
                                     std::string_view why) {
  writer_.set_trial_status(trials_[trial], status, why);
}

void StoreRecorder::begin_pair(std::int64_t group, std::int64_t round) {
  pair_ = writer_.begin_pair(group, round);
}

void StoreRecorder::add_process(std::size_t trial, int pid) {
  processes_[trial] = writer_.add_process(pair_, trials_[trial], pid);
}

void StoreRecorder::set_facts(std::size_t trial, const store::ProcessFacts& facts) {
  writer_.set_facts(processes_[trial], facts);
}

void StoreRecorder::append_blocks(std::size_t trial, std::span<const store::Block> blocks) {
  writer_.append_blocks(processes_[trial], blocks);
}

void StoreRecorder::complete_pair() { writer_.complete_pair(pair_); }
void StoreRecorder::drop_pair() { writer_.drop_pair(pair_); }

}  // namespace ponte::lab
