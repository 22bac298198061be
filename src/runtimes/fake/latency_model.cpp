#include "runtimes/fake/latency_model.h"

#include <algorithm>
#include <cmath>

namespace ponte::runtimes::fake {

LatencyModel::LatencyModel(const LatencyParameters& parameters)
    : parameters_(parameters), random_(mix_seed(parameters.seed, parameters.process)) {
  process_factor_ = std::exp(parameters_.process_noise * random_.normal());
  level_ = random_.normal();
}

void LatencyModel::begin_block() {
  const bool noisy = random_.uniform() < parameters_.noisy_block_share;
  const double draw = std::abs(random_.normal());
  block_factor_ = noisy ? std::exp(parameters_.noisy_block_noise * draw) : 1;
}

double LatencyModel::warm_up() const {
  if (executions_ >= parameters_.warm_up_length) return 1;
  const double done =
      static_cast<double>(executions_) / static_cast<double>(parameters_.warm_up_length);
  return std::pow(parameters_.warm_up_factor, 1 - done);
}

double LatencyModel::burst() {
  if (burst_left_ == 0 && random_.uniform() < parameters_.burst_rate)
    burst_left_ = parameters_.burst_length;
  if (burst_left_ == 0) return 1;
  --burst_left_;
  return parameters_.burst_factor;
}

std::uint64_t LatencyModel::next_ns() {
  const double rho = parameters_.correlation;
  level_ = rho * level_ + std::sqrt(1 - rho * rho) * random_.normal();
  const double factor =
      process_factor_ * block_factor_ * warm_up() * burst() * std::exp(parameters_.noise * level_);
  ++executions_;
  return static_cast<std::uint64_t>(std::max(1.0, std::round(parameters_.base_ns * factor)));
}

}  // namespace ponte::runtimes::fake
