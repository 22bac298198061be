#include "verify/inputs.h"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <cmath>

#include "base/expect_error.h"
#include "base/file_writer.h"
#include "base/temporary_folder.h"
#include "formats/shared/wire.h"
#include "ir/text.h"
#include "ops/all_ops.h"
#include "paths.h"
#include "verify/graphs.h"
#include "verify/input_files.h"

namespace ponte::verify {
namespace {

using testing::Contains;
using testing::Each;
using testing::ElementsAre;
using testing::HasSubstr;

std::unique_ptr<ir::Graph> graph_with(ir::Type type, const std::string& name = "x") {
  auto graph = std::make_unique<ir::Graph>(ops::all_ops());
  graph->add_input(name, std::move(type));
  return graph;
}

std::vector<double> made(const ir::Graph& graph, InputKind kind, const InputOptions& options = {}) {
  return make_inputs(graph, kind, options).values.begin()->second.array().to_f64();
}

double root_mean_square(const std::vector<double>& values) {
  double sum = 0;
  for (const double value : values) sum += value * value;
  return std::sqrt(sum / static_cast<double>(values.size()));
}

TEST(Inputs, of_each_kind_have_its_size) {
  const auto graph = graph_with(floats({1000}));
  EXPECT_NEAR(root_mean_square(made(*graph, InputKind::Normal)), 1, 0.1);
  EXPECT_THAT(made(*graph, InputKind::Expected),
              Each(testing::AllOf(testing::Ge(0), testing::Lt(1))));
  EXPECT_THAT(made(*graph, InputKind::Zeros), Each(0));
  EXPECT_NEAR(root_mean_square(made(*graph, InputKind::Large)), 100, 10);
  for (const double value : made(*graph, InputKind::Denormal)) EXPECT_LT(std::abs(value), 0x1p-126);
}

TEST(Inputs, of_integers_lie_on_both_sides_of_zero_where_nothing_is_known_of_them) {
  const auto graph = graph_with(ir::Type::tensor(ir::DType::Int64, ir::Shape{ir::Dim(1000)}));
  EXPECT_THAT(made(*graph, InputKind::Normal),
              Each(testing::AllOf(testing::Ge(0), testing::Le(9))));
  const std::vector<double> wide = made(*graph, InputKind::Integers);
  EXPECT_THAT(wide, Each(testing::AllOf(testing::Ge(-1000), testing::Le(1000))));
  EXPECT_THAT(wide, Contains(testing::Lt(-900)));
  EXPECT_THAT(made(*graph, InputKind::LargeIntegers), Contains(testing::Lt(-0x1p39)));
  EXPECT_TRUE(is_free_integer(*graph->inputs()[0]));
  const auto unsigned_graph =
      graph_with(ir::Type::tensor(ir::DType::Uint32, ir::Shape{ir::Dim(1000)}));
  EXPECT_THAT(made(*unsigned_graph, InputKind::Integers), Each(testing::Ge(0)));
  const auto mask = graph_with(ir::Type::tensor(ir::DType::Int64, ir::Shape{ir::Dim(9)}), "mask");
  EXPECT_FALSE(is_free_integer(*mask->inputs()[0]));
  EXPECT_THAT(made(*mask, InputKind::Integers), Each(1));
}

TEST(Inputs, of_integers_that_are_compared_with_constants_are_these_and_then_others) {
  const auto graph = ir::parse_graph(R"(input rate: i64[100]
const fast: i64[] = 16000
const slow: i32[] = 8000
narrow = Cast(rate) {to = i32}
a = Equal(rate, fast)
b = Less(slow, narrow)
output a
output b
)",
                                     ops::all_ops());
  EXPECT_THAT(made(*graph, InputKind::Normal), Each(testing::AnyOf(8000, 16000)));
  EXPECT_THAT(made(*graph, InputKind::Integers), Each(testing::AnyOf(7999, 8001, 15999, 16001)));
  EXPECT_THAT(make_inputs(*graph, InputKind::Normal, {}).assumptions,
              ElementsAre("`rate`: 8000 or 16000, which the model compares it with"));
  InputOptions asked;
  asked.ranges["rate"] = {5, 5};
  EXPECT_THAT(made(*graph, InputKind::Normal, asked), Each(5));
}

TEST(Inputs, are_the_same_for_the_same_seed_and_others_for_another) {
  const auto graph = graph_with(floats({8}));
  InputOptions other;
  other.seed = 2;
  EXPECT_EQ(made(*graph, InputKind::Normal), made(*graph, InputKind::Normal));
  EXPECT_NE(made(*graph, InputKind::Normal), made(*graph, InputKind::Normal, other));
}

TEST(Inputs, lie_in_the_range_that_was_asked_for) {
  const auto graph = graph_with(floats({500}));
  InputOptions options;
  options.ranges["x"] = {100, 255};
  for (const InputKind kind : {InputKind::Normal, InputKind::Zeros})
    EXPECT_THAT(made(*graph, kind, options),
                Each(testing::AllOf(testing::Ge(100), testing::Le(255))));
}

TEST(Inputs, that_a_mean_is_taken_from_are_pixels) {
  auto graph = graph_with(floats({1, 3, 4, 5}));
  const std::vector<float> mean{104, 117, 123};
  ir::Value& constant = graph->add_constant("mean", ir::Tensor::f32({3, 1, 1}, mean));
  graph->add_output(graph->add("Sub", {graph->inputs()[0], &constant}));
  const InputSet set = make_inputs(*graph, InputKind::Expected, {});
  EXPECT_THAT(set.assumptions, Contains(HasSubstr("pixels from 0 to 255")));
  EXPECT_GT(root_mean_square(set.values.at("x").array().to_f64()), 100);
}

TEST(Inputs, that_index_a_table_lie_within_it) {
  auto graph = graph_with(
      ir::Type::tensor(ir::DType::Int64, ir::to_shape(std::vector<std::int64_t>{200})), "ids");
  ir::Value& table = graph->add_constant("table", constant({5, 3}, 1));
  graph->add_output(graph->add("Gather", {&table, graph->inputs()[0]}));
  const InputSet set = make_inputs(*graph, InputKind::Normal, {});
  EXPECT_THAT(set.values.at("ids").array().to_f64(),
              Each(testing::AllOf(testing::Ge(0), testing::Lt(5))));
  EXPECT_THAT(set.assumptions, ElementsAre("`ids`: indices of a table of 5 rows"));
}

TEST(Inputs, that_are_masks_are_ones) {
  const auto graph =
      graph_with(ir::Type::tensor(ir::DType::Int64, ir::to_shape(std::vector<std::int64_t>{6})),
                 "attention_mask");
  const InputSet set = make_inputs(*graph, InputKind::Normal, {});
  EXPECT_THAT(set.values.at("attention_mask").array().to_f64(), Each(1));
  EXPECT_THAT(set.assumptions, ElementsAre("`attention_mask`: a mask of ones"));
}

TEST(Inputs, with_an_open_batch_take_the_one_that_is_asked_for) {
  const auto graph =
      graph_with(ir::Type::tensor(ir::DType::Float32, {ir::Dim::symbol("n"), ir::Dim(3)}));
  InputOptions options;
  EXPECT_THAT(make_inputs(*graph, InputKind::Normal, options).assumptions,
              ElementsAre("`x`: n = 1"));
  options.batch = 7;
  EXPECT_EQ(made(*graph, InputKind::Normal, options).size(), 21U);
  options.dims["n"] = 4;
  EXPECT_EQ(made(*graph, InputKind::Normal, options).size(), 12U);
}

TEST(Inputs, with_another_open_dim_ask_for_its_size) {
  const auto graph = graph_with(
      ir::Type::tensor(ir::DType::Float32, {ir::Dim::symbol("n"), ir::Dim::symbol("width")}));
  test::expect_error(Code::OpenDimension, [&] { made(*graph, InputKind::Normal); });
  InputOptions options;
  options.dims["width"] = 5;
  EXPECT_EQ(made(*graph, InputKind::Normal, options).size(), 5U);
}

TEST(Inputs, that_nobody_can_make_up_are_asked_for) {
  const auto graph =
      graph_with(ir::Type::tensor(ir::DType::String, ir::to_shape(std::vector<std::int64_t>{2})));
  test::expect_error(Code::MissingModelInput, [&] { make_inputs(*graph, InputKind::Normal, {}); });
}

TEST(InputFiles, are_samples_by_name_and_leave_out_what_is_no_input) {
  const auto graph = graph_with(floats({2, 3}));
  const Samples samples = read_samples(*graph, test::data_folder() / "verify/stored.npz");
  ASSERT_EQ(samples.samples.size(), 1U);
  EXPECT_THAT(samples.samples[0].values().at("x").array().to_f64(), ElementsAre(0, 1, 2, 3, 4, 5));
  EXPECT_THAT(samples.left_out, ElementsAre(HasSubstr("`labels`")));
  const auto path = test::data_folder() / "verify/stored.npz";
  EXPECT_THAT(read_samples(*graph, path, {}, "labels").left_out, testing::IsEmpty());
}

TEST(InputFiles, with_more_rows_than_the_models_batch_are_as_many_samples) {
  const auto graph = graph_with(floats({1, 3}));
  const Samples samples = read_samples(*graph, test::data_folder() / "verify/stored.npz");
  ASSERT_EQ(samples.samples.size(), 2U);
  EXPECT_THAT(samples.samples[1].values().at("x").array().to_f64(), ElementsAre(3, 4, 5));
}

ir::Type open_floats(std::vector<ir::Dim> shape) {
  return ir::Type::tensor(ir::DType::Float32, std::move(shape));
}

TEST(InputFiles, with_several_rows_for_an_open_batch_are_as_many_samples) {
  const auto graph = graph_with(open_floats({ir::Dim::symbol("n"), ir::Dim(3)}));
  const auto path = test::data_folder() / "verify/stored.npz";
  const Samples samples = read_samples(*graph, path);
  ASSERT_EQ(samples.samples.size(), 2U);
  EXPECT_EQ(samples.samples[1].name, "stored.npz[1]");
  EXPECT_THAT(samples.samples[1].values().at("x").array().shape(), ElementsAre(1, 3));
  EXPECT_THAT(samples.samples[1].values().at("x").array().to_f64(), ElementsAre(3, 4, 5));

  InputOptions options;
  options.dims["n"] = 2;
  const Samples whole = read_samples(*graph, path, options);
  ASSERT_EQ(whole.samples.size(), 1U);
  EXPECT_THAT(whole.samples[0].values().at("x").array().shape(), ElementsAre(2, 3));
}

std::string npy_of(const std::string& shape, const std::vector<std::int32_t>& values) {
  const std::string head = "{'descr': '<i4', 'fortran_order': False, 'shape': " + shape + "}\n";
  std::string text("\x93NUMPY\x01\0", 8);
  text += static_cast<char>(head.size());
  text += '\0';
  text += head;
  text.append(reinterpret_cast<const char*>(values.data()), values.size() * sizeof(std::int32_t));
  return text;
}

TEST(InputFiles, are_cut_into_whole_batches_and_say_what_is_left) {
  const auto open = graph_with(open_floats({ir::Dim::symbol("n"), ir::Dim(1)}));
  const auto fixed = graph_with(floats({2, 1}));
  const test::TemporaryFolder folder;
  folder.write("x.npy", npy_of("(5, 1)", {1, 2, 3, 4, 5}));
  InputOptions options;
  options.dims["n"] = 2;
  for (const auto* graph : {&open, &fixed}) {
    const Samples samples = read_samples(**graph, folder.path(), options);
    ASSERT_EQ(samples.samples.size(), 2U);
    EXPECT_THAT(samples.samples[1].values().at("x").array().to_f64(), ElementsAre(3, 4));
    EXPECT_THAT(samples.left_out, ElementsAre(HasSubstr("rows of `x` after the last whole batch")));
  }
}

TEST(InputFiles, whose_first_dim_is_no_batch_are_one_sample) {
  const test::TemporaryFolder folder;
  folder.write("x.npy", npy_of("(3, 1)", {1, 2, 3}));
  folder.write("y.npy", npy_of("(1, 3)", {1, 2, 3}));
  const ir::Dim n = ir::Dim::symbol("n");
  for (const std::vector<ir::Dim>& other :
       {std::vector<ir::Dim>{1, n}, {1, ir::Dim::symbol("m")}, {ir::Dim::symbol("m"), 3}, {n, n}}) {
    auto graph = graph_with(open_floats({n, ir::Dim(1)}));
    graph->add_input("y", open_floats(other));
    EXPECT_EQ(read_samples(*graph, folder.path()).samples.size(), 1U) << ir::to_string(other);
  }
  folder.write("signal/x.npy", npy_of("(3,)", {1, 2, 3}));
  EXPECT_EQ(read_samples(*graph_with(open_floats({n})), folder / "signal").samples.size(), 1U);

  auto graph = graph_with(open_floats({n, ir::Dim(1)}));
  graph->add_input("y", open_floats({n, ir::Dim(3)}));
  const Samples samples = read_samples(*graph, folder.path());
  ASSERT_EQ(samples.samples.size(), 3U);
  EXPECT_THAT(samples.samples[2].values().at("x").array().to_f64(), ElementsAre(3));
  EXPECT_THAT(samples.samples[2].values().at("y").array().to_f64(), ElementsAre(1, 2, 3));
}

TEST(InputFiles, are_read_up_to_the_last_sample_that_is_run) {
  const auto graph =
      graph_with(ir::Type::tensor(ir::DType::Int32, ir::to_shape(std::vector<std::int64_t>{1, 3})));
  const test::TemporaryFolder folder;
  for (std::size_t i = 0; i <= most_samples; ++i)
    folder.write(fmt::format("s{}.npy", i), i < most_samples ? npy_of("(1, 3)", {1, 2, 3}) : "?");
  const Samples samples = read_samples(*graph, folder.path());
  EXPECT_EQ(samples.samples.size(), most_samples);
  EXPECT_THAT(samples.left_out, ElementsAre(HasSubstr("samples after the first 64 are left out")));
}

TEST(InputFiles, have_values_when_they_are_asked_for_them) {
  const auto graph =
      graph_with(ir::Type::tensor(ir::DType::Int8, ir::to_shape(std::vector<std::int64_t>{1, 2})));
  const test::TemporaryFolder folder;
  folder.write("s.npy", npy_of("(2, 2)", {1, 2, 300, 4}));
  const Samples samples = read_samples(*graph, folder.path());
  ASSERT_EQ(samples.samples.size(), 2U);
  EXPECT_THAT(samples.samples[0].values().at("x").array().to_f64(), ElementsAre(1, 2));
  test::expect_error(Code::InvalidInputValue, [&] { samples.samples[1].values(); });
}

TEST(InputFiles, of_a_test_data_set_are_protobuf_tensors) {
  const auto graph = graph_with(floats({2, 3}));
  const Samples samples = read_samples(*graph, test::data_folder() / "verify/test_data_set_0");
  ASSERT_EQ(samples.samples.size(), 1U);
  EXPECT_EQ(samples.samples[0].name, "test_data_set_0");
  EXPECT_THAT(samples.samples[0].values().at("x").array().to_f64(), ElementsAre(0, 1, 2, 3, 4, 5));
}

// A TensorProto of one float.
shared::WireMessage one_float(float value) {
  shared::WireMessage tensor;
  tensor.integers(1, std::vector<std::int64_t>{1});
  tensor.integer(2, 1);
  tensor.floats(4, std::vector<float>{value});
  return tensor;
}

void write_message(const std::filesystem::path& path, const shared::WireMessage& message) {
  FileWriter file(path);
  message.write_to(file);
  file.commit();
}

TEST(InputFiles, of_a_test_data_set_are_what_the_inputs_types_say) {
  const ir::Type sequence = ir::SequenceType{std::make_shared<const ir::Type>(floats({1}))};
  const ir::Type optional = ir::OptionalType{std::make_shared<const ir::Type>(sequence)};
  ir::Graph graph(ops::all_ops());
  for (const char* name : {"full", "empty"}) graph.add_input(name, optional);
  graph.add_input("list", sequence);
  const test::TemporaryFolder folder;
  shared::WireMessage list;
  list.text(1, "list");
  list.integer(2, 1);
  list.message(3, one_float(2));
  list.message(3, one_float(3));
  write_message(folder / "input_0.pb", list);
  shared::WireMessage full;
  full.text(1, "full");
  full.integer(2, 3);
  full.message(5, list);
  write_message(folder / "input_1.pb", full);
  shared::WireMessage empty;
  empty.text(1, "empty");
  write_message(folder / "input_2.pb", empty);

  const Inputs values = read_samples(graph, folder.path()).samples.at(0).values();
  const auto& items = *values.at("list").sequence().items;
  ASSERT_EQ(items.size(), 2U);
  EXPECT_THAT(items[1].array().to_f64(), ElementsAre(3));
  ASSERT_TRUE(values.at("full").optional().item);
  EXPECT_EQ(values.at("full").optional().item->sequence().items->size(), 2U);
  EXPECT_FALSE(values.at("empty").optional().item);
}

TEST(InputFiles, of_another_float_dtype_are_rounded_once) {
  const auto graph = graph_with(floats({2, 3}));
  const ops::Datum value =
      read_input(*graph->inputs()[0], test::data_folder() / "verify/fortran.npy");
  EXPECT_EQ(value.array().dtype(), ir::DType::Float32);
  EXPECT_THAT(value.array().to_f64(), ElementsAre(0, 1, 2, 3, 4, 5));
}

TEST(InputFiles, of_floats_are_no_integers) {
  const auto graph =
      graph_with(ir::Type::tensor(ir::DType::Int64, ir::to_shape(std::vector<std::int64_t>{2, 3})));
  test::expect_error(Code::InvalidInputType, [&] {
    read_input(*graph->inputs()[0], test::data_folder() / "verify/fortran.npy");
  });
}

TEST(InputFiles, that_are_no_arrays_are_refused) {
  const auto graph = graph_with(floats({2, 3}));
  test::expect_error(Code::UnknownFormat, [&] {
    read_input(*graph->inputs()[0], test::data_folder() / "verify/README.md");
  });
}

}  // namespace
}  // namespace ponte::verify
