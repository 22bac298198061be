// PriorBox and DetectionOutput: prior_box_layer.cpp, detection_output_layer.cpp and bbox_util.cpp
// of Caffe's SSD branch.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <tuple>

#include "base/counted.h"
#include "base/error.h"
#include "formats/caffe/ops.h"

namespace ponte::caffe {

using shared::NodeReader;

namespace {

constexpr float lowest_score = -std::numeric_limits<float>::max();

struct PriorBoxes {
  std::vector<double> min_sizes, max_sizes, ratios, variances;
  bool clip = false;
  double image_h = 0, image_w = 0, step_h = 0, step_w = 0, offset = 0.5;
};

void require_positive(std::string_view field, const std::vector<double>& values) {
  for (const double value : values) {
    // The bound keeps conversions to int defined.
    if (!(value > 0) || value > 1e6)
      throw Error(Code::InvalidAttribute, fmt::format("`{}` is {}", field, value));
  }
}

// One value, or `_h` and `_w`; zeros when absent.
std::pair<double, double> height_and_width(NodeReader& reader, const std::string& both,
                                           const std::string& one) {
  const std::string prefix = "prior_box_param.";
  if (reader.has(prefix + one + "_h") || reader.has(prefix + one + "_w")) {
    if (reader.has(prefix + both))
      throw Error(Code::InvalidAttribute, fmt::format("both `{}` and `{}_h`", both, one));
    const double h = reader.f(prefix + one + "_h"), w = reader.f(prefix + one + "_w");
    require_positive(one, {h, w});
    return {h, w};
  }
  if (!reader.has(prefix + both)) return {0, 0};
  const double value = reader.f(prefix + both);
  require_positive(both, {value});
  return {value, value};
}

PriorBoxes read_prior_boxes(NodeReader& reader) {
  const std::string prefix = "prior_box_param.";
  PriorBoxes boxes;
  boxes.min_sizes = reader.floats(prefix + "min_size");
  boxes.max_sizes = reader.floats(prefix + "max_size");
  require_positive("min_size", boxes.min_sizes);
  require_positive("max_size", boxes.max_sizes);
  if (boxes.min_sizes.empty() ||
      (!boxes.max_sizes.empty() && boxes.max_sizes.size() != boxes.min_sizes.size())) {
    throw Error(
        Code::InvalidAttribute,
        fmt::format("{} and {}", counted(boxes.min_sizes.size(), "minimal size", "minimal sizes"),
                    counted(boxes.max_sizes.size(), "maximal size", "maximal sizes")));
  }
  const bool flip = reader.b(prefix + "flip", true);
  std::vector<double> given = reader.floats(prefix + "aspect_ratio");
  require_positive("aspect_ratio", given);
  boxes.ratios = {1};
  for (const double ratio : given) {
    const bool known = std::ranges::any_of(
        boxes.ratios, [&](double other) { return std::abs(ratio - other) < 1e-6; });
    if (known) continue;
    boxes.ratios.push_back(ratio);
    if (flip) boxes.ratios.push_back(static_cast<float>(1 / ratio));
  }
  boxes.clip = reader.b(prefix + "clip", false);
  boxes.variances = reader.floats(prefix + "variance");
  require_positive("variance", boxes.variances);
  if (boxes.variances.empty()) boxes.variances = {static_cast<double>(0.1F)};
  if (boxes.variances.size() == 1) boxes.variances.resize(4, boxes.variances[0]);
  if (boxes.variances.size() != 4)
    throw Error(Code::InvalidAttribute, counted(boxes.variances.size(), "variance", "variances"));
  std::tie(boxes.image_h, boxes.image_w) = height_and_width(reader, "img_size", "img");
  std::tie(boxes.step_h, boxes.step_w) = height_and_width(reader, "step", "step");
  boxes.offset = reader.f(prefix + "offset", 0.5);
  return boxes;
}

// Width and height of each box of one place, in Caffe's order. Sizes are truncated to integers
// there.
std::vector<std::pair<float, float>> box_sizes(const PriorBoxes& boxes) {
  std::vector<std::pair<float, float>> sizes;
  for (std::size_t s = 0; s < boxes.min_sizes.size(); ++s) {
    const double smallest = std::trunc(boxes.min_sizes[s]);
    sizes.emplace_back(static_cast<float>(smallest), static_cast<float>(smallest));
    if (!boxes.max_sizes.empty()) {
      const auto middle = static_cast<float>(std::sqrt(smallest * std::trunc(boxes.max_sizes[s])));
      sizes.emplace_back(middle, middle);
    }
    for (const double ratio : boxes.ratios) {
      if (std::abs(ratio - 1) < 1e-6) continue;
      sizes.emplace_back(static_cast<float>(smallest * std::sqrt(ratio)),
                         static_cast<float>(smallest / std::sqrt(ratio)));
    }
  }
  return sizes;
}

}  // namespace

void read_prior_box(NodeReader& reader) {
  const PriorBoxes boxes = read_prior_boxes(reader);
  const Dims x = image_dims(reader), image = image_dims(reader, 1);
  const auto sizes = box_sizes(boxes);
  const auto count = static_cast<std::int64_t>(sizes.size());
  if (count_of({x[2], x[3], count}) > (std::int64_t{1} << 22))
    throw Error(Code::ElementCountTooLarge, "over four million prior boxes");
  const bool own_image = boxes.image_h == 0 || boxes.image_w == 0;
  const double image_h = own_image ? static_cast<double>(image[2]) : boxes.image_h,
               image_w = own_image ? static_cast<double>(image[3]) : boxes.image_w;
  const bool own_step = boxes.step_h == 0 || boxes.step_w == 0;
  const auto step_h =
                 static_cast<float>(own_step ? image_h / static_cast<double>(x[2]) : boxes.step_h),
             step_w =
                 static_cast<float>(own_step ? image_w / static_cast<double>(x[3]) : boxes.step_w);
  const auto offset = static_cast<float>(boxes.offset);
  std::vector<float> values;
  for (std::int64_t h = 0; h < x[2]; ++h) {
    for (std::int64_t w = 0; w < x[3]; ++w) {
      const float center_x = (static_cast<float>(w) + offset) * step_w,
                  center_y = (static_cast<float>(h) + offset) * step_h;
      for (const auto& [width, height] : sizes) {
        for (const int side : {-1, 1}) {
          values.push_back(static_cast<float>(
              (static_cast<double>(center_x) + side * static_cast<double>(width) / 2) / image_w));
          values.push_back(static_cast<float>(
              (static_cast<double>(center_y) + side * static_cast<double>(height) / 2) / image_h));
        }
      }
    }
  }
  if (boxes.clip) {
    for (float& value : values) value = std::clamp(value, 0.0F, 1.0F);
  }
  const std::size_t coordinates = values.size();
  for (std::size_t i = 0; i < coordinates; ++i)
    values.push_back(static_cast<float>(boxes.variances[i % 4]));
  const Dims shape{1, 2, static_cast<std::int64_t>(coordinates)};
  ir::Value& priors = reader.constant("boxes", ir::Tensor::f32(shape, values));
  priors.is_computed = true;
  finish(reader, reader.add("Identity", {&priors}), shape);
}

namespace {

struct Detection {
  std::int64_t images = 0, classes = 0, priors = 0, location_classes = 1;
  std::int64_t background = 0, keep_top_k = -1, top_k = -1;
  bool share_location = true, variance_in_target = false;
  std::string code;
  double overlap = 0.3, confidence = static_cast<double>(lowest_score);
  Dims labels;  // the classes that are detected

  std::int64_t label_count() const { return static_cast<std::int64_t>(labels.size()); }
};

// Adds nodes of one group; short names for what is used often.
class Builder {
 public:
  explicit Builder(NodeReader& reader) : reader_(reader) {}

  ir::Value& add(std::string_view op, std::vector<ir::Value*> inputs,
                 ir::Attributes attributes = {}) {
    return reader_.add(op, std::move(inputs), std::move(attributes));
  }
  ir::Value& ints(std::string_view name, const Dims& values) {
    return integers(reader_, name, values);
  }
  ir::Value& number(std::int64_t value) {
    return reader_.constant("number", ir::Tensor::scalar_i64(value));
  }
  ir::Value& number(std::string_view name, double value) { return scalar(reader_, name, value); }
  ir::Value& reshape(ir::Value& x, const Dims& dims) { return reshaped(reader_, x, dims); }
  ir::Value& slice(ir::Value& x, std::int64_t axis, std::int64_t begin, std::int64_t end) {
    return add("Slice", {&x, &ints("begin", {begin}), &ints("end", {end}), &ints("axis", {axis})});
  }
  ir::Value& gather(ir::Value& x, ir::Value& indices, std::int64_t axis) {
    return add("Gather", {&x, &indices}, {{"axis", axis}});
  }
  ir::Value& cast(ir::Value& x, ir::DType dtype) { return caffe::cast(reader_, x, dtype); }
  ir::Value& concat(std::vector<ir::Value*> parts, std::int64_t axis) {
    return add("Concat", std::move(parts), {{"axis", axis}});
  }
  // Lists as the columns of a table.
  std::vector<ir::Value*> as_columns(std::vector<ir::Value*> lists) {
    if (!column_axis_) column_axis_ = &ints("axis", {1});
    for (ir::Value*& list : lists) list = &add("Unsqueeze", {list, column_axis_});
    return lists;
  }
  ir::Value& table(std::vector<ir::Value*> lists) {
    return concat(as_columns(std::move(lists)), 1);
  }
  Largest largest(ir::Value& x, std::int64_t k) { return caffe::largest(reader_, x, k, -1); }
  ir::Value& filled(const Dims& dims, float value) {
    return caffe::filled(reader_, ints("shape", dims), value);
  }
  ir::Value& constant(std::string_view name, ir::Tensor tensor) {
    return reader_.constant(name, std::move(tensor));
  }

 private:
  NodeReader& reader_;
  ir::Value* column_axis_ = nullptr;
};

Detection read_detection(NodeReader& reader) {
  const std::string prefix = "detection_output_param.";
  Detection d;
  d.classes = reader.i(prefix + "num_classes");
  d.share_location = reader.b(prefix + "share_location", true);
  d.background = reader.i(prefix + "background_label_id", 0);
  d.code = reader.s(prefix + "code_type", "CORNER");
  d.variance_in_target = reader.b(prefix + "variance_encoded_in_target", false);
  d.keep_top_k = reader.i(prefix + "keep_top_k", -1);
  d.confidence = reader.f(prefix + "confidence_threshold", static_cast<double>(lowest_score));
  d.overlap = reader.f(prefix + "nms_param.nms_threshold", static_cast<double>(0.3F));
  d.top_k = reader.i(prefix + "nms_param.top_k", -1);
  if (reader.f(prefix + "nms_param.eta", 1) != 1)
    throw Error(Code::NoReaderForOp, "an adaptive threshold (`eta`) is not read");
  for (const std::string_view field : detection_side_effects)
    reader.ignore(fmt::format("{}{}", prefix, field));
  reader.ignore("transform_param");
  const Dims location = dims_of(reader, 0), confidence = dims_of(reader, 1),
             prior = dims_of(reader, 2);
  if (location.empty() || confidence.empty() || prior.size() < 3 || prior[0] != 1 ||
      prior[1] != 2 || d.classes < 1) {
    throw Error(Code::ShapeMismatch, "the bottoms are no locations, confidences and priors");
  }
  d.images = location[0];
  d.priors = count_of(prior, 2, prior.size()) / 4;
  d.location_classes = d.share_location ? 1 : d.classes;
  if (d.priors < 1 || d.images < 1 || confidence[0] != d.images ||
      count_of(location, 1, location.size()) != count_of({d.priors, d.location_classes, 4}) ||
      count_of(confidence, 1, confidence.size()) != count_of({d.priors, d.classes})) {
    throw Error(Code::ShapeMismatch, "locations, confidences and priors differ in number");
  }
  if (d.classes > 65536 || d.images > 65536 || d.top_k < -1 || !(d.overlap >= 0))
    throw Error(Code::InvalidAttribute, "too many classes or images, or a negative limit");
  for (std::int64_t label = 0; label < d.classes; ++label) {
    if (label != d.background) d.labels.push_back(label);
  }
  if (d.labels.empty()) throw Error(Code::InvalidAttribute, "there is no class but the background");
  return d;
}

// [images, priors, location_classes, 4] as xmin, ymin, xmax, ymax.
ir::Value& decoded_boxes(Builder& b, const Detection& d, ir::Value& location, ir::Value& prior) {
  ir::Value& offsets = b.reshape(location, {d.images, d.priors, d.location_classes, 4});
  ir::Value& rows = b.reshape(prior, {2, d.priors, 1, 4});
  ir::Value& anchors = b.slice(rows, 0, 0, 1);
  ir::Value* moved = &offsets;
  if (!d.variance_in_target) moved = &b.add("Mul", {moved, &b.slice(rows, 0, 1, 2)});
  if (d.code == "CORNER") return b.add("Add", {&anchors, moved});
  ir::Value& lowest = b.slice(anchors, 3, 0, 2);
  ir::Value& highest = b.slice(anchors, 3, 2, 4);
  ir::Value& size = b.add("Sub", {&highest, &lowest});
  if (d.code == "CORNER_SIZE") {
    ir::Value& shift = b.add("Mul", {moved, &b.concat({&size, &size}, 3)});
    return b.add("Add", {&anchors, &shift});
  }
  ir::Value& half = b.number("half", 0.5);
  ir::Value& center = b.add("Mul", {&b.add("Add", {&lowest, &highest}), &half});
  ir::Value& shift = b.add("Mul", {&b.slice(*moved, 3, 0, 2), &size});
  ir::Value& box_center = b.add("Add", {&shift, &center});
  ir::Value& growth = b.add("Exp", {&b.slice(*moved, 3, 2, 4)});
  ir::Value& box_half = b.add("Mul", {&b.add("Mul", {&growth, &size}), &half});
  return b.concat(
      {&b.add("Sub", {&box_center, &box_half}), &b.add("Add", {&box_center, &box_half})}, 3);
}

// Of each row only the top_k best scores may be chosen.
ir::Value& best_scores(Builder& b, const Detection& d, ir::Value& scores) {
  if (d.top_k < 0 || d.top_k >= d.priors) return scores;
  const Largest best = b.largest(scores, d.top_k);
  ir::Value& none = b.filled({d.images, d.label_count(), d.priors}, lowest_score);
  return b.add("ScatterElements", {&none, best.places, best.values}, {{"axis", std::int64_t{2}}});
}

// Boxes that NonMaxSuppression measures as Caffe does: one that is inside out has no area.
ir::Value& measured_boxes(Builder& b, const Detection& d, ir::Value& boxes) {
  if (d.code == "CENTER_SIZE") return boxes;
  ir::Value& lowest = b.slice(boxes, 2, 0, 2);
  ir::Value& highest = b.add("Max", {&b.slice(boxes, 2, 2, 4), &lowest});
  return b.concat({&lowest, &highest}, 2);
}

// What NonMaxSuppression chose: columns of i64.
struct Chosen {
  ir::Value* image;
  ir::Value* label;  // a place in Detection::labels
  ir::Value* box;
};

// Only the keep_top_k best of each image stay, in the order in which they are.
Chosen best_of_images(Builder& b, const Detection& d, const Chosen& chosen, ir::Value& scores) {
  const std::int64_t all = count_of({d.label_count(), d.priors});
  if (d.keep_top_k < 0 || d.keep_top_k >= all) return chosen;
  ir::Value& column =
      b.add("Add", {&b.add("Mul", {chosen.label, &b.number(d.priors)}), chosen.box});
  ir::Value& where = b.table({chosen.image, &column});
  ir::Value& none = b.filled({d.images, all}, lowest_score);
  ir::Value& dense = b.add("ScatterND", {&none, &where, &scores});
  const std::int64_t kept_count = std::max<std::int64_t>(d.keep_top_k, 1);
  const Largest best = b.largest(dense, kept_count);
  ir::Value& zeros = b.filled({d.images, all}, 0);
  ir::Value& ones = b.filled({d.images, kept_count}, d.keep_top_k == 0 ? 0.0F : 1.0F);
  ir::Value& marks =
      b.add("ScatterElements", {&zeros, best.places, &ones}, {{"axis", std::int64_t{1}}});
  ir::Value& stays = b.cast(b.add("GatherND", {&marks, &where}), ir::DType::Bool);
  const auto kept = [&](ir::Value* values_of) {
    return &b.add("Compress", {values_of, &stays}, {{"axis", std::int64_t{0}}});
  };
  return {kept(chosen.image), kept(chosen.label), kept(chosen.box)};
}

// Without any detection Caffe gives one row per image: its number, then -1.
ir::Value& with_rows_for_nothing(Builder& b, const Detection& d, ir::Value& rows) {
  std::vector<float> nothing;
  for (std::int64_t image = 0; image < d.images; ++image) {
    nothing.push_back(static_cast<float>(image));
    nothing.insert(nothing.end(), 6, -1.0F);
  }
  ir::Value& fake = b.constant("nothing", ir::Tensor::f32({d.images, 7}, nothing));
  ir::Value& count = b.slice(b.add("Shape", {&rows}), 0, 0, 1);
  ir::Value& is_empty = b.add("Equal", {&count, &b.ints("zero", {0})});
  ir::Value& end = b.add("Where", {&is_empty, &b.ints("images", {d.images}), &b.ints("zero", {0})});
  ir::Value& needed = b.add("Slice", {&fake, &b.ints("begin", {0}), &end, &b.ints("axis", {0})});
  return b.concat({&rows, &needed}, 0);
}

}  // namespace

// Columns: image, label, score, xmin, ymin, xmax, ymax.
void read_detection_output(NodeReader& reader) {
  const Detection d = read_detection(reader);
  Builder b(reader);
  const std::int64_t labels = d.label_count();
  ir::Value& label_list = b.ints("labels", d.labels);
  ir::Value& confidence = b.reshape(reader.input(1), {d.images, d.priors, d.classes});
  ir::Value& by_class = b.add("Transpose", {&confidence}, {{"perm", Dims{0, 2, 1}}});
  ir::Value* scores = &b.gather(by_class, label_list, 1);  // [images, labels, priors]
  ir::Value* boxes = &decoded_boxes(b, d, reader.input(0), reader.input(2));
  ir::Value* candidates = &best_scores(b, d, *scores);
  if (d.share_location) {
    boxes = &b.reshape(*boxes, {d.images, d.priors, 4});
  } else {
    // Each class has boxes of its own: it is an image of its own for NonMaxSuppression.
    ir::Value& first = b.add("Transpose", {boxes}, {{"perm", Dims{0, 2, 1, 3}}});
    boxes = &b.reshape(b.gather(first, label_list, 1), {d.images * labels, d.priors, 4});
    candidates = &b.reshape(*candidates, {d.images * labels, 1, d.priors});
  }
  ir::Value& selected = b.add(
      "NonMaxSuppression",
      {&measured_boxes(b, d, *boxes), candidates, &b.ints("most", {d.priors}),
       &b.constant("overlap", ir::Tensor::f32({1}, std::array{static_cast<float>(d.overlap)})),
       &b.constant("confidence",
                   ir::Tensor::f32({1}, std::array{static_cast<float>(d.confidence)}))});
  const auto column = [&](std::int64_t i) { return &b.gather(selected, b.number(i), 1); };
  Chosen chosen{column(0), column(1), column(2)};
  if (!d.share_location) {
    ir::Value& divisor = b.number(labels);
    ir::Value* row = chosen.image;
    chosen.image = &b.add("Div", {row, &divisor});
    chosen.label = &b.add("Mod", {row, &divisor});
  }
  const auto scores_of = [&](const Chosen& c) {
    return &b.add("GatherND", {scores, &b.table({c.image, c.label, c.box})});
  };
  chosen = best_of_images(b, d, chosen, *scores_of(chosen));
  ir::Value* box_row = chosen.image;
  if (!d.share_location) {
    box_row = &b.add("Add", {&b.add("Mul", {chosen.image, &b.number(labels)}), chosen.label});
  }
  ir::Value& box = b.add("GatherND", {boxes, &b.table({box_row, chosen.box})});
  ir::Value& label = b.gather(label_list, *chosen.label, 0);
  const auto number = [&](ir::Value& value) { return &b.cast(value, ir::DType::Float32); };
  std::vector<ir::Value*> columns =
      b.as_columns({number(*chosen.image), number(label), scores_of(chosen)});
  columns.push_back(&box);
  ir::Value& rows = b.concat(std::move(columns), 1);
  ir::Value& padded = with_rows_for_nothing(b, d, rows);
  reader.set_output(b.add("Unsqueeze", {&padded, &b.ints("axes", {0, 1})}));
}

}  // namespace ponte::caffe
