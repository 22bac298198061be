#include "lab/process_pair.h"

#include <algorithm>
#include <cmath>

#include "base/error.h"
#include "statistics/descriptive.h"
#include "statistics/schedule.h"
#include "statistics/steady_state.h"

namespace ponte::lab {
namespace {

using protocol::Measured;
using protocol::MeasureRequest;
using store::Phase;

constexpr std::uint64_t discarded_executions = 2;
constexpr std::uint64_t discarded_ns = 5'000'000;
constexpr std::uint64_t warm_up_piece_ns = 100'000'000;
constexpr double slow_execution_ns = 0.5e9;  // such ones are asked for one by one
constexpr double resolutions_per_sample = 100;
constexpr std::uint64_t probe_executions = 50;

struct MemberFailed {
  std::size_t trial;
  WorkerFailure failure;
};

struct Member {
  std::size_t trial = 0;
  std::unique_ptr<TrialProcess> process{};
  store::Process record{};
  double resolution_ns = 0;
  double execution_ns = 0;
  std::uint64_t batch = 1;
  std::uint64_t cpu_ns = 0;  // of the measured blocks
};

std::uint64_t sum(const std::vector<std::uint64_t>& values) {
  std::uint64_t all = 0;
  for (const std::uint64_t value : values) all += value;
  return all;
}

double median_ns(const Measured& measured, std::uint64_t batch) {
  std::vector<double> values(measured.duration_ns.begin(), measured.duration_ns.end());
  return std::max(0.5, statistics::median(values)) / static_cast<double>(batch);
}

class PairRun {
 public:
  PairRun(const PairContext& context, PairPlace place)
      : context_(context),
        place_(place),
        random_(mix_seed(context.plan.rules.seed, static_cast<std::uint64_t>(place.group)),
                static_cast<std::uint64_t>(place.round)) {}

  store::ProcessPair run(std::span<const std::size_t> trials) {
    const Nanoseconds begin = context_.executor.now();
    members_.resize(trials.size());
    for (const std::size_t i : statistics::random_order(trials.size(), random_)) {
      members_[i].trial = trials[i];
      set_up(members_[i]);
      pause();
    }
    set_up_time_ = context_.executor.now() - begin;
    measure_blocks();
    return finish();
  }

  Nanoseconds set_up_time() const { return set_up_time_; }

 private:
  template <typename T>
  T require(const Member& member, Outcome<T> outcome) {
    if (!outcome) throw MemberFailed{member.trial, outcome.failure()};
    return std::move(outcome.value());
  }

  // Nobody is timed here.
  void pause() {
    throw_if_stopped(context_.stop);
    if (context_.between_blocks) context_.between_blocks();
  }

  Measured measure(Member& member, const MeasureRequest& request) {
    return require(member, member.process->measure(request));
  }

  // At least so many executions and so long; slow executions one by one, so that a stop is heard.
  Measured measure_at_least(Member& member, std::uint64_t executions, std::uint64_t min_ns) {
    const std::uint64_t count = (executions + member.batch - 1) / member.batch;
    if (member.execution_ns < slow_execution_ns)
      return measure(member, {.count = count, .min_ns = min_ns, .batch = member.batch});
    Measured all;
    while (all.duration_ns.size() < count || sum(all.duration_ns) < min_ns) {
      const Measured one = measure(member, {.count = 1, .max_count = 1, .batch = member.batch});
      all.start_ns.insert(all.start_ns.end(), one.start_ns.begin(), one.start_ns.end());
      all.duration_ns.insert(all.duration_ns.end(), one.duration_ns.begin(), one.duration_ns.end());
      all.cpu_ns += one.cpu_ns;
      throw_if_stopped(context_.stop);
    }
    return all;
  }

  void set_up(Member& member) {
    const Trial& trial = context_.plan.trials[member.trial];
    member.process = require(member, context_.executor.start(trial));
    member.record.trial = context_.recorder.trial_id(member.trial);
    member.record.pid = member.process->pid();
    context_.recorder.add_process(member.trial, member.record.pid);

    protocol::Loaded loaded = require(member, member.process->load());
    member.record.facts.load_ns = loaded.load_ns;
    member.record.facts.warnings = std::move(loaded.warnings);
    calibrate(member);
    context_.notes[member.trial].in_force = std::move(loaded.in_force);
    warm_up(member);
    context_.recorder.set_facts(member.trial, member.record.facts);
    require(member, member.process->stop());
  }

  // A worker may lack it: then its clock is taken for a good one.
  void calibrate(Member& member) {
    const auto calibration = member.process->calibrate();
    if (!calibration && calibration.failure().kind != runtimes::FailureKind::Refused)
      throw MemberFailed{member.trial, calibration.failure()};
    if (!calibration) return;
    member.resolution_ns = std::max(calibration->clock_step_ns, calibration->clock_cost_ns);
    context_.notes[member.trial].calibration = calibration.value();
  }

  void warm_up(Member& member) {
    store::ProcessFacts& facts = member.record.facts;
    Measured piece = measure(member, {.count = 1});
    facts.first_ns = piece.first_ns;
    append(member, {{piece, Phase::Warmup, 1}});
    facts.warmup_executions = piece.duration_ns.size() + (piece.first_ns ? 1 : 0);
    std::vector<double> series(piece.duration_ns.begin(), piece.duration_ns.end());
    member.execution_ns = median_ns(piece, 1);
    if (needs_batches(member)) {
      choose_batch(member);
      series.clear();
    }
    statistics::WarmUpState state;
    do {
      piece = measure_at_least(member, 1, warm_up_piece_ns);
      append(member, {{piece, Phase::Warmup, member.batch}});
      *facts.warmup_executions += piece.duration_ns.size() * member.batch;
      for (const std::uint64_t duration : piece.duration_ns)
        series.push_back(std::max(0.5, static_cast<double>(duration)));
      state = statistics::judge_warm_up(series);
      throw_if_stopped(context_.stop);
    } while (state.status == statistics::WarmUp::GoOn);
    facts.steady = state.status == statistics::WarmUp::Steady;
    member.execution_ns = median_ns(piece, member.batch);
  }

  bool needs_batches(const Member& member) const {
    return member.execution_ns < 2 * resolutions_per_sample * member.resolution_ns;
  }

  // The very first executions are slow, so the decision is made on some more of them.
  void choose_batch(Member& member) {
    const Measured probe = measure(member, {.count = probe_executions});
    append(member, {{probe, Phase::Warmup, 1}});
    *member.record.facts.warmup_executions += probe.duration_ns.size();
    member.execution_ns = median_ns(probe, 1);
    const double wanted_ns = resolutions_per_sample * member.resolution_ns;
    if (member.execution_ns < wanted_ns)
      member.batch = static_cast<std::uint64_t>(std::ceil(wanted_ns / member.execution_ns));
  }

  void measure_blocks() {
    double slowest = 0;
    for (const Member& member : members_) slowest = std::max(slowest, member.execution_ns);
    const auto rounds =
        statistics::block_order(members_.size(), statistics::block_pairs_for(slowest), random_);
    for (const statistics::Round& round : rounds) {
      for (const std::size_t i : round) {
        measure_block(members_[i]);
        ++position_;
        throw_if_stopped(context_.stop);
      }
      pause();
    }
  }

  void measure_block(Member& member) {
    member.process->resume();
    const Measured discarded = measure_at_least(member, discarded_executions, discarded_ns);
    const Measured measured =
        measure_at_least(member, statistics::block_executions,
                         static_cast<std::uint64_t>(statistics::block_time.count()));
    require(member, member.process->stop());
    member.cpu_ns += measured.cpu_ns;
    append(member,
           {{discarded, Phase::Resume, member.batch}, {measured, Phase::Measure, member.batch}},
           context_.executor.canary_ns());
  }

  struct Piece {
    const Measured& measured;
    Phase phase;
    std::uint64_t batch;
  };

  // The canary belongs to the last one.
  void append(Member& member, std::initializer_list<Piece> pieces,
              std::optional<std::uint64_t> canary_ns = std::nullopt) {
    std::vector<store::Block>& blocks = member.record.blocks;
    const std::size_t first = blocks.size();
    for (const Piece& piece : pieces) {
      blocks.push_back({.ordinal = static_cast<std::int64_t>(blocks.size()),
                        .position = position_,
                        .phase = piece.phase,
                        .started_ns = piece.measured.start_ns.front(),
                        .executions_per_sample = piece.batch,
                        .samples_ns = piece.measured.duration_ns});
    }
    blocks.back().canary_ns = canary_ns;
    context_.recorder.append_blocks(member.trial, std::span(blocks).subspan(first));
  }

  store::ProcessPair finish() {
    store::ProcessPair pair{.comparison = place_.group, .round = place_.round, .complete = true};
    for (Member& member : members_) {
      member.process->resume();
      const auto memory = require(member, member.process->memory());
      store::ProcessFacts& facts = member.record.facts;
      facts.peak_rss_bytes = memory.peak_rss_bytes;
      facts.private_bytes = memory.private_bytes;
      facts.cpu_ns = member.cpu_ns;
      member.process.reset();
      context_.recorder.set_facts(member.trial, facts);
      pair.processes.push_back(std::move(member.record));
    }
    return pair;
  }

  const PairContext& context_;
  PairPlace place_;
  Random random_;
  std::vector<Member> members_;
  std::int64_t position_ = 0;
  Nanoseconds set_up_time_{0};
};

}  // namespace

PairEnd measure_pair(const PairContext& context, std::span<const std::size_t> trials,
                     PairPlace place) {
  PairEnd end;
  context.recorder.begin_pair(place.group, place.round);
  try {
    PairRun run(context, place);
    end.pair = run.run(trials);
    end.set_up_time = run.set_up_time();
    end.status = PairStatus::Complete;
    context.recorder.complete_pair();
    return end;
  } catch (const MemberFailed& failed) {
    end.status = PairStatus::Failed;
    end.trial = failed.trial;
    end.failure = failed.failure;
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::Interrupted) throw;
    end.status = PairStatus::Stopped;
  }
  context.recorder.drop_pair();
  return end;
}

}  // namespace ponte::lab
