#include "ops/ml/tree_ensemble.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

namespace ponte::ops::ml {
namespace {

void require(bool holds, const std::string& message) {
  if (!holds) throw Error(Code::InvalidAttribute, message);
}

// A list of floats, or the tensor that may stand in its place.
std::vector<double> numbers(const ir::AttributeReader& attributes, const std::string& name) {
  if (attributes.has(name + "_as_tensor")) return attributes.tensor(name + "_as_tensor").to_f64();
  const std::vector<float> values = attributes.floats(name);
  return {values.begin(), values.end()};
}

}  // namespace

TreeEnsemble::Mode TreeEnsemble::mode_named(std::string_view name) {
  constexpr std::array<std::string_view, 7> names{
      "LEAF", "BRANCH_LEQ", "BRANCH_LT", "BRANCH_GTE", "BRANCH_GT", "BRANCH_EQ", "BRANCH_NEQ"};
  const auto it = std::ranges::find(names, name);
  require(it != names.end(), fmt::format("`nodes_modes` has `{}`", name));
  return static_cast<Mode>(it - names.begin());
}

bool TreeEnsemble::goes_left(const TreeNode& node, double x) {
  if (std::isnan(x)) return node.missing_is_true;
  switch (node.mode) {
    case Mode::LessOrEqual:
      return x <= node.threshold;
    case Mode::Less:
      return x < node.threshold;
    case Mode::GreaterOrEqual:
      return x >= node.threshold;
    case Mode::Greater:
      return x > node.threshold;
    case Mode::Equal:
      return x == node.threshold;
    default:
      return x != node.threshold;
  }
}

std::size_t TreeEnsemble::find(std::int64_t tree, std::int64_t node) const {
  const auto it = by_id_.find({tree, node});
  require(it != by_id_.end(), fmt::format("tree {} has no node {}", tree, node));
  return it->second;
}

void TreeEnsemble::read_nodes(const ir::AttributeReader& attributes) {
  const auto trees = attributes.ints("nodes_treeids"), ids = attributes.ints("nodes_nodeids");
  const auto features = attributes.ints("nodes_featureids");
  const auto lefts = attributes.ints("nodes_truenodeids");
  const auto rights = attributes.ints("nodes_falsenodeids");
  const auto missing = attributes.ints("nodes_missing_value_tracks_true");
  const auto modes = attributes.strings("nodes_modes");
  const std::vector<double> thresholds = numbers(attributes, "nodes_values");
  const std::size_t count = trees.size();
  for (const std::size_t size : {ids.size(), features.size(), lefts.size(), rights.size(),
                                 modes.size(), thresholds.size()}) {
    require(size == count, "the lists `nodes_*` differ in length");
  }
  require(missing.empty() || missing.size() == count, "the lists `nodes_*` differ in length");
  std::map<std::int64_t, std::size_t> roots;  // the first node of each tree
  for (std::size_t i = 0; i < count; ++i) {
    require(by_id_.try_emplace({trees[i], ids[i]}, i).second,
            fmt::format("tree {} has node {} twice", trees[i], ids[i]));
    roots.try_emplace(trees[i], i);
  }
  for (std::size_t i = 0; i < count; ++i) {
    TreeNode node{.mode = mode_named(modes[i]), .votes = {}};
    if (node.mode != Mode::Leaf) {
      require(features[i] >= 0, "a negative feature");
      node.feature = static_cast<std::size_t>(features[i]);
      node.threshold = thresholds[i];
      node.if_true = find(trees[i], lefts[i]);
      node.if_false = find(trees[i], rights[i]);
      node.missing_is_true = !missing.empty() && missing[i] != 0;
    }
    nodes_.push_back(std::move(node));
  }
  for (const auto& [tree, root] : roots) roots_.push_back(root);
}

void TreeEnsemble::read_votes(const ir::AttributeReader& attributes, std::string_view prefix,
                              std::int64_t targets) {
  const auto list = [&](std::string_view what) {
    return attributes.ints(fmt::format("{}_{}", prefix, what));
  };
  const auto trees = list("treeids"), ids = list("nodeids"), targets_of = list("ids");
  const std::vector<double> weights = numbers(attributes, fmt::format("{}_weights", prefix));
  require(trees.size() == ids.size() && ids.size() == targets_of.size() &&
              targets_of.size() == weights.size(),
          fmt::format("the lists `{}_*` differ in length", prefix));
  if (!targets_of.empty()) first_target_ = targets_of[0];
  for (std::size_t i = 0; i < trees.size(); ++i) {
    require(targets_of[i] >= 0 && targets_of[i] < targets,
            fmt::format("`{}_ids` has {}, outside of [0, {}]", prefix, targets_of[i], targets - 1));
    nodes_[find(trees[i], ids[i])].votes.push_back({targets_of[i], weights[i]});
    is_for_one_target_ = is_for_one_target_ && targets_of[i] == targets_of[0];
    has_negative_weight_ = has_negative_weight_ || weights[i] < 0;
  }
}

TreeEnsemble::TreeEnsemble(const ir::AttributeReader& attributes, std::string_view votes,
                           std::int64_t targets) {
  read_nodes(attributes);
  read_votes(attributes, votes, targets);
  base_values_ = numbers(attributes, "base_values");
}

std::span<const Vote> TreeEnsemble::leaf(std::size_t tree, std::span<const double> row) const {
  const TreeNode* node = &nodes_[roots_[tree]];
  for (std::size_t steps = 0; node->mode != Mode::Leaf; ++steps) {
    require(steps < nodes_.size(), "the nodes of a tree go in a circle");
    if (node->feature >= row.size())
      throw Error(Code::IndexOutOfRange,
                  fmt::format("feature {} of {} is asked for", node->feature, row.size()));
    node = &nodes_[goes_left(*node, row[node->feature]) ? node->if_true : node->if_false];
  }
  return node->votes;
}

Rows rows_of(const Array& x) {
  if (x.rank() != 1 && x.rank() != 2)
    throw Error(Code::ShapeMismatch, fmt::format("X has rank {}, not 1 or 2", x.rank()));
  return {x.rank() == 1 ? 1 : x.dim(0), x.dim(x.rank() - 1), x.to_f64()};
}

ir::Dim row_count(const ir::Inference& c) {
  const ir::Shape& x = c.shape(0);
  c.require(x.size() == 1 || x.size() == 2, Code::ShapeMismatch,
            fmt::format("X has rank {}, not 1 or 2", x.size()));
  return x.size() == 1 ? ir::Dim(1) : x[0];
}

void store_row(Array& matrix, std::int64_t row, std::span<const double> values) {
  const auto first = static_cast<std::size_t>(row) * values.size();
  if (matrix.holds<double>()) {
    std::ranges::copy(values,
                      matrix.mutable_as<double>().begin() + static_cast<std::ptrdiff_t>(first));
    return;
  }
  const auto elements = matrix.mutable_as<float>();
  for (std::size_t k = 0; k < values.size(); ++k)
    elements[first + k] = static_cast<float>(values[k]);
}

void scale_scores(ErrorScale& scale, std::size_t output, const TreeEnsemble& trees,
                  const std::string& transform, std::span<const double> magnitudes) {
  const double u = scale.unit_roundoff(output);
  const double terms = static_cast<double>(trees.tree_count() + 2);
  std::vector<double> sigma = scale.output(output).to_f64();
  for (std::size_t i = 0; i < sigma.size(); ++i) {
    const double of_sum = u * std::sqrt(terms / 3) * magnitudes[i];
    // A transform turns the absolute error of its argument into a relative one.
    sigma[i] = transform == "NONE" ? of_sum : std::abs(sigma[i]) * (2 * of_sum + 3 * u);
  }
  scale.set(output, std::move(sigma));
}

namespace {

double logistic(double x) { return 1 / (1 + std::exp(-x)); }

// With `keeps_zeros`, as SOFTMAX_ZERO wants it, a score of 0 stays 0 and is no part of the sum.
void softmax(std::span<double> scores, bool keeps_zeros) {
  const double largest = *std::ranges::max_element(scores);
  double total = 0;
  for (double& score : scores) {
    if (keeps_zeros && std::abs(score) <= 1e-7) {
      score *= std::exp(-largest);
    } else {
      score = std::exp(score - largest);
    }
    total += score;
  }
  for (double& score : scores) score /= total;
}

}  // namespace

void post_transform(const std::string& name, std::span<double> scores) {
  if (name == "LOGISTIC") {
    std::ranges::transform(scores, scores.begin(), logistic);
  } else if (name == "SOFTMAX" || name == "SOFTMAX_ZERO") {
    if (!scores.empty()) softmax(scores, name == "SOFTMAX_ZERO");
  } else if (name == "PROBIT") {
    throw Error(Code::NotEvaluable, "the post_transform PROBIT can't be evaluated");
  } else {
    require(name == "NONE", fmt::format("`post_transform` is `{}`", name));
  }
}

}  // namespace ponte::ops::ml
