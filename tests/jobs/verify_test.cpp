// `ponte verify`, on ONNX Runtime where this machine has it.
#include "jobs/verify.h"

#include <gmock/gmock.h>

#include "base/json.h"
#include "base/temporary_folder.h"
#include "convert/convert.h"
#include "ir/text.h"
#include "jobs/convert.h"
#include "ops/all_ops.h"
#include "paths.h"

namespace ponte::jobs {
namespace {

using testing::Contains;
using testing::HasSubstr;

VerifyOptions options_for(const std::string& name) {
  VerifyOptions options;
  options.model.path = test::data_folder() / "jobs" / name;
  options.search = runtimes::default_search_path();
  options.search->worker_folder = test::program_folder();
  return options;
}

std::string missing_runtime() {
  const runtimes::SearchPath search = *options_for("").search;
  const auto found = runtimes::discover({.name = "onnxruntime"}, search);
  if (!found.found) return found.why_not;
  return std::filesystem::exists(test::program_folder() / "ponte-worker-onnxruntime")
             ? ""
             : "its worker was not built";
}

class OnOnnxRuntime : public testing::Test {
 protected:
  void SetUp() override {
    if (const std::string why = missing_runtime(); !why.empty()) GTEST_SKIP() << why;
  }
};

VerifyJobResult with_verdict(verify::Verdict verdict) {
  VerifyJobResult job;
  job.result.verdict = verdict;
  return job;
}

TEST(VerifyExitCode, follows_the_verdict) {
  EXPECT_EQ(exit_code(with_verdict(verify::Verdict::Equivalent)), 0);
  EXPECT_EQ(exit_code(with_verdict(verify::Verdict::WithinTolerance)), 0);
  EXPECT_EQ(exit_code(with_verdict(verify::Verdict::Different)), 1);
  VerifyJobResult undecided = with_verdict(verify::Verdict::Undecided);
  EXPECT_EQ(exit_code(undecided), 1);
  undecided.undecided = UndecidedIs::Success;
  EXPECT_EQ(exit_code(undecided), 0);
}

TEST(Verify, of_a_runtime_that_is_named_and_missing_ends_with_5) {
  VerifyOptions options = options_for("counted.onnx");
  options.runtimes = {"onnxruntime@0.0.1"};
  const VerifyJobResult job = verify_models(options);
  EXPECT_EQ(exit_code(job), 5);
  ASSERT_EQ(job.result.subjects.size(), 1U);
  EXPECT_EQ(job.result.subjects[0].status, "unavailable");
}

TEST(Verify, with_names_for_another_file_needs_one) {
  VerifyOptions options = options_for("scaled.onnx");
  options.names.outputs["y"] = "z";
  const VerifyJobResult job = verify_models(options);
  EXPECT_EQ(exit_code(job), 2);
  EXPECT_THAT(job.problems.entries().at(0).message, HasSubstr("need another file"));
}

TEST(Verify, of_a_file_that_is_not_there_has_all_keys_in_its_document) {
  const VerifyJobResult job = verify_models(options_for("absent.onnx"));
  EXPECT_EQ(exit_code(job), 5);
  const Json json = to_json(job);
  for (const char* key : {"schema", "verdict", "inputs", "subjects", "outputs", "blame", "excused",
                          "culprit", "culprit_why", "problems"})
    EXPECT_TRUE(json.contains(key)) << key;
  EXPECT_EQ(json["schema"], "ponte/verify/1");
  EXPECT_EQ(json["verdict"], "undecided");
  EXPECT_TRUE(json["culprit"].is_null());
}

TEST_F(OnOnnxRuntime, a_model_is_itself) {
  VerifyOptions options = options_for("counted.onnx");
  const VerifyJobResult job = verify_models(options);
  EXPECT_EQ(exit_code(job), 0) << json_text(to_json(job));
  const Json json = to_json(job);
  EXPECT_EQ(json["verdict"], "equivalent");
  EXPECT_EQ(json["outputs"].size(), 2U);
  EXPECT_EQ(json["subjects"][0]["precision"], "f32");
}

TEST_F(OnOnnxRuntime, all_ops_that_can_not_be_judged_are_named_at_once) {
  const VerifyJobResult job = verify_models(options_for("unevaluable.onnx"));
  EXPECT_EQ(exit_code(job), 3);
  ASSERT_EQ(job.problems.entries().size(), 2U);
  for (const Diagnostic& problem : job.problems.entries()) {
    EXPECT_EQ(problem.code, Code::NotEvaluable);
    EXPECT_THAT(problem.help, HasSubstr("--outputs-at"));
  }
  EXPECT_EQ(job.problems.entries()[0].where.op, "Sin");
  EXPECT_EQ(job.problems.entries()[1].where.op, "Cos");
}

TEST_F(OnOnnxRuntime, inputs_that_are_not_there_are_a_problem_of_their_folder) {
  const test::TemporaryFolder folder;
  VerifyOptions options = options_for("scaled.onnx");
  options.inputs.samples = folder.path();
  const VerifyJobResult job = verify_models(options);
  EXPECT_EQ(job.problems.entries().at(0).where.file, folder.path().string());
}

// ONNX Runtime refuses the same file with these sizes in it, as a branch is for others.
TEST_F(OnOnnxRuntime, open_sizes_that_are_given_leave_the_file_as_it_is) {
  if (!std::filesystem::exists(test::models_folder())) GTEST_SKIP() << test::missing_models();
  const test::TemporaryFolder folder;
  const std::string header = "{'descr': '<i8', 'fortran_order': False, 'shape': (), }";
  const std::string rate = std::string("\x93NUMPY\x01\x00\x76\x00", 10) + header +
                           std::string(0x75 - header.size(), ' ') + '\n' +
                           std::string("\x80\x3e\0\0\0\0\0\0", 8);  // 16000
  VerifyOptions options = options_for("");
  options.model.path = test::models_folder() / "onnx/silero-vad-v6/silero_vad.onnx";
  add_input_shape(options.model.shapes, "input=1,576");
  add_input_shape(options.model.shapes, "state=2,1,128");
  options.inputs.single["sr"] = folder.write("rate.npy", rate).string();
  const VerifyJobResult job = verify_models(options);
  EXPECT_EQ(exit_code(job), 0) << to_json(job).dump(1);
}

TEST_F(OnOnnxRuntime, a_copy_that_does_not_work_hides_no_other) {
  const test::TemporaryFolder folder;
  folder.write("lib/libonnxruntime.so.9.9.9", "garbage");
  VerifyOptions options = options_for("counted.onnx");
  options.search->places.insert(options.search->places.begin(), {folder.path(), "here"});
  const VerifyJobResult job = verify_models(options);
  EXPECT_EQ(exit_code(job), 0) << json_text(to_json(job));
  ASSERT_EQ(job.problems.entries().size(), 1U);
  EXPECT_THAT(job.problems.entries()[0].message, HasSubstr("9.9.9 at"));
}

TEST_F(OnOnnxRuntime, open_sizes_are_tried) {
  VerifyOptions options = options_for("open_batch.onnx");
  const VerifyJobResult job = verify_models(options);
  EXPECT_EQ(exit_code(job), 0) << json_text(to_json(job));
  EXPECT_THAT(job.result.further, Contains(testing::Field(&verify::FurtherResult::set, "batch 7")));
  options.model.shapes.dims["bach"] = 2;
  const VerifyJobResult misspelt = verify_models(options);
  EXPECT_EQ(exit_code(misspelt), 2);
  EXPECT_EQ(misspelt.problems.entries().at(0).help, "did you mean `batch`?");
}

TEST_F(OnOnnxRuntime, another_file_with_other_weights_is_different_and_the_constant_is_named) {
  const test::TemporaryFolder folder;
  Diagnostics problems;
  convert::Source source =
      convert::read(test::data_folder() / "jobs/counted.onnx", "onnx", {}, problems);
  const std::vector<float> bias{9, 8, 7};
  source.model.graph->set_tensor(*source.model.graph->find("gemm_b"), ir::Tensor::f32({3}, bias));
  convert::format_named("onnx").write(source.model, folder / "other.onnx", {}, problems);
  ASSERT_FALSE(problems.has_errors());
  VerifyOptions options = options_for("counted.onnx");
  options.others = {folder / "other.onnx"};
  const VerifyJobResult job = verify_models(options);
  EXPECT_EQ(exit_code(job), 1);
  EXPECT_THAT(job.result.constants,
              Contains(testing::Field(&verify::ConstantDifference::constant, "gemm_b")));
  EXPECT_THAT(job.result.blame, HasSubstr("other.onnx"));
  ASSERT_TRUE(job.result.culprit.has_value());
  EXPECT_EQ(job.result.culprit->kind, "constant");
  EXPECT_EQ(job.result.culprit->node, "gemm");
}

// In its own file; `text` is a graph in the text form.
std::filesystem::path written(const test::TemporaryFolder& folder, const std::string& name,
                              const std::string& text) {
  Diagnostics problems;
  convert::Source source =
      convert::read(test::data_folder() / "jobs/scaled.onnx", "onnx", {}, problems);
  source.model.graph = ir::parse_graph(text, ops::all_ops());
  convert::format_named("onnx").write(source.model, folder / name, {}, problems);
  EXPECT_FALSE(problems.has_errors());
  return folder / name;
}

TEST_F(OnOnnxRuntime, integers_below_zero_are_tried) {
  const test::TemporaryFolder folder;
  VerifyOptions options = options_for("");
  options.model.path = written(folder, "a.onnx", "input x: i64[1, 8]\ny = Identity(x)\noutput y\n");
  options.others = {written(folder, "b.onnx", "input x: i64[1, 8]\ny = Abs(x)\noutput y\n")};
  const VerifyJobResult job = verify_models(options);
  EXPECT_EQ(job.result.verdict, verify::Verdict::Different) << to_json(job).dump(1);
  EXPECT_THAT(job.result.outputs.back().why, HasSubstr("integers: "));
}

// It counts down by steps of another number plus one, which may be none.
TEST_F(OnOnnxRuntime, integers_that_give_a_loop_no_end_are_left_out) {
  const test::TemporaryFolder folder;
  VerifyOptions options = options_for("");
  options.model.path = written(folder, "a.onnx", R"(input x: i64[]
input step: i64[]
const zero: i64[] = 0
const one: i64[] = 1
const more: bool[] = true
by = Add(step, one)
start = Mul(x, x)
last, y = Loop(_, more, start, x) {body = graph {
  input i: i64[]
  input c: bool[]
  input v: i64[]
  input w: i64[]
  d = Sub(v, by)
  go = Greater(d, zero)
  e = Add(w, one)
  output go
  output d
  output e
}}
output y
)");
  bool was_left_out = false;
  for (options.seed = 1; options.seed < 10 && !was_left_out; ++options.seed) {
    const VerifyJobResult job = verify_models(options);
    EXPECT_EQ(exit_code(job), 0) << to_json(job).dump(1);
    was_left_out = std::ranges::any_of(job.result.assumptions, [](const std::string& line) {
      return line.find("needs over") != std::string::npos;
    });
  }
  EXPECT_TRUE(was_left_out);
}

// Another shape, or NaN on one side, is no rounding, on whatever inputs.
TEST_F(OnOnnxRuntime, a_file_that_is_another_network_beyond_the_usual_inputs_is_different) {
  const test::TemporaryFolder folder;
  VerifyOptions options = options_for("");
  const auto verdict = [&](const std::string& first, const std::string& second) {
    options.model.path = written(folder, "a.onnx", first);
    options.others = {written(folder, "b.onnx", second)};
    return verify_models(options).result.verdict;
  };
  EXPECT_EQ(verdict("input x: f32[n, 4]\ny = Relu(x)\noutput y\n",
                    "input x: f32[n, 4]\nr = Relu(x)\nconst axes: i64[1] = [0]\n"
                    "y = ReduceSum(r, axes)\noutput y\n"),
            verify::Verdict::Different);
  EXPECT_EQ(verdict("input x: f32[1, 99]\ny = Identity(x)\noutput y\n",
                    "input x: f32[1, 99]\ne = Exp(x)\ny = Log(e)\noutput y\n"),
            verify::Verdict::Different);
}

TEST_F(OnOnnxRuntime, another_shape_of_as_many_axes_is_another_output) {
  const test::TemporaryFolder folder;
  VerifyOptions options = options_for("");
  options.model.path =
      written(folder, "a.onnx", "input x: f32[2, 3, 20]\ny = Flatten(x) {axis = 1}\noutput y\n");
  options.others = {
      written(folder, "b.onnx", "input x: f32[2, 3, 20]\ny = Flatten(x) {axis = 2}\noutput y\n")};
  EXPECT_EQ(verify_models(options).result.verdict, verify::Verdict::Different);
}

TEST_F(OnOnnxRuntime, a_branch_that_never_ran_is_the_same_only_to_the_letter) {
  const test::TemporaryFolder folder;
  VerifyOptions options = options_for("");
  const auto text = [](const std::string& op) {
    return "input x: f32[2, 40]\nc = ReduceSum(x) {keepdims = 0}\nconst limit: f32[] = 1e9\n"
           "big = Greater(c, limit)\n"
           "y = If(big) {then_branch = graph {\n  a = " +
           op +
           "(x)\n  output a\n}, else_branch = graph {\n  b = Neg(x)\n  output b\n}} as choice\n"
           "output y\n";
  };
  options.model.path = written(folder, "a.onnx", text("Exp"));
  options.others = {written(folder, "b.onnx", text("Exp"))};
  VerifyJobResult job = verify_models(options);
  EXPECT_EQ(job.result.verdict, verify::Verdict::Equivalent) << to_json(job).dump(1);
  const char* said = "the then_branch of `choice` never ran on these inputs";
  EXPECT_THAT(job.result.assumptions, Contains(said));
  options.others = {written(folder, "c.onnx", text("Abs"))};
  job = verify_models(options);
  EXPECT_EQ(job.result.verdict, verify::Verdict::Undecided) << to_json(job).dump(1);
  EXPECT_THAT(job.result.outputs.back().why, HasSubstr(said));
}

TEST_F(OnOnnxRuntime, a_branch_for_other_sizes_says_nothing_against_a_file) {
  const test::TemporaryFolder folder;
  VerifyOptions options = options_for("");
  const auto text = [](const std::string& op) {
    return "input x: f32[1, 40]\ns = Shape(x)\nconst last: i64[] = 1\nn = Gather(s, last)\n"
           "const few: i64[] = 4\nshort = Less(n, few)\n"
           "y = If(short) {then_branch = graph {\n  a = " +
           op +
           "(x)\n  output a\n}, else_branch = graph {\n  b = Neg(x)\n  output b\n}} as choice\n"
           "output y\n";
  };
  options.model.path = written(folder, "a.onnx", text("Exp"));
  options.others = {written(folder, "b.onnx", text("Abs"))};
  const VerifyJobResult job = verify_models(options);
  EXPECT_EQ(job.result.verdict, verify::Verdict::Equivalent) << to_json(job).dump(1);
  EXPECT_THAT(job.result.assumptions,
              Contains("the then_branch of `choice` never ran on these inputs"));
}

TEST_F(OnOnnxRuntime, a_batch_that_a_file_does_not_take_is_said) {
  const test::TemporaryFolder folder;
  VerifyOptions options = options_for("");
  options.model.path = written(folder, "a.onnx", "input x: f32[n, 99]\ny = Neg(x)\noutput y\n");
  options.others = {written(folder, "b.onnx", "input x: f32[1, 99]\ny = Neg(x)\noutput y\n")};
  const VerifyJobResult job = verify_models(options);
  EXPECT_EQ(exit_code(job), 0) << to_json(job).dump(1);
  EXPECT_THAT(job.result.assumptions,
              Contains(testing::AllOf(HasSubstr("`batch 7` was not tried on"),
                                      HasSubstr("takes input `x` as f32[1,99] alone"))));
}

TEST_F(OnOnnxRuntime, inputs_that_the_model_does_not_take_are_left_out) {
  const test::TemporaryFolder folder;
  VerifyOptions options = options_for("");
  // An index that no Gather has as its own input.
  options.model.path = written(folder, "a.onnx",
                               "const t: f32[10] = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]\n"
                               "input x: i64[4]\ni = Identity(x)\n"
                               "y = Gather(t, i) {axis = 0} as lookup\noutput y\n");
  const VerifyJobResult job = verify_models(options);
  EXPECT_EQ(exit_code(job), 0) << to_json(job).dump(1);
  EXPECT_THAT(job.result.assumptions,
              Contains(HasSubstr("inputs `integers` are none that the model takes: `lookup`")));
  EXPECT_TRUE(job.result.fixed_sizes.empty());
}

// The judge would find no end either.
TEST_F(OnOnnxRuntime, a_loop_without_end_ends_in_time) {
  const test::TemporaryFolder folder;
  VerifyOptions options = options_for("");
  options.model.path = written(folder, "a.onnx", R"(input x: f32[2]
const more: bool[] = true
y = Loop(_, more, x) {body = graph {
  input i: i64[]
  input c: bool[]
  input v: f32[2]
  w = Neg(v)
  output c
  output w
}}
output y
)");
  options.worker.timeouts.run = std::chrono::milliseconds(300);
  const VerifyJobResult job = verify_models(options);
  EXPECT_EQ(exit_code(job), 4) << to_json(job).dump(1);
  EXPECT_EQ(job.result.subjects.at(0).status, "timed_out") << job.result.subjects.at(0).why;
}

TEST_F(OnOnnxRuntime, the_judge_keeps_to_the_memory_that_is_allowed) {
  const test::TemporaryFolder folder;
  VerifyOptions options = options_for("");
  options.model.path = written(folder, "a.onnx",
                               "input x: i8[1, 4]\nconst s: i64[2] = [10000000, 4]\n"
                               "y = Expand(x, s)\nz = ReduceMax(y) {keepdims = 1}\noutput z\n");
  options.worker.memory_bytes = 310'000'000;  // the judge needs eight bytes for each element
  const VerifyJobResult job = verify_models(options);
  ASSERT_EQ(job.problems.entries().size(), 1U) << to_json(job).dump(1);
  EXPECT_EQ(job.problems.entries()[0].code, Code::BudgetExceeded);
  EXPECT_THAT(job.problems.entries()[0].message, HasSubstr("the judge: "));
  EXPECT_EQ(job.problems.entries()[0].help, "`--max-memory` allows more");
}

TEST_F(OnOnnxRuntime, a_setting_takes_one_value) {
  VerifyOptions options = options_for("counted.onnx");
  options.settings = {"onnxruntime.graph_optimization_level=disable"};
  EXPECT_EQ(exit_code(verify_models(options)), 0);
  options.settings = {"onnxruntime.graph_optimization_level=disable,all"};
  EXPECT_EQ(exit_code(verify_models(options)), 2);
}

TEST_F(OnOnnxRuntime, more_threads_than_the_machine_can_use_are_a_mistake) {
  VerifyOptions options = options_for("scaled.onnx");
  options.settings = {"onnxruntime.intra_threads=1000000"};
  EXPECT_EQ(exit_code(verify_models(options)), 2);
  options.settings.clear();
  options.threads = 1'000'000;
  const VerifyJobResult job = verify_models(options);
  EXPECT_EQ(exit_code(job), 2);
  EXPECT_THAT(job.problems.entries().at(0).message, HasSubstr("`--threads` goes up to"));
}

ModelOptions counted_cut_at(const std::vector<std::string>& names) {
  ModelOptions model;
  model.path = test::data_folder() / "jobs/counted.onnx";
  model.outputs_at = names;
  return model;
}

TEST_F(OnOnnxRuntime, a_model_is_compared_up_to_the_node_that_the_user_names) {
  VerifyOptions options = options_for("counted.onnx");
  options.model = counted_cut_at({"gemm"});
  const VerifyJobResult job = verify_models(options);
  EXPECT_EQ(exit_code(job), 0) << to_json(job).dump(1);
  ASSERT_EQ(job.result.outputs.size(), 1U);
  EXPECT_EQ(job.result.outputs[0].name, "gemm");
}

TEST_F(OnOnnxRuntime, each_file_ends_where_it_has_the_name) {
  const test::TemporaryFolder folder;
  ConvertOptions conversion;
  conversion.model = counted_cut_at({"up"});
  conversion.target = folder / "other.onnx";
  ASSERT_FALSE(convert_model(conversion).problems.has_errors());
  VerifyOptions options = options_for("counted.onnx");
  options.others = {folder / "other.onnx"};
  options.model = counted_cut_at({"up"});
  EXPECT_EQ(exit_code(verify_models(options)), 0);
  // The other file ends at `up`, which is `flat` in another shape, so that nothing is cut there.
  options.model = counted_cut_at({"flat"});
  const VerifyJobResult job = verify_models(options);
  EXPECT_EQ(exit_code(job), 0) << to_json(job).dump(1);
  EXPECT_EQ(job.result.outputs.size(), 2U);
}

TEST(Verify, of_a_node_that_no_file_has_is_a_mistake_of_the_user) {
  VerifyOptions options = options_for("counted.onnx");
  for (const bool has_other : {false, true}) {
    if (has_other) options.others = {options.model.path};
    options.model = counted_cut_at({"gem"});
    const VerifyJobResult job = verify_models(options);
    EXPECT_EQ(exit_code(job), 2);
    ASSERT_EQ(job.problems.entries().size(), 1U);
    EXPECT_EQ(job.problems.entries()[0].code, Code::UnknownName);
    EXPECT_EQ(job.problems.entries()[0].help, "did you mean `gemm`?");
  }
}

// On large inputs rounding goes further in these than its spread says, and each node is right.
TEST_F(OnOnnxRuntime, rounding_beyond_its_spread_is_told_from_a_fault_by_the_nodes) {
  if (!std::filesystem::exists(test::models_folder())) GTEST_SKIP() << test::missing_models();
  for (const char* name :
       {"dtln/model_1.onnx", "ultraface-slim/version-slim-320_without_postprocessing.onnx"}) {
    VerifyOptions options = options_for("");
    options.model.path = test::models_folder() / "onnx" / name;
    const VerifyJobResult job = verify_models(options);
    EXPECT_EQ(exit_code(job), 0) << name << to_json(job).dump(1);
  }
}

TEST_F(OnOnnxRuntime, a_file_that_no_runtime_ran_leaves_it_undecided) {
  const test::TemporaryFolder folder;
  ConvertOptions fixed;
  fixed.model.path = test::data_folder() / "jobs/open_batch.onnx";
  add_dim(fixed.model.shapes, "batch=8");
  fixed.target = folder / "fixed.onnx";
  ASSERT_FALSE(convert_model(fixed).problems.has_errors());
  VerifyOptions options = options_for("open_batch.onnx");
  options.others = {folder / "fixed.onnx"};
  const VerifyJobResult job = verify_models(options);
  EXPECT_EQ(exit_code(job), 1) << to_json(job).dump(1);
  EXPECT_EQ(job.result.verdict, verify::Verdict::Undecided);
  EXPECT_THAT(job.result.culprit_why, HasSubstr("no runtime ran"));
}

// What judge, reference and conversion share is a fault that none of them shows.
TEST(Verify, of_a_file_that_only_the_reader_of_ponte_read_is_undecided) {
  for (const char* name : {"caffe/small.prototxt", "jobs/counted.onnx"}) {
    VerifyOptions options = options_for("");
    options.model.path = test::data_folder() / name;
    options.runtimes = {"reference"};
    const VerifyJobResult job = verify_models(options);
    EXPECT_EQ(exit_code(job), 1) << to_json(job).dump(1);
    EXPECT_EQ(job.result.verdict, verify::Verdict::Undecided);
    EXPECT_THAT(job.result.culprit_why, HasSubstr("reading not confirmed"));
  }
}

TEST_F(OnOnnxRuntime, a_conversion_alone_does_not_confirm_the_reading) {
  VerifyOptions options = options_for("");
  options.model.path = test::data_folder() / "caffe/small.prototxt";
  options.runtimes = {"onnxruntime"};
  const VerifyJobResult job = verify_models(options);
  EXPECT_EQ(job.result.verdict, verify::Verdict::Undecided) << to_json(job).dump(1);
  EXPECT_THAT(job.result.culprit_why, HasSubstr("no runtime that reads `caffe` itself ran"));
}

TEST_F(OnOnnxRuntime, an_output_that_one_file_alone_has_is_named_and_undecided) {
  const test::TemporaryFolder folder;
  Diagnostics problems;
  convert::Source source =
      convert::read(test::data_folder() / "jobs/scaled.onnx", "onnx", {}, problems);
  source.model.graph->add_output(*source.model.graph->nodes().front().output(0));
  convert::format_named("onnx").write(source.model, folder / "longer.onnx", {}, problems);
  ASSERT_FALSE(problems.has_errors());
  VerifyOptions options = options_for("scaled.onnx");
  options.others = {folder / "longer.onnx"};
  for (const bool is_less : {false, true}) {
    if (is_less) std::swap(options.model.path, options.others.front());
    const VerifyJobResult job = verify_models(options);
    EXPECT_EQ(job.result.verdict, verify::Verdict::Undecided) << to_json(job).dump(1);
    const auto open = std::ranges::find(job.result.outputs, verify::Verdict::Undecided,
                                        &verify::OutputVerdict::verdict);
    ASSERT_NE(open, job.result.outputs.end());
    EXPECT_THAT(open->why, HasSubstr("no "));
    const Json json = to_json(job)["outputs"].back();
    EXPECT_EQ(json["verdict"], "undecided");
    for (const char* key : {"bits", "snr_db", "max_abs", "bound", "expected_bits", "k"})
      EXPECT_TRUE(json[key].is_null()) << key;
  }
  options.model.outputs_at = {"y"};
  EXPECT_EQ(exit_code(verify_models(options)), 0);
}

TEST_F(OnOnnxRuntime, files_of_one_name_are_told_apart_by_their_folders) {
  const test::TemporaryFolder folder;
  std::filesystem::create_directories(folder / "b");
  std::filesystem::copy_file(test::data_folder() / "jobs/counted.onnx", folder / "b/counted.onnx");
  VerifyOptions options = options_for("counted.onnx");
  options.others = {folder / "b/counted.onnx"};
  const VerifyJobResult job = verify_models(options);
  ASSERT_EQ(job.result.subjects.size(), 2U);
  EXPECT_NE(job.result.subjects[0].label, job.result.subjects[1].label);
  EXPECT_THAT(job.result.subjects[1].label, HasSubstr("b/counted.onnx"));
}

TEST_F(OnOnnxRuntime, a_file_that_is_given_twice_is_the_same_network) {
  VerifyOptions options = options_for("counted.onnx");
  options.others = {options.model.path};
  const VerifyJobResult job = verify_models(options);
  EXPECT_EQ(exit_code(job), 0) << to_json(job).dump(1);
  ASSERT_EQ(job.result.subjects.size(), 2U);
  EXPECT_NE(job.result.subjects[0].label, job.result.subjects[1].label);
}

// The reader makes several nodes of the softmax, whose values ONNX Runtime doesn't have.
TEST_F(OnOnnxRuntime, nodes_are_tested_on_the_values_that_the_file_has) {
  const VerifyJobResult job = verify_models(options_for("old_softmax.onnx"));
  EXPECT_EQ(exit_code(job), 0) << to_json(job).dump(1);
  ASSERT_EQ(job.result.subjects.size(), 1U);
  EXPECT_EQ(job.result.subjects[0].precision, "f32");
}

TEST_F(OnOnnxRuntime, what_stands_between_two_nodes_is_named_and_not_the_node_behind_it) {
  const test::TemporaryFolder folder;
  Diagnostics problems;
  convert::Source source =
      convert::read(test::data_folder() / "jobs/counted.onnx", "onnx", {}, problems);
  ir::Graph& graph = *source.model.graph;
  ir::Node& flat = *graph.find("flat")->producer();
  ir::Value& clipped = graph.add("Relu", {graph.find("up")}, {}, "clipped", &flat);
  graph.set_input(flat, 0, &clipped);
  convert::format_named("onnx").write(source.model, folder / "other.onnx", {}, problems);
  ASSERT_FALSE(problems.has_errors());
  VerifyOptions options = options_for("counted.onnx");
  options.others = {folder / "other.onnx"};
  const VerifyJobResult job = verify_models(options);
  ASSERT_TRUE(job.result.culprit.has_value()) << to_json(job).dump(1);
  EXPECT_EQ(job.result.culprit->node, "clipped");
  EXPECT_THAT(job.result.culprit->origin, testing::ElementsAre("up", "flat"));
  EXPECT_THAT(job.result.culprit_why,
              HasSubstr("`clipped` (Relu) stands between `up` and `flat` in "));
}

}  // namespace
}  // namespace ponte::jobs
