// Whole verifications against the fake runtime, which gives `scale * input + add` in f32.
#include "verify/verify.h"

#include <gmock/gmock.h>

#include <chrono>
#include <functional>
#include <thread>

#include "base/expect_error.h"
#include "runtimes/fake_worker.h"
#include "verify/graphs.h"

namespace ponte::verify {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::Field;
using testing::HasSubstr;
using testing::IsEmpty;

// y = 2.5 x + 1, with names for input and output.
std::unique_ptr<ir::Graph> line(const ir::Type& type, const std::string& input = "x",
                                const std::string& output = "y", double slope = 2.5) {
  auto graph = std::make_unique<ir::Graph>(ops::all_ops());
  ir::Value& x = graph->add_input(input, type);
  const auto constant = [&](const char* name, double value) {
    const std::vector<float> values{static_cast<float>(value)};
    return &graph->add_constant(name, ir::Tensor::f32({}, values));
  };
  ir::Value& product = graph->add("Mul", {&x, constant("slope", slope)}, {}, "product");
  ir::NodeSpec sum{.domain = "", .op = "Add", .name = "sum"};
  sum.inputs = {&product, constant("offset", 1)};
  sum.outputs = {output};
  graph->add_output(*graph->add(std::move(sum)).output(0));
  return graph;
}

std::unique_ptr<ir::Graph> wide_line() { return line(floats({1, 100})); }

ir::Type open_batch() {
  return ir::Type::tensor(ir::DType::Float32, {ir::Dim::symbol("n"), ir::Dim(100)});
}

constexpr const char* right = R"({"inputs": [{"name": "x", "shape": []}], "outputs":
  [{"name": "y", "shape": [], "copy_of": "x", "scale": 2.5, "add": 1}]})";

std::string misbehaving(const std::string& action, const std::string& more = "") {
  return R"({"inputs": [{"name": "x", "shape": []}], "outputs":
    [{"name": "y", "shape": [], "copy_of": "x", "scale": 2.5, "add": 1}],
    "misbehaviours": [{"phase": "run", "action": ")" +
         action + "\"" + more + "}]}";
}

class Verified : public testing::Test {
 protected:
  VerifySubject subject(const ir::Graph& graph, const std::string& script) {
    scripts_.push_back(std::make_unique<runtimes::TemporaryFile>(script));
    VerifySubject subject;
    subject.graph = &graph;
    subject.spec.label = "fake";
    subject.spec.runtime = "fake";
    subject.spec.command.arguments = {runtimes::worker_program("fake")};
    subject.spec.load.model = scripts_.back()->path();
    subject.spec.load.format = "fake";
    return subject;
  }

  VerifyResult run(const ir::Graph& graph, const std::string& script) {
    return verify(graph, {subject(graph, script)}, "/nonexistent", options_);
  }

  // Somebody stops it at the first step that fits.
  VerifyResult run_until(const std::function<bool(const std::string&)>& fits,
                         const ir::Graph& graph, const std::string& script) {
    std::stop_source stop;
    options_.stop = stop.get_token();
    options_.on_progress = [&](const std::string& step) {
      if (fits(step)) stop.request_stop();
    };
    return run(graph, script);
  }

  VerifyOptions options_;
  std::vector<std::unique_ptr<runtimes::TemporaryFile>> scripts_;
};

auto further_of(const std::string& set, Verdict verdict) {
  return Contains(
      testing::AllOf(Field(&FurtherResult::set, set), Field(&FurtherResult::verdict, verdict)));
}

TEST_F(Verified, is_the_same_network_within_rounding) {
  const auto graph = wide_line();
  const VerifyResult result = run(*graph, right);
  EXPECT_EQ(result.verdict, Verdict::Equivalent);
  ASSERT_EQ(result.outputs.size(), 1U);
  EXPECT_GT(result.outputs[0].comparison->bits, 22);
  EXPECT_LT(result.outputs[0].rms_error(), result.outputs[0].bound);
  EXPECT_THAT(result.blame, IsEmpty());
  for (const char* set : {"zeros", "large"})
    EXPECT_THAT(result.further, further_of(set, Verdict::Equivalent));
}

TEST_F(Verified, with_a_wrong_answer_is_different_and_blamed_on_the_source) {
  const auto graph = wide_line();
  const VerifyResult result = run(*graph, misbehaving("wrong_answer"));
  EXPECT_EQ(result.verdict, Verdict::Different);
  EXPECT_EQ(result.blame, "reader-or-source-runtime");
}

TEST_F(Verified, with_a_wrong_answer_of_another_file_is_blamed_on_that) {
  const auto graph = wide_line(), other = wide_line();
  const VerifyResult result =
      verify(*graph, {subject(*other, misbehaving("wrong_answer"))}, "/nonexistent", options_);
  EXPECT_EQ(result.verdict, Verdict::Different);
  EXPECT_EQ(result.blame, "fake");
}

TEST_F(Verified, with_the_same_wrong_answer_of_a_copy_is_blamed_on_the_runtime) {
  const auto graph = wide_line(), copy = wide_line();
  VerifySubject source = subject(*graph, misbehaving("wrong_answer")),
                other = subject(*copy, misbehaving("wrong_answer"));
  other.spec.label = "copy";
  EXPECT_EQ(verify(*graph, {source, other}, "/nonexistent", options_).blame,
            "reader-or-source-runtime");
  other.spec.version = "another";
  EXPECT_EQ(verify(*graph, {source, other}, "/nonexistent", options_).blame, "fake, copy");
}

TEST_F(Verified, with_nan_on_one_side_is_different) {
  const auto graph = wide_line();
  const VerifyResult result = run(*graph, misbehaving("nan"));
  EXPECT_EQ(result.verdict, Verdict::Different);
  EXPECT_THAT(result.outputs.at(0).why, HasSubstr("NaN"));
}

TEST_F(Verified, that_crashes_is_a_row_and_undecided) {
  const auto graph = wide_line();
  const VerifyResult result = run(*graph, misbehaving("crash"));
  EXPECT_EQ(result.verdict, Verdict::Undecided);
  ASSERT_EQ(result.subjects.size(), 1U);
  EXPECT_EQ(result.subjects[0].status, "crashed");
  EXPECT_THAT(result.outputs, IsEmpty());
}

TEST_F(Verified, that_hangs_is_a_row_and_does_not_hold_the_others_up) {
  const auto graph = wide_line();
  VerifySubject hangs = subject(*graph, misbehaving("hang"));
  hangs.spec.worker.timeouts.run = std::chrono::milliseconds(100);
  const VerifyResult result =
      verify(*graph, {hangs, subject(*graph, right)}, "/nonexistent", options_);
  EXPECT_EQ(result.verdict, Verdict::Equivalent);
  EXPECT_EQ(result.subjects.at(0).status, "timed_out");
  EXPECT_EQ(result.subjects.at(1).status, "ok");
}

TEST_F(Verified, without_an_element_to_compare_is_undecided) {
  const auto graph = line(floats({0, 3}));
  const VerifyResult result = run(*graph, right);
  EXPECT_EQ(result.verdict, Verdict::Undecided);
  EXPECT_EQ(result.culprit_why, "there is no element to compare");
}

TEST_F(Verified, judges_small_outputs_on_five_sets) {
  const auto graph = line(floats({1, 3}));
  const VerifyResult result = run(*graph, right);
  EXPECT_EQ(result.verdict, Verdict::Equivalent);
  EXPECT_EQ(result.sets, 5);
  EXPECT_EQ(result.perturbed_runs, 8);
}

TEST_F(Verified, that_answers_otherwise_when_asked_again_says_so) {
  const auto graph = wide_line();
  options_.is_thorough = true;
  const VerifyResult result = run(*graph, misbehaving("wrong_answer", R"(, "after": 5)"));
  EXPECT_EQ(result.verdict, Verdict::Different);
  EXPECT_THAT(result.variations, Contains(Field(&Variation::how, "again")));
  EXPECT_THAT(result.outputs.at(0).why, HasSubstr("again"));
}

TEST_F(Verified, with_an_open_batch_is_run_with_others) {
  const auto graph = line(open_batch());
  const VerifyResult result = run(*graph, right);
  EXPECT_EQ(result.verdict, Verdict::Equivalent);
  for (const char* set : {"batch 2", "batch 7"})
    EXPECT_THAT(result.further, further_of(set, Verdict::Equivalent));
}

TEST_F(Verified, that_is_right_with_the_batch_it_was_made_with_alone_is_different) {
  const auto graph = line(open_batch());
  // Right for five sets of batch 1, two repetitions and three kinds of inputs; then wrong.
  options_.is_thorough = true;
  const VerifyResult result = run(*graph, misbehaving("wrong_answer", R"(, "after": 10)"));
  EXPECT_EQ(result.verdict, Verdict::Different);
  EXPECT_THAT(result.further, further_of("batch 2", Verdict::Different));
}

TEST_F(Verified, with_random_numbers_of_its_own_is_undecided) {
  auto graph = line(floats({1, 100}));
  ir::Value& noise = graph->add("RandomNormalLike", {graph->outputs()[0]});
  graph->set_output(0, graph->add("Add", {graph->outputs()[0], &noise}));
  const VerifyResult result =
      run(*graph, R"({"inputs": [{"name": "x", "shape": []}], "outputs": [{"name": ")" +
                      graph->outputs()[0]->name() + R"(", "shape": [], "copy_of": "x"}]})");
  EXPECT_EQ(result.verdict, Verdict::Undecided);
  EXPECT_THAT(result.outputs.at(0).why, HasSubstr("draws its own numbers"));
}

TEST_F(Verified, that_is_less_precise_may_be_within_a_tolerance) {
  const auto graph = wide_line();
  const std::string script = R"({"inputs": [{"name": "x", "shape": []}], "outputs":
    [{"name": "y", "shape": [], "copy_of": "x", "scale": 2.501, "add": 1}]})";
  EXPECT_EQ(run(*graph, script).verdict, Verdict::Different);
  add_acceptance(options_.tolerance, "bits=8,cosine=0.999");
  EXPECT_EQ(run(*graph, script).verdict, Verdict::WithinTolerance);
  options_.tolerance.bits = 20;
  const VerifyResult result = run(*graph, script);
  EXPECT_EQ(result.verdict, Verdict::Different);
  EXPECT_THAT(result.outputs.at(0).why, HasSubstr("bits agree"));
}

TEST_F(Verified, of_another_file_matches_inputs_and_outputs_by_type) {
  const auto graph = wide_line(), other = line(floats({1, 100}), "data", "result");
  const std::string script = R"({"inputs": [{"name": "data", "shape": []}], "outputs":
    [{"name": "result", "shape": [], "copy_of": "data", "scale": 2.5, "add": 1}]})";
  const VerifyResult result = verify(*graph, {subject(*other, script)}, "/nonexistent", options_);
  EXPECT_EQ(result.verdict, Verdict::Equivalent);
  EXPECT_THAT(result.assumptions, Contains(HasSubstr("input `x` (f32[1,100]) is `data`")));
}

TEST_F(Verified, of_another_file_names_constants_that_differ_before_anything_runs) {
  const auto graph = wide_line(), other = line(floats({1, 100}), "x", "y", 2.25);
  const std::string script = R"({"inputs": [{"name": "x", "shape": []}], "outputs":
    [{"name": "y", "shape": [], "copy_of": "x", "scale": 2.25, "add": 1}]})";
  const VerifyResult result = verify(*graph, {subject(*other, script)}, "/nonexistent", options_);
  EXPECT_EQ(result.verdict, Verdict::Different);
  ASSERT_THAT(result.constants, testing::SizeIs(1));
  EXPECT_EQ(result.constants[0].constant, "slope");
}

// x + 1 by way of x + far, as another program may have written it: its rounding is that of far.
std::unique_ptr<ir::Graph> detour(float far_away) {
  auto graph = std::make_unique<ir::Graph>(ops::all_ops());
  ir::Value& x = graph->add_input("x", floats({1, 100}));
  ir::Value& far = graph->add_constant("far", ir::Tensor::scalar_f32(far_away));
  ir::Value& back = graph->add_constant("back", ir::Tensor::scalar_f32(far_away - 1));
  ir::Value& there = graph->add("Add", {&x, &far}, {}, "there");
  graph->add_output(graph->add("Sub", {&there, &back}, {}, "y"));
  return graph;
}

// y = relu(slope x - 1), which is 0 for all inputs that are tried.
std::unique_ptr<ir::Graph> silent(double slope) {
  auto graph = std::make_unique<ir::Graph>(ops::all_ops());
  ir::Value& x = graph->add_input("x", floats({1, 100}));
  const auto constant = [&](const char* name, double value) {
    const std::vector<float> values{static_cast<float>(value)};
    return &graph->add_constant(name, ir::Tensor::f32({}, values));
  };
  ir::Value& product = graph->add("Mul", {&x, constant("slope", slope)}, {}, "product");
  ir::Value& difference = graph->add("Sub", {&product, constant("one", 1)}, {}, "difference");
  graph->add_output(graph->add("Relu", {&difference}, {}, "y"));
  return graph;
}

TEST_F(Verified, of_another_program_with_an_output_that_no_input_changes_needs_the_same_nodes) {
  const auto graph = silent(1e-9), copy = silent(1e-9), other = silent(2e-9);
  const auto verdict = [&](const ir::Graph& file, Shapes shapes) {
    VerifySubject written = subject(file, R"({"inputs": [{"name": "x", "shape": []}], "outputs":
      [{"name": "y", "shape": [], "copy_of": "x", "scale": 0, "add": 0}]})");
    written.shapes = shapes;
    const VerifyResult result = verify(*graph, {written}, "/nonexistent", options_);
    EXPECT_THAT(result.assumptions, Contains(HasSubstr("`y` is the same for all inputs")));
    return result.verdict;
  };
  EXPECT_EQ(verdict(*copy, Shapes::MayDiffer), Verdict::Equivalent);
  EXPECT_EQ(verdict(*other, Shapes::MayDiffer), Verdict::Undecided);
  EXPECT_EQ(verdict(*graph, Shapes::MustBeEqual), Verdict::Equivalent);
}

TEST_F(Verified, is_blamed_on_a_runtime_where_the_files_own_agrees) {
  const auto graph = wide_line();
  VerifySubject own = subject(*graph, right);
  VerifySubject other = subject(*graph, R"({"inputs": [{"name": "x", "shape": []}], "outputs":
    [{"name": "y", "shape": [], "copy_of": "x", "scale": 2, "add": 1}]})");
  own.spec.label = "own";
  EXPECT_EQ(verify(*graph, {own, other}, "/nonexistent", options_).blame,
            "reader-or-source-runtime");
  own.is_own_runtime = true;
  EXPECT_EQ(verify(*graph, {own, other}, "/nonexistent", options_).blame, "fake");
}

TEST_F(Verified, of_another_program_may_round_as_its_own_graph_does) {
  const auto straight = line(floats({1, 100}), "x", "y", 1);
  const auto near = detour(5), far = detour(1001);
  const auto with_offset = [&](const ir::Graph& graph, const std::string& offset) {
    VerifySubject written = subject(graph, R"({"inputs": [{"name": "x", "shape": []}], "outputs":
      [{"name": "y", "shape": [], "copy_of": "x", "scale": 1, "add": )" +
                                               offset + "}]}");
    written.shapes = Shapes::MayDiffer;
    return written;
  };
  const auto verdict = [&](const VerifySubject& written) {
    return verify(*straight, {written}, "/nonexistent", options_).verdict;
  };
  EXPECT_EQ(verdict(with_offset(*near, "1.0000005")), Verdict::Equivalent);
  EXPECT_EQ(verdict(with_offset(*near, "1.003")), Verdict::Different);
  EXPECT_EQ(verdict(with_offset(*far, "1.00006")), Verdict::Different) << "ten bits are lost";
  VerifySubject conversion = with_offset(*near, "1.0000005");
  conversion.shapes = Shapes::MustBeEqual;
  EXPECT_EQ(verdict(conversion), Verdict::Different)
      << "a conversion is to compute what the file says";
}

TEST_F(Verified, without_a_match_for_an_input_is_refused) {
  const auto graph = wide_line(), other = line(floats({1, 7}), "data");
  test::expect_error(Code::MissingModelInput,
                     [&] { verify(*graph, {subject(*other, right)}, "/nonexistent", options_); });
}

TEST_F(Verified, with_states_is_run_for_four_steps) {
  auto graph = line(floats({1, 100}));
  ir::Value& h = graph->add_input("h", floats({1, 80}));
  ir::NodeSpec next{.domain = "", .op = "Identity", .name = "next"};
  next.inputs = {&h};
  next.outputs = {"hN"};
  graph->add_output(*graph->add(std::move(next)).output(0));
  const VerifyResult result =
      run(*graph, R"({"inputs": [{"name": "x", "shape": []}, {"name": "h", "shape": []}], "outputs":
        [{"name": "y", "shape": [], "copy_of": "x", "scale": 2.5, "add": 1},
         {"name": "hN", "shape": [], "copy_of": "h"}]})");
  EXPECT_EQ(result.verdict, Verdict::Equivalent);
  EXPECT_THAT(result.further, further_of("step 4", Verdict::Equivalent));
  EXPECT_THAT(result.assumptions, Contains(HasSubstr("`hN` is the next execution's `h`")));
}

TEST_F(Verified, on_samples_of_the_users_takes_no_others) {
  const auto graph = wide_line();
  for (std::uint64_t i = 0; i < 7; ++i)
    options_.samples.push_back({"sample" + std::to_string(i), [i] {
                                  return Inputs{{"x", tensor({1, 100}, normal_floats(100, i))}};
                                }});
  const VerifyResult result = run(*graph, right);
  EXPECT_EQ(result.verdict, Verdict::Equivalent);
  EXPECT_EQ(result.set_names.front(), "sample0");
  EXPECT_THAT(result.further, further_of("sample6", Verdict::Equivalent));
  EXPECT_THAT(result.further, testing::Not(Contains(Field(&FurtherResult::set, "zeros"))));
}

TEST_F(Verified, stops_when_it_is_told_to) {
  const auto graph = wide_line();
  const VerifyResult result = run_until([](const std::string&) { return true; }, *graph, right);
  EXPECT_TRUE(result.was_interrupted);
  EXPECT_EQ(result.interrupted_at, "loading fake");
  EXPECT_EQ(result.verdict, Verdict::Undecided);
  EXPECT_EQ(result.seed, options_.seed);
  ASSERT_EQ(result.subjects.size(), 1U);
  EXPECT_EQ(result.subjects[0].status, "interrupted");
}

TEST_F(Verified, stops_while_a_worker_hangs) {
  const auto graph = wide_line();
  for (const char* phase : {"load", "run"}) {
    std::stop_source stop;
    options_.stop = stop.get_token();
    std::string script = misbehaving("hang");
    script.replace(script.find("run"), 3, phase);
    VerifySubject hangs = subject(*graph, script);
    hangs.spec.worker.stop = options_.stop;
    const std::jthread user([&] {
      std::this_thread::sleep_for(std::chrono::milliseconds(300));
      stop.request_stop();
    });
    const VerifyResult result =
        verify(*graph, {subject(*graph, right), hangs}, "/nonexistent", options_);
    EXPECT_TRUE(result.was_interrupted) << phase;
    ASSERT_EQ(result.subjects.size(), 2U);
    EXPECT_EQ(result.subjects[1].status, "interrupted");
  }
}

// Two sets were judged before more of them were asked for.
TEST_F(Verified, that_is_stopped_among_more_sets_keeps_what_was_decided) {
  const auto graph = line(floats({1, 3}));
  const VerifyResult result = run_until(
      [](const std::string& step) { return step.ends_with("8 perturbed runs"); }, *graph, right);
  EXPECT_TRUE(result.was_interrupted);
  EXPECT_EQ(result.sets, 2);
  EXPECT_EQ(result.perturbed_runs, 4);
  ASSERT_EQ(result.outputs.size(), 1U);
  EXPECT_EQ(result.outputs[0].verdict, Verdict::Equivalent);
  EXPECT_EQ(result.subjects.at(0).status, "ok");
}

TEST_F(Verified, that_is_stopped_behind_its_outputs_shows_them_and_is_undecided) {
  const auto graph = wide_line();
  const VerifyResult result = run_until(
      [](const std::string& step) { return step.starts_with("running it again"); }, *graph, right);
  EXPECT_TRUE(result.was_interrupted);
  EXPECT_EQ(result.verdict, Verdict::Undecided);
  ASSERT_EQ(result.outputs.size(), 1U);
  EXPECT_EQ(result.outputs[0].verdict, Verdict::Equivalent);
  EXPECT_EQ(result.culprit_why, "interrupted at: running it again on fake");
}

}  // namespace
}  // namespace ponte::verify
