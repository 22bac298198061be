// The error scale of each op against what ONNX Runtime's float32 kernels really do: on random
// inputs of many shapes, rms(error) / rms(sigma) lies between 0.02 and 8. LAB.md, Judging 2.
#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <set>

#include "base/random.h"
#include "base/temporary_folder.h"
#include "ops/all_ops.h"
#include "verify/graphs.h"
#include "verify/local_test.h"
#include "verify/sabotage/trial.h"

namespace ponte::verify {
namespace {

using Dims = std::vector<std::int64_t>;
using ir::DType;

enum class Draw : std::uint8_t { Normal, Positive, Small, Indices, Bytes, Steps, Absent };

struct Operand {
  Dims shape{};
  Draw draw = Draw::Normal;
  DType dtype = DType::Float32;
  bool constant = false;
  Dims values{};  // of a constant of integers
};

struct ScaleCase {
  std::string op;
  std::vector<Operand> operands;
  ir::Attributes attributes = {};
  std::size_t outputs = 1;
};

Operand weights(Dims shape) { return {.shape = std::move(shape), .constant = true}; }
Operand positive(Dims shape) { return {.shape = std::move(shape), .draw = Draw::Positive}; }
Operand integers(Dims values) {
  return {.shape = {std::ssize(values)}, .dtype = DType::Int64, .constant = true, .values = values};
}

const Operand absent{.shape = {}, .draw = Draw::Absent};

const std::vector<ScaleCase>& cases() {
  static const std::vector<ScaleCase> all{
      {"Add", {{{3, 700}}, {{700}}}},
      {"AveragePool", {{{1, 3, 17, 19}}}, {{"kernel_shape", Dims{3, 3}}}},
      {"AveragePool", {{{2, 5, 40, 40}}}, {{"kernel_shape", Dims{13, 11}}}},
      {"BatchNormalization",
       {{{2, 5, 11, 13}},
        weights({5}),
        weights({5}),
        weights({5}),
        {{5}, Draw::Positive, DType::Float32, true}}},
      {"BatchNormalization",
       {{{1, 64, 3, 7}},
        weights({64}),
        weights({64}),
        weights({64}),
        {{64}, Draw::Positive, DType::Float32, true}}},
      {"Cast", {{{1000}, Draw::Normal, DType::Float64}}, {{"to", std::int64_t{1}}}},
      {"CastLike", {{{1000}, Draw::Normal, DType::Float64}, {{1}}}},
      {"Conv",
       {{{1, 3, 24, 25}}, weights({8, 3, 3, 3}), weights({8})},
       {{"pads", Dims{1, 1, 1, 1}}}},
      {"Conv", {{{1, 64, 14, 13}}, weights({48, 64, 3, 3})}},
      {"Conv", {{{1, 512, 5, 7}}, weights({24, 512, 1, 1}), weights({24})}},
      {"Conv", {{{2, 256, 9, 9}}, weights({16, 256, 5, 5})}, {{"strides", Dims{2, 2}}}},
      {"Conv",
       {{{1, 32, 20, 21}}, weights({32, 1, 3, 3}), weights({32})},
       {{"group", std::int64_t{32}}, {"pads", Dims{1, 1, 1, 1}}}},
      {"Conv", {{{1, 12, 50}}, weights({10, 12, 5})}, {{"dilations", Dims{2}}}},
      {"ConvTranspose",
       {{{1, 7, 9, 8}}, weights({7, 5, 2, 2}), weights({5})},
       {{"strides", Dims{2, 2}}}},
      {"ConvTranspose", {{{1, 96, 6, 7}}, weights({96, 24, 4, 4})}, {{"strides", Dims{2, 2}}}},
      {"CumSum", {{{7, 30}}, integers({1})}},
      {"CumSum", {{{400, 3}}, integers({0})}},
      {"DequantizeLinear", {{{500}, Draw::Bytes, DType::Uint8}, positive({})}},
      {"Div", {{{900}}, positive({900})}},
      {"Einsum", {{{7, 50}}, {{50, 9}}}, {{"equation", std::string("ij,jk->ik")}}},
      {"Elu", {{{2000}}}, {{"alpha", 0.7F}}},
      {"Exp", {{{2000}}}},
      {"Gemm", {{{5, 70}}, weights({70, 33}), weights({33})}},
      {"Gemm", {{{1, 2000}}, weights({90, 2000}), weights({90})}, {{"transB", std::int64_t{1}}}},
      {"Gemm", {{{16, 9}}, weights({9, 40}), weights({40})}, {{"alpha", 0.5F}, {"beta", 2.0F}}},
      {"GlobalAveragePool", {{{1, 50, 7, 9}}}},
      {"GlobalAveragePool", {{{2, 9, 40, 41}}}},
      {"LRN", {{{1, 40, 9, 11}}}, {{"size", std::int64_t{5}}, {"alpha", 1e-4F}, {"beta", 0.75F}}},
      {"LRN",
       {{{2, 16, 6, 5}}},
       {{"size", std::int64_t{3}}, {"alpha", 0.5F}, {"beta", 0.75F}, {"bias", 2.0F}}},
      {"LSTM",
       {{{6, 2, 11}}, weights({1, 28, 11}), weights({1, 28, 7}), weights({1, 56})},
       {{"hidden_size", std::int64_t{7}}},
       3},
      {"LSTM",
       {{{4, 1, 90}}, weights({2, 160, 90}), weights({2, 160, 40})},
       {{"hidden_size", std::int64_t{40}}, {"direction", std::string("bidirectional")}},
       3},
      {"LSTM",
       {{{100, 1, 16}}, weights({1, 32, 16}), weights({1, 32, 8})},
       {{"hidden_size", std::int64_t{8}}},
       3},
      {"LeakyRelu", {{{1500}}}, {{"alpha", 0.1F}}},
      {"Log", {positive({3000})}},
      {"LpNormalization", {{{9, 30, 7}}}, {{"axis", std::int64_t{1}}, {"p", std::int64_t{2}}}},
      {"LpNormalization", {{{9, 300}}}, {{"axis", std::int64_t{1}}, {"p", std::int64_t{1}}}},
      {"MatMul", {{{4, 9, 30}}, {{4, 30, 17}}}},
      {"MatMul", {{{3, 1500}}, weights({1500, 21})}},
      {"Mul", {{{3, 700}}, {{700}}}},
      {"PRelu", {{{1, 9, 13, 12}}, weights({9, 1, 1})}},
      {"Pow", {positive({2000}), {{1}, Draw::Small}}},
      {"Pow", {positive({2000}), weights({1})}},
      {"QuantizeLinear", {{{900}}, positive({})}},
      {"Range", {{{}, Draw::Small}, {{}, Draw::Steps}, {{}, Draw::Small}}},
      {"ReduceMean", {{{9, 31, 7}}, integers({1})}},
      {"ReduceMean", {{{3, 5000}}, integers({1})}},
      {"ReduceSum", {{{9, 31, 7}}, integers({0, 2})}},
      {"ReduceSum", {{{3, 5000}}, integers({1})}},
      {"Resize",
       {{{1, 3, 17, 300}}, absent, absent, integers({1, 3, 29, 470})},
       {{"mode", std::string("linear")}}},
      {"Resize",
       {{{1, 3, 17, 300}}, absent, absent, integers({1, 3, 31, 600})},
       {{"mode", std::string("linear")},
        {"coordinate_transformation_mode", std::string("align_corners")}}},
      {"Resize",
       {{{2, 2, 40, 31}}, absent, absent, integers({2, 2, 33, 70})},
       {{"mode", std::string("cubic")}}},
      {"Resize",
       {{{1, 2, 90, 80}}, absent, absent, integers({1, 2, 33, 30})},
       {{"mode", std::string("linear")}, {"antialias", std::int64_t{1}}}},
      {"ScatterElements",
       {{{40, 9}}, {{60, 9}, Draw::Indices, DType::Int64}, {{60, 9}}},
       {{"reduction", std::string("add")}}},
      {"ScatterND",
       {{{40, 9}}, {{60, 1}, Draw::Indices, DType::Int64}, {{60, 9}}},
       {{"reduction", std::string("add")}}},
      {"Sigmoid", {{{3000}}}},
      {"Softmax", {{{40, 9}}}, {{"axis", std::int64_t{1}}}},
      {"Softmax", {{{3, 1000}}}, {{"axis", std::int64_t{1}}}},
      {"Softmax", {{{1, 2, 30, 31}}}, {{"axis", std::int64_t{1}}}},
      {"Softplus", {{{3000}}}},
      {"Sqrt", {positive({2000})}},
      {"Sub", {{{3, 700}}, {{700}}}},
      {"Sum", {{{40, 50}}, {{40, 50}}, {{40, 50}}}},
      {"Sum", {{{40, 50}}, {{40, 50}}, {{40, 50}}, {{50}}, {{40, 50}}, {{40, 50}}}},
      {"Tanh", {{{3000}}}},
  };
  return all;
}

double drawn(Draw draw, Random& random) {
  switch (draw) {
    case Draw::Normal:
      return random.normal();
    case Draw::Positive:
      return 0.05 + 3 * random.uniform();
    case Draw::Small:
      return 0.3 + random.uniform();
    case Draw::Indices:
      return static_cast<double>(random.below(40));
    case Draw::Bytes:
      return static_cast<double>(random.below(256));
    case Draw::Steps:
      return 700 + random.uniform();
    case Draw::Absent:
      break;
  }
  return 0;
}

ops::Array values_of(const Operand& operand, std::uint64_t seed) {
  Random random(seed);
  ops::Array array = ops::Array::zeros(operand.dtype, operand.shape, ops::Arithmetic::Judge);
  if (array.holds<double>()) {
    for (double& value : array.mutable_as<double>()) {
      value = drawn(operand.draw, random);
      if (operand.dtype == DType::Float32) value = static_cast<double>(static_cast<float>(value));
    }
  } else {
    const auto elements = array.mutable_as<std::int64_t>();
    for (std::size_t i = 0; i < elements.size(); ++i) {
      elements[i] = operand.values.empty() ? static_cast<std::int64_t>(drawn(operand.draw, random))
                                           : operand.values[i];
    }
  }
  return array;
}

// All cases as one graph, so that one worker runs them: no node sees another one's result.
struct AllCases {
  ir::Model model;
  Inputs inputs;

  AllCases() {
    model.graph = std::make_unique<ir::Graph>(ops::all_ops());
    ir::Graph& graph = *model.graph;
    for (std::size_t at = 0; at < cases().size(); ++at) {
      const ScaleCase& one = cases()[at];
      ir::NodeSpec spec;
      spec.op = one.op;
      spec.name = one.op + "/" + std::to_string(at);
      spec.attributes = one.attributes;
      for (std::size_t i = 0; i < one.operands.size(); ++i) {
        const Operand& operand = one.operands[i];
        if (operand.draw == Draw::Absent) {
          spec.inputs.push_back(nullptr);
          continue;
        }
        const std::string name = spec.name + "/input" + std::to_string(i);
        ops::Array array = values_of(operand, 1000 * at + i);
        if (operand.constant) {
          spec.inputs.push_back(&graph.add_constant(name, ops::store(array)));
        } else {
          spec.inputs.push_back(
              &graph.add_input(name, ir::Type::tensor(operand.dtype, ir::to_shape(operand.shape))));
          inputs[name] = ops::Datum{std::move(array)};
        }
      }
      for (std::size_t i = 0; i < one.outputs; ++i)
        spec.outputs.push_back(spec.name + "/output" + std::to_string(i));
      for (ir::Value* output : graph.add(std::move(spec)).outputs()) graph.add_output(*output);
    }
  }
};

TEST(ErrorScaleTest, IsTheSizeOfWhatFloat32KernelsDo) {
  const test::TemporaryFolder scratch;
  AllCases all;
  const ir::Graph& graph = *all.model.graph;
  Diagnostics problems;
  const auto file = scratch / "all.onnx";
  convert::format_named("onnx").write(all.model, file, {}, problems);
  for (const Diagnostic& problem : problems.entries()) ADD_FAILURE() << problem.message;
  const auto subject = sabotage::subject_on("onnxruntime", file, {}, "onnx", graph);
  if (!subject) GTEST_SKIP() << "ONNX Runtime is missing";
  const auto values = run_subject(subject->spec, {all.inputs}, {});
  ASSERT_TRUE(values) << runtimes::describe(values.failure());
  std::unordered_map<const ir::Value*, ops::Datum> known;
  for (const ir::Value* input : graph.inputs()) known.emplace(input, all.inputs.at(input->name()));
  for (const ir::Value* output : graph.outputs())
    known.emplace(output, values.value().front().at(output->name()));
  Judge judge(graph, {});
  std::size_t compared = 0;
  for (const LocalError& error : local_errors(graph, judge, known, 1)) {
    if (!known.at(error.node->output(0)).array().holds<double>()) continue;
    const double ratio = error.error / (error.bound / local_kappa);
    RecordProperty(error.value, std::to_string(ratio));
    EXPECT_GT(ratio, 0.02) << error.value;
    EXPECT_LT(ratio, 8) << error.value;
    EXPECT_FALSE(error.fails) << error.value << " " << error.error << " " << error.bound;
    ++compared;
  }
  EXPECT_GE(compared, cases().size() - 1);
}

// One large term and then many small ones: added one after the other in single precision, each of
// them is lost (0.6 of a unit roundoff), and with them 4e-5 of the sum.
TEST(ErrorScaleTest, TheSumOfSoftmaxMaySwallowSmallTerms) {
  ir::Graph graph(ops::all_ops());
  ir::Value& x = graph.add_input("x", floats({1, 1000}));
  graph.add_output(graph.add("Softmax", {&x}));
  std::vector<double> values(1000, std::log(0.6 * 0x1p-24));
  values[0] = 0;
  const Inputs inputs{{"x", tensor({1, 1000}, values)}};
  Judge judge(graph, {});
  const Judgement judgement = judge.run(inputs, 4, 1);
  const double expected = judgement.outputs[0].reference.array().to_f64()[0];
  evaluate::Options exact;
  exact.arithmetic = ops::Arithmetic::Exact;
  const Inputs narrow{
      {"x",
       {ops::Array(DType::Float32, {1, 1000}, std::vector<float>(values.begin(), values.end()))}}};
  const double given = evaluate::Evaluator(graph, exact).run(narrow).outputs[0].array().to_f64()[0];
  double squares = 0;
  for (const double square : judgement.outputs[0].squares) squares += square;
  const double spread = std::sqrt(squares / 4);  // nearly all of it is of the large term
  EXPECT_GT(std::abs(given - expected), 1e-5);
  EXPECT_LT(std::abs(given - expected), 4 * spread);
}

TEST(ErrorScaleTest, EveryOpThatRoundsHasACase) {
  std::set<std::string, std::less<>> covered;
  for (const ScaleCase& one : cases()) covered.insert(one.op);
  for (const ir::Op* op : ops::all_ops().ops()) {
    if (op->exactness != ir::Exactness::Rounds || !op->domain.empty()) continue;
    EXPECT_TRUE(op->scale) << op->name << " rounds, and has no error scale";
    EXPECT_TRUE(covered.contains(op->name)) << op->name;
  }
}

}  // namespace
}  // namespace ponte::verify
