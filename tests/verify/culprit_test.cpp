// The search for a culprit in a subject that is scripted here. LAB.md, Judging 5.
#include "verify/culprit.h"

#include <gmock/gmock.h>

#include <algorithm>

#include "base/temporary_folder.h"
#include "convert/convert.h"
#include "verify/graphs.h"

namespace ponte::verify {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

// A runtime that evaluates its ONNX file in double precision, with a fault of its own.
class CulpritTest : public testing::Test {
 protected:
  CulpritTest() {
    model_.graph = small_graph();
    subject_graph_ = small_graph();
    write(*this, subject_graph_);
    subject_.graph = subject_graph_.get();
    subject_.spec.label = "scripted on file.onnx";
    subject_.spec.runtime = "scripted";
    subject_.spec.model_path = "file.onnx";
    subject_.spec.load.model = (folder_ / "file.onnx").string();
    subject_.spec.load.format = "onnx";
  }

  static void write(CulpritTest& test, std::unique_ptr<ir::Graph>& graph) {
    ir::Model model;
    model.graph = std::move(graph);
    Diagnostics problems;
    convert::format_named("onnx").write(model, test.folder_ / "file.onnx", {}, problems);
    EXPECT_FALSE(problems.has_errors());
    graph = std::move(model.graph);
  }

  // Puts a node behind the output, whose name it takes.
  static void append(ir::Graph& graph, const char* op) {
    ir::Value& product = *graph.find("product");
    ir::Value& last = graph.add(op, {&product}, {}, "last");
    graph.set_output(0, last);
    graph.rename(product, "inner");
    graph.rename(last, "product");
  }

  using Change = std::function<void(const std::vector<std::string>& outputs, Values&)>;

  LocalFindings search(EndToEnd outputs, const Change& change) {
    const std::vector<Inputs> sets{small_inputs(5), small_inputs(6)};
    const auto right = Judge(*model_.graph, {}).all_values(sets[0]).at("product");
    const Interface interface(*model_.graph, *subject_.graph, {}, subject_.shapes);
    CulpritSearch search{*model_.graph, subject_, interface, sets, folder_.path(),
                         options_,      outputs,  {},        {}};
    search.differ = [&](const std::vector<Values>& values) {
      return values[0].at("product").array().to_f64() != right.array().to_f64();
    };
    search.runner.layers = [](const SubjectSpec&) { return std::vector<std::string>(); };
    search.runner.run = [&](const SubjectSpec& spec, const std::vector<Inputs>& given,
                            const std::vector<std::string>&) {
      Diagnostics problems;
      const convert::Source source = convert::read(spec.load.model, "onnx", {}, problems);
      std::vector<std::string> names;
      for (const ir::Value* output : source.model.graph->outputs()) names.push_back(output->name());
      std::vector<Values> results;
      for (const Inputs& inputs : given) {
        Values values;
        auto all = Judge(*source.model.graph, {}).all_values(inputs);
        for (const std::string& name : names) values[name] = all.at(name);
        change(names, values);
        results.push_back(std::move(values));
      }
      return results;
    };
    return find_culprit(search);
  }

  static void shift(Values& values, const std::string& name) {
    if (!values.contains(name)) return;
    ops::Array array = values[name].array();
    for (double& v : array.mutable_as<double>()) v += 1e-3;
    values[name] = ops::Datum{array};
  }

  const test::TemporaryFolder folder_;
  ir::Model model_;
  std::unique_ptr<ir::Graph> subject_graph_;
  VerifySubject subject_;
  VerifyOptions options_;
};

TEST_F(CulpritTest, IsTheFirstNodeThatDoesNotFollow) {
  const LocalFindings findings = search(EndToEnd::Differs, [](const auto&, Values& values) {
    shift(values, "conv");
    shift(values, "product");
  });
  ASSERT_TRUE(findings.culprit) << findings.why;
  EXPECT_EQ(findings.culprit->node, "conv_node");
  EXPECT_EQ(findings.culprit->op, "Conv");
  EXPECT_EQ(findings.culprit->kind, "node");
  EXPECT_THAT(findings.culprit->origin, ElementsAre("conv_layer"));
  EXPECT_GT(findings.culprit->local_error, findings.culprit->bound);
}

TEST_F(CulpritTest, IsSoughtWhereTheOutputsAgreeToo) {
  const LocalFindings findings =
      search(EndToEnd::Equivalent, [](const auto&, Values& values) { shift(values, "relu"); });
  ASSERT_TRUE(findings.culprit);
  EXPECT_EQ(findings.culprit->node, "relu_node");
  EXPECT_FALSE(search(EndToEnd::Equivalent, [](const auto&, Values&) {}).culprit);
}

TEST_F(CulpritTest, AConstantThatDiffersIsNamed) {
  subject_graph_->set_tensor(*subject_graph_->find("m"), constant({7, 4}, 77));
  write(*this, subject_graph_);
  const LocalFindings findings = search(EndToEnd::Differs, [](const auto&, Values&) {});
  ASSERT_TRUE(findings.culprit) << findings.why;
  EXPECT_EQ(findings.culprit->node, "product_node");
  EXPECT_EQ(findings.culprit->kind, "constant");
  EXPECT_THAT(findings.why, HasSubstr("`m` has other values in file.onnx"));
}

// The file of another program, whose names are hints.
TEST_F(CulpritTest, ABiasThatIsNotThereIsNamed) {
  subject_.shapes = Shapes::MayDiffer;
  subject_graph_->set_input(*subject_graph_->find("conv")->producer(), 2, nullptr);
  write(*this, subject_graph_);
  const LocalFindings findings = search(EndToEnd::Differs, [](const auto&, Values&) {});
  ASSERT_TRUE(findings.culprit) << findings.why;
  EXPECT_EQ(findings.culprit->node, "conv_node");
  EXPECT_THAT(findings.why, HasSubstr("`b` is not there in file.onnx"));
}

TEST_F(CulpritTest, ANodeOfAnotherOpIsNamed) {
  subject_.shapes = Shapes::MayDiffer;
  ir::Node& relu = *subject_graph_->find("relu")->producer();
  ir::Value& other = subject_graph_->add("Abs", {subject_graph_->find("conv")}, {}, "other", &relu);
  subject_graph_->replace_uses(*subject_graph_->find("relu"), other);
  subject_graph_->erase(relu);
  subject_graph_->rename(other, "relu");
  write(*this, subject_graph_);
  const LocalFindings findings = search(EndToEnd::Differs, [](const auto&, Values&) {});
  ASSERT_TRUE(findings.culprit) << findings.why;
  EXPECT_EQ(findings.culprit->node, "relu_node");
  EXPECT_THAT(findings.why, HasSubstr("is of the op Abs in file.onnx"));
}

TEST_F(CulpritTest, AnOutputOfAnotherOpIsNamed) {
  subject_.shapes = Shapes::MayDiffer;
  append(*model_.graph, "Relu");
  append(*subject_graph_, "Abs");
  write(*this, subject_graph_);
  const LocalFindings findings = search(EndToEnd::Differs, [](const auto&, Values&) {});
  ASSERT_TRUE(findings.culprit) << findings.why;
  EXPECT_EQ(findings.culprit->op, "Relu");
  EXPECT_THAT(findings.why, HasSubstr("`product` is of the op Abs in file.onnx"));
}

TEST_F(CulpritTest, WhatStandsBeforeAnOutputIsNamed) {
  subject_.shapes = Shapes::MayDiffer;
  append(*subject_graph_, "Abs");
  write(*this, subject_graph_);
  const LocalFindings findings = search(EndToEnd::Differs, [](const auto&, Values&) {});
  ASSERT_TRUE(findings.culprit) << findings.why;
  EXPECT_EQ(findings.culprit->op, "Abs");
  EXPECT_THAT(findings.culprit->origin, ElementsAre("product_layer"));
  EXPECT_THAT(findings.why, HasSubstr("stands between `inner` and the output `product` in "
                                      "file.onnx and not in the first file"));
}

// Less than what the local test sees.
TEST_F(CulpritTest, AConstantThatDiffersIsNamedWhereAllValuesFollow) {
  const ir::Tensor near = constant({7, 4}, 3);
  std::vector<float> values;
  for (const double v : ops::load(near, ops::Arithmetic::Judge).to_f64())
    values.push_back(static_cast<float>(v * (1 + 0x1p-22)));
  subject_graph_->set_tensor(*subject_graph_->find("m"), ir::Tensor::f32({7, 4}, values));
  write(*this, subject_graph_);
  const LocalFindings findings = search(EndToEnd::Differs, [](const auto&, Values&) {});
  ASSERT_TRUE(findings.culprit) << findings.why;
  EXPECT_EQ(findings.culprit->node, "product_node");
  EXPECT_EQ(findings.culprit->kind, "constant");
}

// A body has no error scale: the runtime that runs it wrongly, in the file that was read.
TEST_F(CulpritTest, TheOnlyNodeThatCannotBeTestedIsNamed) {
  ir::Graph& graph = *subject_graph_;
  ir::Value& one = graph.add_constant("one", ir::Tensor::scalar_i64(1));
  ir::Value& which = graph.add("Cast", {&one}, {{"to", std::int64_t{9}}}, "which");
  ir::NodeSpec spec{.domain = "", .op = "If", .name = "choice", .inputs = {&which}};
  for (const char* name : {"then_branch", "else_branch"}) {
    auto body = graph.make_subgraph();
    body->add_output(body->add("Neg", {graph.find("product")}, {}, name));
    spec.subgraphs.push_back({name, std::move(body), false});
  }
  spec.outputs = {"chosen"};
  ir::Value& chosen = *graph.add(std::move(spec)).output(0);
  graph.set_output(0, chosen);
  graph.rename(*graph.find("product"), "inner");
  graph.rename(chosen, "product");
  write(*this, subject_graph_);
  std::swap(model_.graph, subject_graph_);
  subject_.graph = model_.graph.get();
  subject_graph_ = nullptr;
  const LocalFindings findings =
      search(EndToEnd::Differs, [](const auto&, Values& values) { shift(values, "product"); });
  ASSERT_TRUE(findings.culprit) << findings.why;
  EXPECT_EQ(findings.culprit->node, "choice");
  EXPECT_THAT(findings.why, HasSubstr("`choice` alone can't be tested"));
}

TEST_F(CulpritTest, SaysInWhichFileAllValuesFollow) {
  EXPECT_EQ(search(EndToEnd::Equivalent, [](const auto&, Values&) {}).why,
            "each of 3 values that scripted shows follows from those before it in both files");
  subject_.shapes = Shapes::MayDiffer;
  EXPECT_EQ(search(EndToEnd::Equivalent, [](const auto&, Values&) {}).why,
            "each of 3 values that scripted shows follows from those before it in its own file");
}

// As an optimiser that fuses Conv and Relu wrongly, unless something else needs what is between.
TEST_F(CulpritTest, AFaultThatAddedOutputsHealDependsOnFusion) {
  const LocalFindings findings =
      search(EndToEnd::Differs, [](const std::vector<std::string>& outputs, Values& values) {
        if (std::ranges::find(outputs, "conv") == outputs.end()) shift(values, "product");
      });
  ASSERT_TRUE(findings.culprit) << findings.why;
  EXPECT_EQ(findings.culprit->kind, "region");
  EXPECT_THAT(findings.culprit->region, ElementsAre("conv_node", "relu_node"));
  EXPECT_THAT(findings.culprit->origin, ElementsAre("conv_layer", "relu_layer"));
  EXPECT_THAT(findings.why, HasSubstr("depends-on-fusion"));
  EXPECT_THAT(findings.why, HasSubstr("`conv`"));
}

}  // namespace
}  // namespace ponte::verify
