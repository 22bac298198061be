// Files made to do harm, and what each is refused with.
#include "formats/onnx/models.h"

namespace ponte::test {
namespace {

namespace fs = std::filesystem;

std::string model_of(const GraphParts& parts) { return bytes_of(model(graph(parts))); }

WireMessage outside(const std::string& location, const std::string& offset = "0",
                    const std::string& length = "8") {
  WireMessage message;
  message.integers(1, std::vector<std::int64_t>{2});
  message.integer(2, 1);
  message.text(8, "w");
  for (const auto& [key, text] :
       {std::pair{"location", location}, {"offset", offset}, {"length", length}}) {
    WireMessage entry;
    entry.text(1, key);
    entry.text(2, text);
    message.message(13, entry);
  }
  message.integer(14, 1);
  return message;
}

std::string model_with(const WireMessage& initializer) {
  return model_of({.nodes = {node("Identity", {"w"}, {"y"})},
                   .outputs = {value("y")},
                   .initializers = {initializer}});
}

TEST(HostileOnnx, with_a_cycle_is_refused) {
  EXPECT_EQ(
      refusal_of(model_of({.nodes = {node("Add", {"x", "b"}, {"a"}), node("Neg", {"a"}, {"b"})},
                           .inputs = {value("x")},
                           .outputs = {value("b")}})),
      Code::GraphNotAcyclic);
}

// As ONNX Runtime reads them.
TEST(HostileOnnx, with_nodes_out_of_order_is_read_in_order) {
  const ir::Model read =
      read_bytes(model_of({.nodes = {node("Neg", {"a"}, {"y"}), node("Abs", {"x"}, {"a"})},
                           .inputs = {value("x")},
                           .outputs = {value("y")}}));
  EXPECT_EQ(read.graph->nodes().front().op_name(), "Abs");
}

TEST(HostileOnnx, with_a_name_used_twice_is_refused) {
  const WireMessage first = node("Neg", {"x"}, {"y"});
  EXPECT_EQ(refusal_of(model_of({.nodes = {first, first}, .inputs = {value("x")}})),
            Code::DuplicateName);
  EXPECT_EQ(refusal_of(model_of({.inputs = {value("x"), value("x")}})), Code::DuplicateName);
  const WireMessage weight = tensor("w", {1}, "abcd");
  EXPECT_EQ(refusal_of(model_of({.initializers = {weight, weight}})), Code::DuplicateName);
  EXPECT_EQ(refusal_of(model_of({.nodes = {node("Neg", {"x"}, {"x"})}, .inputs = {value("x")}})),
            Code::DuplicateName);
}

TEST(HostileOnnx, with_a_name_that_nothing_gives_is_refused) {
  EXPECT_EQ(refusal_of(model_of({.nodes = {node("Neg", {"z"}, {"y"})}})), Code::UndefinedValue);
  EXPECT_EQ(refusal_of(model_of({.outputs = {value("y")}})), Code::UndefinedValue);
}

TEST(HostileOnnx, that_declares_more_elements_than_it_has_is_refused_at_once) {
  EXPECT_EQ(
      refusal_of(model_with(tensor("w", {100'000'000, 10'000'000}, std::string(10'000, 'x')))),
      Code::TruncatedTensor);
  EXPECT_EQ(refusal_of(model_with(tensor("w", {100'000'000, 10'000'000}, ""))),
            Code::TruncatedTensor);
  EXPECT_EQ(refusal_of(model_with(tensor("w", {1}, "ab"))), Code::TruncatedTensor);
  EXPECT_EQ(refusal_of(model_with(tensor("w", {1}, "abcdefgh"))), Code::TensorSizeMismatch);
}

TEST(HostileOnnx, with_dims_out_of_range_is_refused) {
  for (const std::vector<std::int64_t>& dims : {std::vector<std::int64_t>{-1},
                                                {(std::int64_t{1} << 48) + 1},
                                                {std::int64_t{1} << 40, std::int64_t{1} << 40}})
    EXPECT_EQ(refusal_of(model_with(tensor("w", dims, "abcd"))), Code::DimensionOutOfRange);
  EXPECT_EQ(refusal_of(model_of({.inputs = {value("x", {(std::int64_t{1} << 48) + 1})}})),
            Code::DimensionOutOfRange);
}

TEST(HostileOnnx, with_a_huge_result_reads_and_is_not_evaluated) {
  const std::string shape("\x00\xe1\xf5\x05\x00\x00\x00\x00\x80\x96\x98\x00\x00\x00\x00\x00", 16);
  const ir::Model read = read_bytes(model_of({.nodes = {node("ConstantOfShape", {"s"}, {"y"})},
                                              .outputs = {value("y", {100'000'000, 10'000'000})},
                                              .initializers = {tensor("s", {2}, shape, 7)}}));
  EXPECT_EQ(to_string(read.graph->outputs()[0]->type()), "f32[100000000,10000000]");
  expect_error(Code::BudgetExceeded, [&] { evaluated(read); });
}

TEST(HostileOnnx, with_an_unknown_dtype_is_refused) {
  EXPECT_EQ(refusal_of(model_with(tensor("w", {1}, "abcd", 99))), Code::UnknownDtype);
}

TEST(HostileOnnx, without_a_graph_is_no_model) {
  EXPECT_EQ(refusal_of(""), Code::MissingField);
  EXPECT_EQ(refusal_of("\x08\x0a"), Code::MissingField);
}

TEST(HostileOnnx, with_two_graphs_is_refused) {
  WireMessage two = model(graph({}));
  two.message(7, graph({}));
  EXPECT_EQ(refusal_of(bytes_of(two)), Code::MalformedField);
}

TEST(HostileOnnx, with_subgraphs_nested_too_deep_is_refused) {
  WireMessage inner = graph({});
  for (int i = 0; i < 40; ++i) {
    WireMessage around = node("If", {"c"}, {}, "nested");
    around.message(5, graph_attribute("then_branch", inner));
    inner = graph({.nodes = {around}});
  }
  EXPECT_EQ(refusal_of(bytes_of(model(inner))), Code::NestingTooDeep);
}

TEST(HostileOnnx, with_types_nested_too_deep_is_refused) {
  WireMessage type;
  for (int i = 0; i < 100; ++i) {
    WireMessage element;
    element.message(1, type);
    WireMessage around;
    around.message(4, element);
    type = around;
  }
  WireMessage info;
  info.text(1, "x");
  info.message(2, type);
  EXPECT_EQ(refusal_of(model_of({.inputs = {info}})), Code::NestingTooDeep);
}

TEST(HostileOnnx, whose_data_lies_outside_its_folder_is_refused) {
  const TemporaryFolder folder;
  folder.write("secret", "12345678");
  const fs::path inside = folder / "model";
  fs::create_directory(inside);
  fs::create_symlink("../secret", inside / "link");
  fs::create_directory_symlink("..", inside / "up");
  for (const std::string& location :
       {std::string("../secret"), (folder / "secret").string(), std::string("a\0b", 3),
        std::string("..\\secret"), std::string("link"), std::string("up/secret"), std::string()}) {
    EXPECT_EQ(refusal_of(model_with(outside(location)), inside), Code::PathOutsideModel)
        << location;
  }
  EXPECT_EQ(refusal_of(model_with(outside("absent")), inside), Code::MissingWeights);
  EXPECT_EQ(refusal_of(model_with(outside("*/_ORT_MEM_ADDR_/*")), inside), Code::PathOutsideModel);
  EXPECT_EQ(refusal_of(model_with(outside(".")), inside), Code::PathOutsideModel);
}

TEST(HostileOnnx, whose_data_is_too_short_is_refused) {
  const TemporaryFolder folder;
  folder.write("data", "12345678");
  const auto refusal = [&](const char* offset, const char* length) {
    return refusal_of(model_with(outside("data", offset, length)), folder.path());
  };
  EXPECT_EQ(refusal("1", "8"), Code::TruncatedTensor);
  EXPECT_EQ(refusal("9", "8"), Code::TruncatedTensor);
  EXPECT_EQ(refusal("0", "9"), Code::TruncatedTensor);
  EXPECT_EQ(refusal("0", "4"), Code::TruncatedTensor);
  EXPECT_EQ(refusal("18446744073709551615", "8"), Code::TruncatedTensor);
  EXPECT_EQ(refusal("4", "18446744073709551615"), Code::TruncatedTensor);
  EXPECT_EQ(refusal("-1", "8"), Code::MalformedField);
  EXPECT_EQ(refusal("0x0", "8"), Code::MalformedField);
}

TEST(HostileOnnx, whose_data_changes_meanwhile_is_not_written) {
  const TemporaryFolder folder;
  folder.write("data", "12345678");
  Diagnostics problems;
  const ir::Model read = read_bytes(model_with(outside("data")), problems, folder.path());
  EXPECT_FALSE(problems.has_errors()) << describe(problems);
  folder.write("data", "123456789");
  expect_error(Code::FileChanged, [&] { onnx::write(read, folder / "out.onnx", {}, problems); });
  EXPECT_FALSE(fs::exists(folder / "out.onnx"));
}

// Model caches keep files under their hashes, with links that have the names.
TEST(HostileOnnx, reached_through_a_link_may_have_its_data_beside_where_it_really_lies) {
  const TemporaryFolder folder;
  folder.write("blobs/1", model_with(outside("data")));
  folder.write("blobs/2", "12345678");
  folder.write("other/2", "12345678");
  fs::create_directory(folder / "snapshot");
  fs::create_symlink("../blobs/1", folder / "snapshot/model.onnx");
  fs::create_symlink("../blobs/2", folder / "snapshot/data");
  Diagnostics problems;
  onnx::read(folder / "snapshot/model.onnx", {}, problems);
  EXPECT_FALSE(problems.has_errors()) << describe(problems);
  fs::remove(folder / "snapshot/data");
  fs::create_symlink("../other/2", folder / "snapshot/data");
  expect_error(Code::PathOutsideModel,
               [&] { onnx::read(folder / "snapshot/model.onnx", {}, problems); });
}

TEST(HostileOnnx, with_thousands_of_branches_is_read_in_the_time_of_its_size) {
  GraphParts parts{.inputs = {value("x")}};
  const WireMessage branch = graph({.nodes = {node("Neg", {"x"}, {"n"})}, .outputs = {value("n")}});
  for (int i = 0; i < 4000; ++i) {
    WireMessage choice = node("Choice", {"x"}, {"y" + std::to_string(i)}, "nobody");
    choice.message(5, graph_attribute("branch", branch));
    parts.nodes.push_back(choice);
  }
  EXPECT_EQ(read_bytes(model_of(parts)).graph->nodes().size(), 4000U);
}

}  // namespace
}  // namespace ponte::test
