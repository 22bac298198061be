// What an op's scale function sees: a node evaluated by the judge, for which it states the RMS
// rounding error. The model: LAB.md, Judging 2. u is the unit roundoff of the arithmetic that the
// subject declares.
#pragma once

#include <span>
#include <vector>

#include "ops/evaluation.h"

namespace ponte::ops {

// How a subject computes: its unit roundoff for each float dtype.
struct Precision {
  double f32 = 0x1p-24;  // 2^-11 where a runtime declares TF32
  double unit_roundoff(ir::DType dtype) const;
};

class ErrorScale {
 public:
  ErrorScale(const ir::Node& node, const std::vector<Datum>& inputs,
             const std::vector<Datum>& outputs, Precision precision, Services& services);

  const ir::Node& node() const { return node_; }
  const ir::AttributeReader& attributes() const { return attributes_; }
  Services& services() const { return services_; }
  std::size_t input_count() const { return inputs_.size(); }
  std::size_t output_count() const { return outputs_.size(); }
  bool has_input(std::size_t i) const { return i < inputs_.size() && !inputs_[i].is_absent(); }
  const Array& input(std::size_t i) const { return inputs_.at(i).array(); }
  const Array& output(std::size_t i) const { return outputs_.at(i).array(); }
  // The unit roundoff in force for an output: that of its own dtype.
  double unit_roundoff(std::size_t output) const;

  // The RMS error of each element of an output, absolute, in the output's units.
  void set(std::size_t output, std::vector<double> sigma);
  std::vector<std::vector<double>>& sigmas() { return sigmas_; }

 private:
  const ir::Node& node_;
  ir::AttributeReader attributes_;
  const std::vector<Datum>& inputs_;
  const std::vector<Datum>& outputs_;
  Precision precision_;
  Services& services_;
  std::vector<std::vector<double>> sigmas_;  // empty: exact
};

// sqrt((u^2 / 3) (k (y^2 / 3 + p2 / 2) + y^2)) for a sum y of k products, p2 the sum of their
// squares.
double sum_sigma(double u, double k, double y, double p2);

// One correctly rounded result: u |y| / sqrt(3).
void scale_one_rounding(ErrorScale& scale);
// An elementary function to within a few units in the last place (exp, tanh, ...): the rounding of
// the result and of an argument reduction.
void scale_few_ulps(ErrorScale& scale);

}  // namespace ponte::ops
