// PriorBox and DetectionOutput against the loops of Caffe's SSD branch, written down a second time.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <map>

#include "formats/caffe/run.h"

namespace ponte::test {
namespace {

using Box = std::array<double, 4>;

struct Settings {
  int images = 1, priors = 6, classes = 3;
  bool share = true, in_target = false;
  const char* code = "CENTER_SIZE";
  double overlap = 0.3, confidence = 0.2;
  int top_k = -1, keep_top_k = -1;
};

std::string network(const Settings& s) {
  const int locations = s.priors * 4 * (s.share ? 1 : s.classes);
  std::string text = fmt::format(
      "layer {{ name: 'in' type: 'Input' top: 'loc' top: 'conf' top: 'prior' input_param {{ "
      "shape {{ dim: {0} dim: {1} }} shape {{ dim: {0} dim: {2} }} shape {{ dim: 1 dim: 2 dim: {3} "
      "}} }} }} "
      "layer {{ name: 'd' type: 'DetectionOutput' bottom: 'loc' bottom: 'conf' bottom: 'prior' "
      "top: 'd' "
      "detection_output_param {{ num_classes: {4} share_location: {5} background_label_id: 0 "
      "code_type: {6} "
      "variance_encoded_in_target: {7} confidence_threshold: {8} visualize: true nms_param {{ "
      "nms_threshold: {9} ",
      s.images, locations, s.priors * s.classes, s.priors * 4, s.classes, s.share, s.code,
      s.in_target, s.confidence, s.overlap);
  if (s.top_k >= 0) text += fmt::format("top_k: {} ", s.top_k);
  text += "} ";
  if (s.keep_top_k >= 0) text += fmt::format("keep_top_k: {} ", s.keep_top_k);
  return text + "} }";
}

Box decoded(const Settings& s, const float* loc, const float* prior, const float* variance) {
  Box p, l, v;
  for (std::size_t i = 0; i < 4; ++i) {
    p[i] = static_cast<double>(prior[i]);
    l[i] = static_cast<double>(loc[i]);
    v[i] = s.in_target ? 1 : static_cast<double>(variance[i]);
  }
  const double w = p[2] - p[0], h = p[3] - p[1];
  const std::string code = s.code;
  if (code == "CORNER")
    return {p[0] + v[0] * l[0], p[1] + v[1] * l[1], p[2] + v[2] * l[2], p[3] + v[3] * l[3]};
  if (code == "CORNER_SIZE")
    return {p[0] + v[0] * l[0] * w, p[1] + v[1] * l[1] * h, p[2] + v[2] * l[2] * w,
            p[3] + v[3] * l[3] * h};
  const double x = v[0] * l[0] * w + (p[0] + p[2]) / 2, y = v[1] * l[1] * h + (p[1] + p[3]) / 2,
               half_w = std::exp(v[2] * l[2]) * w / 2, half_h = std::exp(v[3] * l[3]) * h / 2;
  return {x - half_w, y - half_h, x + half_w, y + half_h};
}

double area(const Box& b) { return b[2] < b[0] || b[3] < b[1] ? 0 : (b[2] - b[0]) * (b[3] - b[1]); }

double overlap(const Box& a, const Box& b) {
  if (b[0] > a[2] || b[2] < a[0] || b[1] > a[3] || b[3] < a[1]) return 0;
  const double w = std::min(a[2], b[2]) - std::max(a[0], b[0]),
               h = std::min(a[3], b[3]) - std::max(a[1], b[1]);
  return w > 0 && h > 0 ? w * h / (area(a) + area(b) - w * h) : 0;
}

std::vector<double> detect(const Settings& s, const Numbers& loc, const Numbers& conf,
                           const Numbers& prior) {
  std::vector<double> rows;
  const int sets = s.share ? 1 : s.classes;
  for (int image = 0; image < s.images; ++image) {
    const auto score = [&](int c, int i) {
      return static_cast<double>(
          conf[static_cast<std::size_t>((image * s.priors + i) * s.classes + c)]);
    };
    const auto box = [&](int c, int i) {
      const int set = s.share ? 0 : c;
      return decoded(s, &loc[static_cast<std::size_t>(((image * s.priors + i) * sets + set) * 4)],
                     &prior[static_cast<std::size_t>(i * 4)],
                     &prior[static_cast<std::size_t>((s.priors + i) * 4)]);
    };
    std::vector<std::pair<double, std::pair<int, int>>> kept;
    for (int c = 1; c < s.classes; ++c) {
      std::vector<int> order;
      for (int i = 0; i < s.priors; ++i) {
        if (score(c, i) > s.confidence) order.push_back(i);
      }
      std::ranges::stable_sort(order, [&](int a, int b) { return score(c, a) > score(c, b); });
      if (s.top_k >= 0 && order.size() > static_cast<std::size_t>(s.top_k))
        order.resize(static_cast<std::size_t>(s.top_k));
      std::vector<int> chosen;
      for (const int i : order) {
        if (std::ranges::all_of(chosen,
                                [&](int j) { return overlap(box(c, i), box(c, j)) <= s.overlap; }))
          chosen.push_back(i);
      }
      for (const int i : chosen) kept.push_back({score(c, i), {c, i}});
    }
    if (s.keep_top_k >= 0 && kept.size() > static_cast<std::size_t>(s.keep_top_k)) {
      std::ranges::sort(kept, [](const auto& a, const auto& b) { return a.first > b.first; });
      kept.resize(static_cast<std::size_t>(s.keep_top_k));
      std::ranges::stable_sort(
          kept, [](const auto& a, const auto& b) { return a.second.first < b.second.first; });
    }
    for (const auto& [value, place] : kept) {
      rows.push_back(image);
      rows.push_back(place.first);
      rows.push_back(value);
      for (const double edge : box(place.first, place.second)) rows.push_back(edge);
    }
  }
  if (rows.empty()) {
    for (int image = 0; image < s.images; ++image) {
      rows.push_back(image);
      rows.insert(rows.end(), 6, -1);
    }
  }
  return rows;
}

void expect_as_caffe(const Settings& s, int seed) {
  SCOPED_TRACE(fmt::format("{} images {} share {} top_k {} keep {} seed {}", s.code, s.images,
                           s.share, s.top_k, s.keep_top_k, seed));
  const auto count = [](int n) { return static_cast<std::size_t>(n); };
  const Numbers loc = numbers(count(s.images * s.priors * 4 * (s.share ? 1 : s.classes)), seed);
  Numbers conf = numbers(count(s.images * s.priors * s.classes), seed + 1);
  for (float& value : conf) value = std::abs(value) / 2;
  Numbers prior;
  for (int i = 0; i < s.priors; ++i) {
    const float at = static_cast<float>(i) * 0.07F;
    prior.insert(prior.end(), {at, at / 2, at + 0.3F, at / 2 + 0.4F});
  }
  for (int i = 0; i < s.priors; ++i) prior.insert(prior.end(), {0.1F, 0.1F, 0.2F, 0.2F});
  const auto y = run_text(network(s), {{"loc", loc}, {"conf", conf}, {"prior", prior}});
  ASSERT_EQ(y.size(), 1U);
  EXPECT_EQ(y[0].dim(0), 1);
  EXPECT_EQ(y[0].dim(3), 7);
  expect_near(y[0], detect(s, loc, conf, prior), 1e-4);
}

TEST(CaffeDetection, FindsTheBoxesThatCaffeFinds) {
  for (int seed = 0; seed < 3; ++seed) {
    expect_as_caffe({}, seed);
    expect_as_caffe({.images = 2, .top_k = 3}, seed);
    expect_as_caffe({.images = 2, .keep_top_k = 2}, seed);
    expect_as_caffe({.images = 2, .share = false, .keep_top_k = 3}, seed);
    expect_as_caffe({.share = false, .top_k = 2}, seed);
    expect_as_caffe({.code = "CORNER", .overlap = 0.5}, seed);
    expect_as_caffe({.in_target = true, .code = "CORNER"}, seed);  // many boxes are inside out
    expect_as_caffe({.code = "CORNER_SIZE"}, seed);
    expect_as_caffe({.in_target = true}, seed);
  }
}

TEST(CaffeDetection, GivesARowPerImageWhereNothingIsFound) {
  expect_as_caffe({.images = 2, .confidence = 2}, 1);
}

TEST(CaffeDetection, RefusesAnAdaptiveThreshold) {
  std::string text = network({});
  text.replace(text.find("nms_param {"), 11, "nms_param { eta: 0.9");
  Diagnostics problems;
  read_text(text, problems);
  EXPECT_TRUE(has_code(problems, Code::NoReaderForOp));
}

Numbers priors(const std::string& parameters) {
  const std::string text =
      "layer { name: 'i' type: 'Input' top: 'data' top: 'x' input_param { shape { dim: 1 dim: 3 "
      "dim: 20 dim: 40 } "
      "shape { dim: 1 dim: 2 dim: 1 dim: 2 } } } "
      "layer { name: 'p' type: 'PriorBox' bottom: 'x' bottom: 'data' top: 'p' prior_box_param { " +
      parameters + " } }";
  const auto outputs = run_text(text, {{"data", Numbers(2400)}, {"x", Numbers(4)}});
  Numbers values;
  for (const double value : outputs.at(0).to_f64()) values.push_back(static_cast<float>(value));
  return values;
}

TEST(CaffePriorBox, CentersBoxesOnThePlacesOfTheMap) {
  // Steps of 20 x 20; centers at (10, 10) and (30, 10).
  EXPECT_EQ(priors("min_size: 4 variance: 0.1 variance: 0.1 variance: 0.2 variance: 0.2"),
            (Numbers{8.0F / 40, 8.0F / 20, 12.0F / 40, 12.0F / 20, 28.0F / 40, 8.0F / 20,
                     32.0F / 40, 12.0F / 20, 0.1F, 0.1F, 0.2F, 0.2F, 0.1F, 0.1F, 0.2F, 0.2F}));
  // min, sqrt(min * max), then the ratios and their inverses; sizes lose their fractions.
  const Numbers many = priors(
      "min_size: 4.7 max_size: 16.3 aspect_ratio: 4 aspect_ratio: 1 flip: true step: 10 offset: 0");
  ASSERT_EQ(many.size(), 2U * 2 * 4 * 4);
  EXPECT_EQ(Numbers(many.begin(), many.begin() + 16),
            (Numbers{-2.0F / 40, -2.0F / 20, 2.0F / 40, 2.0F / 20, -4.0F / 40, -4.0F / 20,
                     4.0F / 40, 4.0F / 20, -4.0F / 40, -1.0F / 20, 4.0F / 40, 1.0F / 20, -1.0F / 40,
                     -4.0F / 20, 1.0F / 40, 4.0F / 20}));
  EXPECT_EQ(many[16], 8.0F / 40);  // a step of 10 further
  EXPECT_EQ(many.back(), 0.1F);
  for (const float value : priors("min_size: 100 clip: true"))
    EXPECT_TRUE(value >= 0 && value <= 1);
}

}  // namespace
}  // namespace ponte::test
