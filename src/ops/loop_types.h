// What Loop and Scan share: types that hold in every iteration, and outputs that are collected over
// them.
#pragma once

#include <optional>
#include <set>

#include "ops/strides.h"

namespace ponte::ops {

// The types of values that a body takes and gives again, widened until the body keeps them.
class CarriedTypes {
 public:
  CarriedTypes(const ir::Inference& c, std::vector<ir::Type> initial)
      : c_(c), types_(std::move(initial)) {}

  const std::vector<ir::Type>& types() const { return types_; }
  // Makes room for what an iteration gives; true when that changed something.
  bool widen(std::span<const ir::Type> given);
  // Forgets the shapes of tensors: what does not settle.
  void drop_shapes();
  // A type outside of the loop: dims that change between iterations are replaced, as their symbols
  // mean only one of them.
  ir::Type outside(const ir::Type& type) const;

 private:
  ir::Type joined_types(const ir::Type& a, const ir::Type& b);
  ir::Type joined_tensors(const ir::TensorType& a, const ir::TensorType& b);
  bool is_open(const ir::Dim& dim) const;

  const ir::Inference& c_;
  std::vector<ir::Type> types_;
  std::set<std::string> open_;  // symbols of dims that change between iterations
};

// Grows by one tensor of the same dtype and dims in each iteration.
class ScanOutput {
 public:
  explicit ScanOutput(Evaluation& e) : e_(e) {}
  ~ScanOutput();
  ScanOutput(const ScanOutput&) = delete;
  ScanOutput& operator=(const ScanOutput&) = delete;

  void append(const Array& element);  // throws ShapeMismatch when it is unlike the first
  // All elements along a new first axis; `type` is what the body declares, for none at all.
  Array finish(const ir::Type& type);

 private:
  Evaluation& e_;
  std::optional<ir::DType> dtype_;
  Dims shape_;
  Elements elements_;
  std::int64_t count_ = 0;
  std::int64_t charged_ = 0;
};

}  // namespace ponte::ops
