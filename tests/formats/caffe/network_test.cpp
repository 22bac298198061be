// Old forms, phases, in-place layers, weights: what comes before the layers' meanings.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <set>

#include "base/bytes.h"
#include "base/expect_error.h"
#include "base/temporary_folder.h"
#include "formats/caffe/run.h"
#include "formats/caffe/schema.h"
#include "formats/caffe/tensors.h"
#include "formats/caffe/write.h"

namespace ponte::test {
namespace {

using testing::ElementsAre;

// Made by OpenCV 4.6 and by NumPy in f64 from small.caffemodel and v1.caffemodel with these inputs.
Numbers small_input() {
  Numbers values;
  for (int i = 0; i < 32; ++i) values.push_back(static_cast<float>(i % 5 - 2) / 2);
  return values;
}
const std::vector<double> small_expected{0.015160433, 0.318348867, 0.083367194, 0.008081662,
                                         0.575041844};
const std::vector<double> v1_expected{-1.2578125, 0.3203125, -0.25, -1.25, 0.5};

ir::Model read_file(const std::string& name, const caffe::ReadOptions& options = {}) {
  Diagnostics problems;
  ir::Model model = caffe::read(caffe_data() / name, options, problems);
  EXPECT_FALSE(problems.has_errors()) << describe(problems);
  return model;
}

std::vector<std::string> output_names(const ir::Graph& graph) {
  std::vector<std::string> names;
  for (const ir::Value* value : graph.outputs()) names.push_back(value->name());
  return names;
}

std::vector<std::string> layer_names(const ir::Graph& graph) {
  std::vector<std::string> names;
  for (const ir::Node& node : graph.nodes()) {
    for (const ir::NodeOrigin& origin : node.origins) {
      if (names.empty() || names.back() != origin.name) names.push_back(origin.name);
    }
  }
  return names;
}

TEST(CaffeRead, TakesTheWeightsBesideAPrototxt) {
  const ir::Model model = read_file("small.prototxt");
  EXPECT_EQ(model.graph->name, "small");
  EXPECT_THAT(layer_names(*model.graph), ElementsAre("conv", "norm", "scale", "fc", "prob"));
  expect_near(run(*model.graph, {{"data", small_input()}}).at(0), small_expected);
}

TEST(CaffeRead, ReadsACaffemodelThatCarriesItsOwnNetwork) {
  const ir::Model model = read_file("small.caffemodel");
  expect_near(run(*model.graph, {{"data", small_input()}}).at(0), small_expected);
}

TEST(CaffeRead, UpgradesV1LayersInTextAndBinary) {
  for (const char* name : {"v1.prototxt", "v1.caffemodel"}) {
    SCOPED_TRACE(name);
    const ir::Model model = read_file(name);
    expect_near(run(*model.graph, {{"data", small_input()}}).at(0), v1_expected);
  }
}

TEST(CaffeRead, UpgradesV0LayersAndFoldsTheirPadding) {
  const ir::Model model = read_file("v0.prototxt", {.weights = {}, .random_weights = 1});
  EXPECT_THAT(layer_names(*model.graph), ElementsAre("conv", "pool", "fc"));
  const ir::Node& conv = model.graph->nodes().front();
  EXPECT_EQ(std::get<std::vector<std::int64_t>>(*conv.attribute("pads")),
            (std::vector<std::int64_t>{1, 1, 1, 1}));
  EXPECT_EQ(conv.inputs().size(), 2U);  // no bias
  EXPECT_EQ(to_string(conv.output(0)->type()), "f32[1,3,3,3]");
  EXPECT_EQ(to_string(model.graph->outputs().at(0)->type()), "f32[1,5]");
}

TEST(CaffeRead, NamesValuesOfInPlaceLayersByTheirLayer) {
  const ir::Model model = read_file("small.prototxt");
  std::map<std::string, std::string> origins;
  for (const ir::Node& node : model.graph->nodes()) {
    for (const ir::Value* value : node.outputs()) {
      if (value->origin) origins[value->name()] = value->origin->name;
    }
  }
  EXPECT_EQ(origins["conv"], "scale");  // the last one that writes the blob
  EXPECT_EQ(origins["conv/conv"], "conv");
  EXPECT_EQ(origins["conv/norm"], "norm");
  EXPECT_EQ(origins["fc"], "fc");
  std::set<std::string> names;
  for (const ir::Node& node : model.graph->nodes())
    EXPECT_TRUE(names.insert(node.name()).second) << node.name();
}

constexpr const char* input_2x3 =
    "layer { name: 'in' type: 'Input' top: 'data' input_param { shape { dim: 2 dim: 3 } } } ";

std::string relu(const std::string& name, const std::string& more) {
  return "layer { name: '" + name + "' type: 'ReLU' bottom: 'data' top: '" + name + "' " + more +
         " } ";
}

TEST(CaffeRead, KeepsTheLayersOfThePhaseTest) {
  const std::string text =
      std::string("state { level: 2 stage: 'a' } ") + input_2x3 + relu("always", "") +
      relu("test", "include { phase: TEST }") + relu("train", "include { phase: TRAIN }") +
      relu("not_test", "exclude { phase: TEST }") + relu("level", "include { min_level: 2 }") +
      relu("low", "include { max_level: 1 }") + relu("stage", "include { stage: 'a' }") +
      relu("stages", "include { stage: 'a' stage: 'b' }") +
      relu("not_stage", "include { not_stage: 'a' }") +
      relu("any", "include { phase: TRAIN } include { stage: 'a' }");
  Diagnostics problems;
  const caffe::ReadResult result = read_text(text, problems);
  EXPECT_THAT(output_names(*result.model.graph),
              ElementsAre("always", "test", "level", "stage", "any"));
}

TEST(CaffeRead, LeavesOutLossesAndWhatOnlyLeadsToThem) {
  const std::string text =
      std::string(input_2x3) + relu("score", "") +
      "layer { name: 'target' type: 'Sigmoid' bottom: 'data' top: 'target' } "
      "layer { name: 'loss' type: 'EuclideanLoss' bottom: 'score' bottom: 'target' top: 'l2' }";
  Diagnostics problems;
  const caffe::ReadResult result = read_text(text, problems);
  EXPECT_THAT(output_names(*result.model.graph), ElementsAre("score"));
  EXPECT_TRUE(has_code(problems, Code::LayerLeftOut));
  EXPECT_FALSE(problems.has_errors());
}

TEST(CaffeRead, MakesAnInputOfADataLayerWhoseShapeIsKnown) {
  const std::string text =
      "layer { name: 'd' type: 'Data' top: 'data' top: 'label' "
      "transform_param { crop_size: 5 mean_value: 1 mean_value: 2 mean_value: 3 } "
      "data_param { batch_size: 2 } } " +
      relu("y", "");
  Diagnostics problems;
  const caffe::ReadResult result = read_text(text, problems);
  ASSERT_EQ(result.model.graph->inputs().size(), 1U);
  EXPECT_EQ(to_string(result.model.graph->inputs()[0]->type()), "f32[2,3,5,5]");
  const std::string open = "layer { name: 'd' type: 'Data' top: 'data' } " + relu("y", "");
  expect_error(Code::UnknownInputShape, [&] { read_text(open, problems); });
  const caffe::ReadResult given =
      read_text(open, problems, {.weights = {}, .input_shapes = {{"data", {1, 4}}}});
  EXPECT_EQ(to_string(given.model.graph->outputs().at(0)->type()), "f32[1,4]");
}

TEST(CaffeRead, RefusesACycleAlsoWhereNoOutputDependsOnIt) {
  Diagnostics problems;
  expect_error(Code::UndefinedValue, [&] {
    read_text(std::string(input_2x3) +
                  "layer { name: 'y' type: 'ReLU' bottom: 'data' top: 'y' } "
                  "layer { name: 'a' type: 'ReLU' bottom: 'b' top: 'a' } "
                  "layer { name: 'b' type: 'ReLU' bottom: 'a' top: 'b' }",
              problems);
  });
}

TEST(CaffeRead, RefusesABlobOfTwoLayersAndShapesThatAreNone) {
  Diagnostics problems;
  expect_error(Code::DuplicateName, [&] {
    read_text(std::string(input_2x3) +
                  "layer { name: 'a' type: 'ReLU' bottom: 'data' top: 'x' } "
                  "layer { name: 'b' type: 'ReLU' bottom: 'data' top: 'x' }",
              problems);
  });
  expect_error(Code::DimensionOutOfRange, [&] {
    read_text("input: 'data' input_shape { dim: -1 } " + relu("y", ""), problems);
  });
  expect_error(Code::MalformedField,
               [&] { read_text("input: 'a' input_dim: 1 " + relu("y", ""), problems); });
  expect_error(Code::MalformedField, [&] { read_text("layer {} layers {}", problems); });
  expect_error(Code::InvalidText, [&] {
    read_text("layer { type: 'X' top: 'x' x_param { a: 1 } x_param: 2 }", problems);
  });
}

TEST(CaffeRead, ReportsEveryLayerItCannotReadInOneRun) {
  const std::string text =
      std::string(input_2x3) +
      "layer { name: 'a' type: 'Python' bottom: 'data' top: 'a' } "
      "layer { name: 'b' type: 'ReLU' bottom: 'a' top: 'b' } "
      "layer { name: 'c' type: 'ReLU' bottom: 'data' top: 'c' relu_param { new_field: 1 } } "
      "layer { name: 'd' type: 'Softmax' bottom: 'nowhere' top: 'd' }";
  Diagnostics problems;
  read_text(text, problems);
  std::map<std::string, Code> codes;
  for (const Diagnostic& entry : problems.entries()) codes[entry.where.node] = entry.code;
  EXPECT_EQ(codes.size(), 3U) << describe(problems);
  EXPECT_EQ(codes["a"], Code::NoReaderForOp);
  EXPECT_EQ(codes["c"], Code::UnreadAttribute);
  EXPECT_EQ(codes["d"], Code::UndefinedValue);
}

TEST(CaffeWeights, OfAnotherNetworkAreRefused) {
  const TemporaryFolder folder;
  const std::string text = text_of(caffe_data() / "small.prototxt");
  const auto problems_with = [&](std::string_view from, std::string_view to) {
    std::string changed = text;
    changed.replace(changed.find(from), from.size(), to);
    Diagnostics problems;
    const auto path = folder.write("net.prototxt", changed);
    caffe::read(path, {.weights = caffe_data() / "small.caffemodel"}, problems);
    return problems;
  };
  EXPECT_TRUE(
      has_code(problems_with("num_output: 5", "num_output: 6"), Code::WeightsOfAnotherNetwork));
  EXPECT_TRUE(has_code(problems_with("bias_term: true", "bias_term: false"),
                       Code::WeightsOfAnotherNetwork));
  const Diagnostics renamed = problems_with("\"fc\" type", "\"other\" type");
  EXPECT_TRUE(has_code(renamed, Code::MissingWeights));
  EXPECT_TRUE(has_code(renamed, Code::UnusedWeights));
}

TEST(CaffeWeights, AllLayersThatDoNotFitAreReported) {
  const TemporaryFolder folder;
  std::string text = text_of(caffe_data() / "small.prototxt");
  for (const auto& [from, to] :
       {std::pair{"num_output: 3", "num_output: 4"}, std::pair{"\"fc\" type", "\"other\" type"}}) {
    text.replace(text.find(from), std::string_view(from).size(), to);
  }
  Diagnostics problems;
  const auto path = folder.write("net.prototxt", text);
  caffe::read(path, {.weights = caffe_data() / "small.caffemodel"}, problems);
  std::vector<Code> codes;
  for (const Diagnostic& problem : problems.entries()) codes.push_back(problem.code);
  EXPECT_THAT(codes, testing::IsSupersetOf({Code::WeightsOfAnotherNetwork, Code::MissingWeights,
                                            Code::UnusedWeights}))
      << describe(problems);
}

// A text that ends after a layer is a whole network, and another one.
TEST(CaffeWeights, TellThatAPrototxtIsCutShort) {
  const TemporaryFolder folder;
  const std::string text = text_of(caffe_data() / "small.prototxt");
  for (const std::string_view layer : {"fc", "scale"}) {
    SCOPED_TRACE(layer);
    const std::size_t name = text.find("name: \"" + std::string(layer) + "\"");
    const auto path = folder.write("net.prototxt", text.substr(0, text.rfind("layer", name)));
    Diagnostics problems;
    caffe::read(path, {.weights = caffe_data() / "small.caffemodel"}, problems);
    ASSERT_EQ(problems.entries().size(), 1U) << describe(problems);
    EXPECT_EQ(problems.entries()[0].code, Code::UnusedWeights);
    EXPECT_THAT(problems.entries()[0].message, testing::HasSubstr(layer));
    EXPECT_THAT(problems.entries()[0].help, testing::HasSubstr("cut short"));
  }
}

TEST(CaffeWeights, MissingOnesAreOneProblemUnlessTheyAreDrawn) {
  const TemporaryFolder folder;
  const auto path = folder.write("net.prototxt", text_of(caffe_data() / "small.prototxt"));
  Diagnostics problems;
  caffe::read(path, {}, problems);
  EXPECT_EQ(problems.entries().size(), 1U) << describe(problems);
  EXPECT_TRUE(has_code(problems, Code::MissingWeights));
  Diagnostics none;
  caffe::read(path, {.weights = {}, .random_weights = 5}, none);
  EXPECT_TRUE(none.empty()) << describe(none);
}

TEST(CaffeWeights, TheOnlyFileInTheFolderIsTakenWithANote) {
  const TemporaryFolder folder;
  const auto path = folder.write("deploy.prototxt", text_of(caffe_data() / "small.prototxt"));
  folder.write("trained.caffemodel", text_of(caffe_data() / "small.caffemodel"));
  Diagnostics problems;
  const ir::Model model = caffe::read(path, {}, problems);
  EXPECT_EQ(problems.entries().size(), 1U) << describe(problems);
  expect_near(run(*model.graph, {{"data", small_input()}}).at(0), small_expected);
  folder.write("other.caffemodel", "");
  Diagnostics ambiguous;
  caffe::read(path, {}, ambiguous);
  EXPECT_TRUE(has_code(ambiguous, Code::MissingWeights));
}

TEST(CaffeWeights, DrawnOnesDependOnTheSeedAndTheLayerAlone) {
  const auto draw = [](std::uint64_t seed) {
    Diagnostics problems;
    auto result = caffe::read_with_blobs(caffe_data() / "small.prototxt",
                                         {.weights = {}, .random_weights = seed}, problems);
    EXPECT_TRUE(problems.empty()) << describe(problems);
    return result;
  };
  const auto a = draw(1), b = draw(1), c = draw(2);
  ASSERT_EQ(a.blobs.size(), 4U);
  EXPECT_EQ(a.blobs[0].blobs[0].read_all(), b.blobs[0].blobs[0].read_all());
  EXPECT_NE(a.blobs[0].blobs[0].read_all(), c.blobs[0].blobs[0].read_all());
  const std::vector<double> variance = a.blobs[1].blobs[1].to_f64();
  for (const double value : variance) EXPECT_TRUE(value > 0.7 && value < 1.3) << value;
  EXPECT_THAT(a.blobs[1].blobs[2].to_f64(), ElementsAre(1));
  // A part reads as in the whole.
  const ir::Tensor& weight = a.blobs[3].blobs[0];
  const std::vector<std::byte> all = weight.read_all();
  std::vector<std::byte> part(23);
  weight.read(9, part);
  EXPECT_TRUE(std::equal(part.begin(), part.end(), all.begin() + 9));
}

TEST(CaffeWeights, DrawnOnesHaveTheVarianceOfTheirFanIn) {
  const caffe::BlobSpec spec{caffe::BlobRole::Weight, {100, 50, 3, 3}, 450};
  const std::vector<double> values = caffe::random_blob(spec, 7, 9).to_f64();
  double sum = 0, squares = 0;
  for (const double value : values) {
    sum += value;
    squares += value * value;
  }
  const auto count = static_cast<double>(values.size());
  EXPECT_NEAR(sum / count, 0, 4 * std::sqrt(2.0 / 450 / count));
  EXPECT_NEAR(squares / count, 2.0 / 450, 0.05 * 2.0 / 450);
}

TEST(CaffeWeights, AreWrittenSoThatTheyReadAgain) {
  const TemporaryFolder folder;
  Diagnostics problems;
  const auto drawn = caffe::read_with_blobs(caffe_data() / "small.prototxt",
                                            {.weights = {}, .random_weights = 3}, problems);
  caffe::write_weights("small", drawn.blobs, folder / "drawn.caffemodel");
  const auto again = caffe::read_with_blobs(caffe_data() / "small.prototxt",
                                            {.weights = folder / "drawn.caffemodel"}, problems);
  EXPECT_TRUE(problems.empty()) << describe(problems);
  const auto x = small_input();
  EXPECT_EQ(run(*drawn.model.graph, {{"data", x}}).at(0).to_f64(),
            run(*again.model.graph, {{"data", x}}).at(0).to_f64());
}

TEST(CaffeDeployed, StandsByItselfAndComputesTheSame) {
  const TemporaryFolder folder;
  const auto expected = [&](const std::string& name, const caffe::ReadOptions& options) {
    const ir::Model model = read_file(name, options);
    const std::string input = model.graph->inputs().at(0)->name();
    const auto dims = ir::known_dims(*model.graph->inputs()[0]->type().as_tensor()->shape);
    const Numbers x =
        numbers(static_cast<std::size_t>(*ir::element_count(ir::to_shape(*dims)).known()));
    const auto files =
        caffe::write_deployed(caffe_data() / name, options, folder / (name + ".prototxt"));
    Diagnostics problems;
    const ir::Model again = caffe::read(files.network, {}, problems);
    EXPECT_TRUE(problems.empty()) << describe(problems);
    EXPECT_EQ(run(*again.graph, {{input, x}}).at(0).to_f64(),
              run(*model.graph, {{input, x}}).at(0).to_f64());
    EXPECT_EQ(layer_names(*again.graph), layer_names(*model.graph));
  };
  expected("small.prototxt", {.weights = {}, .random_weights = 3});
  expected("small.caffemodel", {});
  expected("v1.prototxt", {});
  expected("v0.prototxt", {.weights = {}, .random_weights = 4});
}

TEST(CaffeDeployed, HasTheInputsItWasGivenAndNoLayersOfTraining) {
  const TemporaryFolder folder;
  const auto source = folder.write(
      "train.prototxt",
      "layer { name: 'd' type: 'Data' top: 'data' top: 'label' include { phase: TRAIN } } "
      "layer { name: 'fc' type: 'InnerProduct' bottom: 'data' top: 'fc' param { lr_mult: 1 } "
      "inner_product_param { num_output: 3 weight_filler { type: 'xavier' } } } "
      "layer { name: 'relu' type: 'ReLU' bottom: 'fc' top: 'fc' } "
      "layer { name: 'loss' type: 'SoftmaxWithLoss' bottom: 'fc' bottom: 'label' top: 'loss' }");
  const auto files = caffe::write_deployed(
      source, {.weights = {}, .random_weights = 1, .input_shapes = {{"data", {1, 4}}}},
      folder / "net.prototxt");
  Diagnostics problems;
  const auto again = caffe::read_with_blobs(files.network, {}, problems);
  EXPECT_TRUE(problems.empty()) << describe(problems);
  EXPECT_EQ(to_string(again.model.graph->inputs().at(0)->type()), "f32[1,4]");
  EXPECT_THAT(layer_names(*again.model.graph), ElementsAre("fc", "relu"));
}

TEST(CaffeDeployed, NeitherDrawsNorStoresWhatItDetects) {
  Diagnostics problems;
  const auto result = read_text(
      "layer { name: 'i' type: 'Input' top: 'l' top: 'c' top: 'p' input_param { "
      "shape { dim: 1 dim: 8 } shape { dim: 1 dim: 4 } shape { dim: 1 dim: 2 dim: 8 } } } "
      "layer { name: 'o' type: 'DetectionOutput' bottom: 'l' bottom: 'c' bottom: 'p' top: 'o' "
      "detection_output_param { num_classes: 2 visualize: true visualize_threshold: 0.5 "
      "save_file: 'x' save_output_param { output_directory: 'y' } } }",
      problems);
  EXPECT_FALSE(problems.has_errors()) << describe(problems);
  const caffe::Message& detection =
      result.network.fields.back().message.find("detection_output_param")->message;
  ASSERT_EQ(detection.fields.size(), 1U);
  EXPECT_EQ(detection.fields[0].name, "num_classes");
}

TEST(CaffeDeployed, IsNotWrittenWhereTheSourceHasProblems) {
  const TemporaryFolder folder;
  expect_error(Code::MissingWeights, [&] {
    const auto source = folder.write("net.prototxt", text_of(caffe_data() / "small.prototxt"));
    caffe::write_deployed(source, {}, folder / "out.prototxt");
  });
  EXPECT_FALSE(std::filesystem::exists(folder / "out.prototxt"));
  EXPECT_FALSE(std::filesystem::exists(folder / "out.caffemodel"));
}

TEST(CaffeWeights, StayInTheirFile) {
  Diagnostics problems;
  const auto result = caffe::read_with_blobs(caffe_data() / "small.caffemodel", {}, problems);
  const auto range = result.blobs.at(0).blobs.at(0).data()->range();
  ASSERT_TRUE(range);
  EXPECT_GE(range->source->descriptor(), 0);
}

TEST(CaffeRecognise, KnowsNamesAndContents) {
  const auto head = [](std::string_view text) { return std::as_bytes(std::span(text)); };
  EXPECT_TRUE(caffe::recognise(head("name: 'x'"), "a.prototxt"));
  EXPECT_TRUE(caffe::recognise({}, "a.caffemodel"));
  EXPECT_TRUE(caffe::recognise(head("name: 'x'\nlayer {"), "net.txt"));
  EXPECT_TRUE(caffe::recognise(head("layers  {"), "net.txt"));
  EXPECT_FALSE(caffe::recognise(head("node { name: 'x' }"), "graph.pbtxt"));
  EXPECT_FALSE(caffe::recognise(head("the layer { of"), "story.txt"));
  EXPECT_TRUE(caffe::recognise(head(text_of(caffe_data() / "small.caffemodel")), "weights.bin"));
  EXPECT_FALSE(caffe::recognise(head(std::string_view("\x08\x07\x12\x04", 4)), "model.onnx"));
}

TEST(CaffeSchema, KnowsFieldsByNameAndNumber) {
  EXPECT_EQ(caffe::find_field("LayerParameter", "convolution_param")->number, 106U);
  EXPECT_EQ(caffe::find_field("PoolingParameter", 12U)->name, "global_pooling");
  EXPECT_EQ(caffe::find_field("PoolingParameter", 99U), nullptr);
  EXPECT_EQ(caffe::enum_word("V1LayerParameter.LayerType", 39), "DECONVOLUTION");
  EXPECT_EQ(caffe::enum_word("V1LayerParameter.LayerType", 1000), "");
}

// conv, relu and norm write one blob; the end is a layer that no table knows.
constexpr std::string_view unreadable_end = R"(
  layer { name: "data" type: "Input" top: "data" input_param { shape { dim: 1 dim: 2 dim: 3 dim: 3 } } }
  layer { name: "im_info" type: "Input" top: "im_info" input_param { shape { dim: 1 dim: 3 } } }
  layer { name: "conv" type: "Convolution" bottom: "data" top: "conv" convolution_param { num_output: 2 kernel_size: 1 } }
  layer { name: "relu" type: "ReLU" bottom: "conv" top: "conv" }
  layer { name: "norm" type: "LRN" bottom: "conv" top: "conv" }
  layer { name: "fc" type: "InnerProduct" bottom: "conv" top: "fc" inner_product_param { num_output: 4 } }
  layer { name: "end" type: "SomethingOfMine" bottom: "fc" bottom: "im_info" top: "boxes" })";

caffe::ReadResult read_cut(const std::vector<std::string>& names, Diagnostics& problems) {
  return read_text(unreadable_end, problems, {.random_weights = 1, .outputs_at = names});
}

TEST(CaffeCut, WhatLiesBehindIsNotRead) {
  Diagnostics problems;
  read_cut({}, problems);
  EXPECT_TRUE(has_code(problems, Code::NoReaderForOp));
  Diagnostics none;
  const caffe::ReadResult result = read_cut({"fc"}, none);
  EXPECT_FALSE(none.has_errors()) << describe(none);
  EXPECT_THAT(result.model.cut_at, ElementsAre("fc"));
  EXPECT_THAT(output_names(*result.model.graph), ElementsAre("fc"));
  ASSERT_EQ(result.model.graph->inputs().size(), 1U);  // im_info leads nowhere
  EXPECT_EQ(result.model.graph->inputs()[0]->name(), "data");
}

TEST(CaffeCut, ALayerInPlaceEndsWhereItStands) {
  Diagnostics problems;
  const Numbers data = numbers(18);
  const auto conv = run(*read_cut({"relu"}, problems).model.graph, {{"data", data}}).at(0).to_f64();
  const auto before =
      run(*read_cut({"conv"}, problems).model.graph, {{"data", data}}).at(0).to_f64();
  ASSERT_EQ(conv.size(), before.size());
  bool any_negative = false;
  for (std::size_t i = 0; i < conv.size(); ++i) {
    any_negative = any_negative || before[i] < 0;
    EXPECT_EQ(conv[i], std::max(before[i], 0.0));
  }
  EXPECT_TRUE(any_negative);
}

TEST(CaffeCut, TheNetworkForOtherProgramsEndsThereToo) {
  const TemporaryFolder folder;
  folder.write("net.prototxt", unreadable_end);
  caffe::write_deployed(folder / "net.prototxt", {.random_weights = 1, .outputs_at = {"relu"}},
                        folder / "out.prototxt");
  Diagnostics problems;
  const ir::Model written = caffe::read(folder / "out.prototxt", {}, problems);
  EXPECT_FALSE(problems.has_errors()) << describe(problems);
  EXPECT_THAT(layer_names(*written.graph), ElementsAre("conv", "relu"));
  EXPECT_EQ(written.graph->inputs().size(), 1U);
}

// Work that grows with the square of the file would take minutes here, and a timeout.
TEST(CaffeRead, ThousandsOfLayersOfOneNameAndOfTopsAreNoWork) {
  std::string text =
      "layer { name: 'd' type: 'Input' top: 'x' input_param { shape { dim: 1 dim: 2 } } }";
  std::string tops;
  for (int i = 0; i < 20000; ++i) {
    text += "layer { name: 'r' type: 'ReLU' bottom: 'x' top: 'x' }\n";
    tops += fmt::format(" top: 's{}'", i);
  }
  text += "layer { name: 's' type: 'Split' bottom: 'x'" + tops + " }";
  Diagnostics problems;
  const caffe::ReadResult result = read_text(text, problems);
  EXPECT_FALSE(problems.has_errors());
  EXPECT_EQ(result.model.graph->outputs().size(), 20000U);
  EXPECT_EQ(result.model.graph->nodes().size(), 40000U);
}

// In time proportional to the file: a layer of 24,000 tops took eleven seconds once.
TEST(CaffeRead, ThousandsOfInputsOfOneLayerAreNoWork) {
  std::string text = "layer { name: 'in' type: 'Input'";
  for (int i = 0; i < 60'000; ++i) text += fmt::format(" top: 'd{}'", i);
  text += " input_param {";
  for (int i = 0; i < 60'000; ++i) text += fmt::format(" shape {{ dim: {} }}", i % 3 + 1);
  text += " } } layer { name: 'r' type: 'ReLU' bottom: 'd4' top: 'y' }";
  Diagnostics problems;
  const ir::Model model = read_text(text, problems).model;
  EXPECT_FALSE(problems.has_errors()) << describe(problems);
  EXPECT_EQ(model.graph->inputs().size(), 60'000U);
  EXPECT_EQ(ir::to_string(model.graph->find("y")->type()), "f32[2]");
}

}  // namespace
}  // namespace ponte::test
