// TreeEnsembleRegressor. Spec: onnx.ai/onnx/operators/onnx_aionnxml_TreeEnsembleRegressor.html.
// C1: X is a row or a matrix of rows. C2: the attributes describe trees. The result is a matrix,
// also for a single row.
#include <algorithm>
#include <cmath>

#include "ops/ml/tree_ensemble.h"

namespace ponte::ops::ml {
namespace {

void infer_tree_ensemble_regressor(ir::Inference& c) {
  const std::int64_t targets = c.attributes().i("n_targets");
  c.require(targets >= 1, Code::InvalidAttribute, "`n_targets` must be positive");
  c.set_shape(0, {row_count(c), targets});  // C1
}

// The votes of all leaves for each target.
void add_votes(const TreeEnsemble& trees, const std::string& how, std::span<const double> row,
               std::span<double> scores) {
  const bool is_least = how == "MIN", is_largest = how == "MAX";
  std::vector<bool> has_vote(scores.size(), false);
  for (std::size_t tree = 0; tree < trees.tree_count(); ++tree) {
    for (const Vote& vote : trees.leaf(tree, row)) {
      const auto target = static_cast<std::size_t>(vote.target);
      double& score = scores[target];
      if (!has_vote[target]) {
        score = vote.weight;
      } else if (is_least || is_largest) {
        score = is_least ? std::min(score, vote.weight) : std::max(score, vote.weight);
      } else {
        score += vote.weight;
      }
      has_vote[target] = true;
    }
  }
  if (how == "AVERAGE") {
    for (double& score : scores) score /= static_cast<double>(trees.tree_count());
  }
}

void evaluate_tree_ensemble_regressor(Evaluation& e) {
  const std::int64_t targets = e.attributes().i("n_targets");
  const std::string how = e.attributes().s("aggregate_function");
  const std::string transform = e.attributes().s("post_transform");
  e.require(how == "SUM" || how == "AVERAGE" || how == "MIN" || how == "MAX",
            Code::InvalidAttribute, "`aggregate_function` is none of SUM, AVERAGE, MIN and MAX");
  const TreeEnsemble trees(e.attributes(), "target", targets);  // C2
  const auto& base = trees.base_values();
  e.require(base.empty() || base.size() == static_cast<std::size_t>(targets),
            Code::InvalidAttribute, "`base_values` has not one for each target");
  const Rows rows = rows_of(e.input(0));
  Array out = e.allocate(ir::DType::Float32, {rows.count, targets});
  std::vector<double> scores(static_cast<std::size_t>(targets));
  for (std::int64_t i = 0; i < rows.count; ++i) {
    e.charge_steps(static_cast<std::int64_t>(trees.tree_count()));
    std::ranges::fill(scores, 0);
    add_votes(trees, how, rows.row(i), scores);
    for (std::size_t k = 0; k < base.size(); ++k) scores[k] += base[k];
    post_transform(transform, scores);
    store_row(out, i, scores);
  }
  e.set(0, std::move(out));
}

void scale_tree_ensemble_regressor(ErrorScale& s) {
  const std::int64_t targets = s.attributes().i("n_targets");
  const TreeEnsemble trees(s.attributes(), "target", targets);
  const Rows rows = rows_of(s.input(0));
  std::vector<double> magnitudes(static_cast<std::size_t>(rows.count * targets));
  for (std::int64_t i = 0; i < rows.count; ++i) {
    for (std::size_t tree = 0; tree < trees.tree_count(); ++tree) {
      for (const Vote& vote : trees.leaf(tree, rows.row(i)))
        magnitudes[static_cast<std::size_t>(i * targets + vote.target)] += std::abs(vote.weight);
    }
    for (std::size_t k = 0; k < trees.base_values().size(); ++k)
      magnitudes[static_cast<std::size_t>(i * targets) + k] += std::abs(trees.base_values()[k]);
  }
  scale_scores(s, 0, trees, s.attributes().s("post_transform"), magnitudes);
}

}  // namespace

extern constinit const ir::Op tree_ensemble_regressor_op{
    .domain = "ai.onnx.ml",
    .name = "TreeEnsembleRegressor",
    .since = 5,
    .inputs = {{"X", ir::types::f32 | ir::types::f64 | ir::types::i64 | ir::types::i32, "T"}},
    .outputs = {{"Y", ir::types::f32}},
    .attributes = {{"aggregate_function", ir::AttributeKind::String, "SUM"},
                   {"base_values", ir::AttributeKind::Floats},
                   {"base_values_as_tensor", ir::AttributeKind::Tensor},
                   {"n_targets", ir::AttributeKind::Int},
                   nodes_falsenodeids,
                   nodes_featureids,
                   nodes_hitrates,
                   nodes_hitrates_as_tensor,
                   nodes_missing,
                   nodes_modes,
                   nodes_nodeids,
                   nodes_treeids,
                   nodes_truenodeids,
                   nodes_values,
                   nodes_values_as_tensor,
                   {"post_transform", ir::AttributeKind::String, "NONE"},
                   {"target_ids", ir::AttributeKind::Ints},
                   {"target_nodeids", ir::AttributeKind::Ints},
                   {"target_treeids", ir::AttributeKind::Ints},
                   {"target_weights", ir::AttributeKind::Floats},
                   {"target_weights_as_tensor", ir::AttributeKind::Tensor}},
    .infer = infer_tree_ensemble_regressor,
    .evaluate = evaluate_tree_ensemble_regressor,
    .scale = scale_tree_ensemble_regressor};

}  // namespace ponte::ops::ml
