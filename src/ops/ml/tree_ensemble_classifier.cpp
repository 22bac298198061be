// TreeEnsembleClassifier. Spec: onnx.ai/onnx/operators/onnx_aionnxml_TreeEnsembleClassifier.html.
// C1: X is a row or a matrix of rows. C2: either integers or strings are the labels. C3: the
// attributes describe trees. The specification does not say what two classes mean when all votes
// are for one of them. For votes for the first, the way in which gradient boosting is exported,
// this is what ONNX Runtime computes; everything else of that kind is refused.
#include <algorithm>
#include <cmath>

#include "ops/ml/tree_ensemble.h"

namespace ponte::ops::ml {
namespace {

struct Labels {
  std::vector<std::int64_t> integers;
  std::vector<std::string> strings;
  explicit Labels(const ir::AttributeReader& attributes)
      : integers(attributes.ints("classlabels_int64s")),
        strings(attributes.strings("classlabels_strings")) {
    if (integers.empty() == strings.empty())
      throw Error(Code::InvalidAttribute,
                  "one of `classlabels_int64s` and `classlabels_strings` is needed");  // C2
  }
  std::int64_t count() const {
    return static_cast<std::int64_t>(std::max(integers.size(), strings.size()));
  }
};

void infer_tree_ensemble_classifier(ir::Inference& c) {
  const Labels labels(c.attributes());
  c.set_dtype(0, labels.strings.empty() ? ir::DType::Int64 : ir::DType::String);
  const ir::Dim rows = row_count(c);  // C1
  c.set_shape(0, {rows});
  c.set_shape(1, {rows, labels.count()});
}

struct Decision {
  std::size_t label = 0;  // by position
  std::vector<double> scores;
};

class Classifier {
 public:
  explicit Classifier(const ir::AttributeReader& attributes)
      : labels_(attributes),
        trees_(attributes, "class", labels_.count()),  // C3
        transform_(attributes.s("post_transform")) {
    const auto base_count = static_cast<std::int64_t>(trees_.base_values().size());
    is_one_sided_ = labels_.count() <= 2 && trees_.is_for_one_target();
    if (is_one_sided_ && (labels_.count() == 1 || trees_.first_target() != 0 || base_count > 1))
      throw Error(Code::NotEvaluable, "what votes for a single class mean is not specified here");
    if (!is_one_sided_ && base_count != 0 && base_count != labels_.count())
      throw Error(Code::InvalidAttribute, "`base_values` has not one for each class");
  }

  const Labels& labels() const { return labels_; }
  const TreeEnsemble& trees() const { return trees_; }
  const std::string& transform() const { return transform_; }

  Decision decide(std::span<const double> row) const {
    Decision decision{0, sums(row, [](double x) { return x; })};
    if (is_one_sided_) return decide_by(decision.scores[0]);
    decision.label = static_cast<std::size_t>(std::ranges::max_element(decision.scores) -
                                              decision.scores.begin());
    post_transform(transform_, decision.scores);
    return decision;
  }

  // What each score is the sum of, every term changed.
  std::vector<double> sums(std::span<const double> row, double (*change)(double)) const {
    std::vector<double> result(static_cast<std::size_t>(labels_.count()), 0);
    for (std::size_t tree = 0; tree < trees_.tree_count(); ++tree) {
      for (const Vote& vote : trees_.leaf(tree, row))
        result[static_cast<std::size_t>(vote.target)] += change(vote.weight);
    }
    for (std::size_t k = 0; k < trees_.base_values().size(); ++k)
      result[k] += change(trees_.base_values()[k]);
    return result;
  }

  std::vector<double> magnitudes(std::span<const double> row) const {
    std::vector<double> result = sums(row, [](double x) { return std::abs(x); });
    if (is_one_sided_) result[1] = ++result[0];  // 1 - x
    return result;
  }

 private:
  // Two classes with all votes for the first: they speak for the second.
  Decision decide_by(double score) const {
    const bool is_share = !trees_.has_negative_weight();  // weights that are probabilities
    Decision decision{score > (is_share ? 0.5 : 0) ? std::size_t{1} : 0, {-score, score}};
    if (transform_ == "LOGISTIC") {
      post_transform(transform_, decision.scores);
    } else if (is_share) {
      decision.scores[0] = 1 - score;
    }
    return decision;
  }

  Labels labels_;
  TreeEnsemble trees_;
  std::string transform_;
  bool is_one_sided_ = false;
};

void evaluate_tree_ensemble_classifier(Evaluation& e) {
  const Classifier classifier(e.attributes());
  const Labels& labels = classifier.labels();
  const Rows rows = rows_of(e.input(0));
  Array label =
      e.allocate(labels.strings.empty() ? ir::DType::Int64 : ir::DType::String, {rows.count});
  Array scores = e.allocate(ir::DType::Float32, {rows.count, labels.count()});
  for (std::int64_t i = 0; i < rows.count; ++i) {
    e.charge_steps(static_cast<std::int64_t>(classifier.trees().tree_count()));
    const Decision decision = classifier.decide(rows.row(i));
    const auto row = static_cast<std::size_t>(i);
    if (labels.strings.empty()) {
      label.mutable_as<std::int64_t>()[row] = labels.integers[decision.label];
    } else {
      label.mutable_as<std::string>()[row] = labels.strings[decision.label];
    }
    store_row(scores, i, decision.scores);
  }
  e.set(0, std::move(label));
  e.set(1, std::move(scores));
}

void scale_tree_ensemble_classifier(ErrorScale& s) {
  const Classifier classifier(s.attributes());
  const Rows rows = rows_of(s.input(0));
  std::vector<double> magnitudes;
  for (std::int64_t i = 0; i < rows.count; ++i) {
    const auto row = classifier.magnitudes(rows.row(i));
    magnitudes.insert(magnitudes.end(), row.begin(), row.end());
  }
  scale_scores(s, 1, classifier.trees(), classifier.transform(), magnitudes);
}

}  // namespace

extern constinit const ir::Op tree_ensemble_classifier_op{
    .domain = "ai.onnx.ml",
    .name = "TreeEnsembleClassifier",
    .since = 5,
    .inputs = {{"X", ir::types::f32 | ir::types::f64 | ir::types::i64 | ir::types::i32, "T1"}},
    .outputs = {{"Y", ir::types::string | ir::types::i64, "T2"}, {"Z", ir::types::f32}},
    .attributes = {{"base_values", ir::AttributeKind::Floats},
                   {"base_values_as_tensor", ir::AttributeKind::Tensor},
                   {"class_ids", ir::AttributeKind::Ints},
                   {"class_nodeids", ir::AttributeKind::Ints},
                   {"class_treeids", ir::AttributeKind::Ints},
                   {"class_weights", ir::AttributeKind::Floats},
                   {"class_weights_as_tensor", ir::AttributeKind::Tensor},
                   {"classlabels_int64s", ir::AttributeKind::Ints},
                   {"classlabels_strings", ir::AttributeKind::Strings},
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
                   {"post_transform", ir::AttributeKind::String, "NONE"}},
    .infer = infer_tree_ensemble_classifier,
    .evaluate = evaluate_tree_ensemble_classifier,
    .scale = scale_tree_ensemble_classifier};

}  // namespace ponte::ops::ml
