// What TreeEnsembleClassifier and TreeEnsembleRegressor share: the trees as the attributes nodes_*
// list them, the way of a row to its leaves, and what is done to the scores.
#pragma once

#include <string>
#include <vector>

#include "ops/error_scale.h"

namespace ponte::ops::ml {

// The vote of a leaf: a weight for one class or target.
struct Vote {
  std::int64_t target;
  double weight;
};

class TreeEnsemble {
 public:
  // `votes` is the prefix of the attributes of votes, "class" or "target". Throws InvalidAttribute
  // for lists of different lengths, unknown comparisons, ids that are not there or twice, targets
  // outside of [0, targets), and trees that are none.
  TreeEnsemble(const ir::AttributeReader& attributes, std::string_view votes, std::int64_t targets);

  std::size_t tree_count() const { return roots_.size(); }
  // The votes of the leaf that a row of X reaches in a tree. Throws IndexOutOfRange for a feature
  // that the row does not have.
  std::span<const Vote> leaf(std::size_t tree, std::span<const double> row) const;
  // base_values, or none.
  const std::vector<double>& base_values() const { return base_values_; }
  // Whether all votes are for the same one, and for which.
  bool is_for_one_target() const { return is_for_one_target_; }
  std::int64_t first_target() const { return first_target_; }
  bool has_negative_weight() const { return has_negative_weight_; }

 private:
  enum class Mode : std::uint8_t {
    Leaf,
    LessOrEqual,
    Less,
    GreaterOrEqual,
    Greater,
    Equal,
    NotEqual
  };
  struct TreeNode {
    Mode mode = Mode::Leaf;
    std::size_t feature = 0;
    double threshold = 0;
    std::size_t if_true = 0, if_false = 0;
    bool missing_is_true = false;
    std::vector<Vote> votes;
  };
  static Mode mode_named(std::string_view name);
  static bool goes_left(const TreeNode& node, double x);
  void read_nodes(const ir::AttributeReader& attributes);
  void read_votes(const ir::AttributeReader& attributes, std::string_view prefix,
                  std::int64_t targets);
  std::size_t find(std::int64_t tree, std::int64_t node) const;

  std::vector<TreeNode> nodes_;
  std::map<std::pair<std::int64_t, std::int64_t>, std::size_t> by_id_;
  std::vector<std::size_t> roots_;
  std::vector<double> base_values_;
  bool is_for_one_target_ = true;
  std::int64_t first_target_ = 0;
  bool has_negative_weight_ = false;
};

// X[N, F] as rows; a vector is one row.
struct Rows {
  std::int64_t count = 0, width = 0;
  std::vector<double> values;
  std::span<const double> row(std::int64_t i) const {
    return std::span(values).subspan(static_cast<std::size_t>(i * width),
                                     static_cast<std::size_t>(width));
  }
};
Rows rows_of(const Array& x);               // throws ShapeMismatch
ir::Dim row_count(const ir::Inference& c);  // of the first input; throws ShapeMismatch

void store_row(Array& matrix, std::int64_t row, std::span<const double> values);

// States the RMS rounding error of an output of scores: each is a sum over all trees, and
// `magnitudes` has the sum of the absolute values.
void scale_scores(ErrorScale& scale, std::size_t output, const TreeEnsemble& trees,
                  const std::string& transform, std::span<const double> magnitudes);

// What `post_transform` does to the scores of one row. Throws NotEvaluable for PROBIT.
void post_transform(const std::string& name, std::span<double> scores);

// Attributes of the trees, in alphabetical order behind those of an op.
inline constexpr ir::AttributeSpec nodes_falsenodeids{"nodes_falsenodeids",
                                                      ir::AttributeKind::Ints},
    nodes_featureids{"nodes_featureids", ir::AttributeKind::Ints},
    nodes_hitrates{"nodes_hitrates", ir::AttributeKind::Floats},
    nodes_hitrates_as_tensor{"nodes_hitrates_as_tensor", ir::AttributeKind::Tensor},
    nodes_missing{"nodes_missing_value_tracks_true", ir::AttributeKind::Ints},
    nodes_modes{"nodes_modes", ir::AttributeKind::Strings},
    nodes_nodeids{"nodes_nodeids", ir::AttributeKind::Ints},
    nodes_treeids{"nodes_treeids", ir::AttributeKind::Ints},
    nodes_truenodeids{"nodes_truenodeids", ir::AttributeKind::Ints},
    nodes_values{"nodes_values", ir::AttributeKind::Floats},
    nodes_values_as_tensor{"nodes_values_as_tensor", ir::AttributeKind::Tensor};

}  // namespace ponte::ops::ml
