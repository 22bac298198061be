// What the messages of a file become in the graph.
#include <cstring>

#include "formats/onnx/models.h"
#include "ir/attribute.h"

namespace ponte::test {
namespace {

TEST(OnnxTensor, means_the_same_in_raw_bytes_and_in_typed_fields) {
  const ir::Model model = read_sound(onnx_data() / "tensors.onnx");
  int compared = 0;
  for (const ir::Value* raw : model.graph->constants()) {
    if (!raw->name().ends_with(" raw")) continue;
    const std::string name = raw->name().substr(0, raw->name().size() - 4);
    const ir::Value* typed = model.graph->find(name + " typed");
    ASSERT_NE(typed, nullptr) << name;
    EXPECT_EQ(typed->tensor()->dtype(), raw->tensor()->dtype()) << name;
    EXPECT_EQ(typed->tensor()->read_all(), raw->tensor()->read_all()) << name;
    ++compared;
  }
  EXPECT_EQ(compared, 25);
}

TEST(OnnxTensor, has_the_numbers_that_were_put_in) {
  const ir::Model model = read_sound(onnx_data() / "tensors.onnx");
  const auto numbers = [&](const std::string& name) {
    return model.graph->find(name)->tensor()->to_f64();
  };
  EXPECT_EQ(numbers("float4e2m1 typed"), (std::vector<double>{1.5, -2, 6}));
  EXPECT_EQ(numbers("float8e4m3fn typed"), (std::vector<double>{1.5, -2, 448}));
  EXPECT_EQ(numbers("int4 typed"), (std::vector<double>{1, -2, 7}));
  EXPECT_EQ(numbers("int2 typed"), (std::vector<double>{1, -2, 0}));
  EXPECT_EQ(numbers("uint2 raw"), (std::vector<double>{1, 2, 3}));
  EXPECT_EQ(numbers("uint16 typed"), (std::vector<double>{1, 2, 65535}));
  EXPECT_EQ(model.graph->find("string typed")->tensor()->strings(),
            (std::vector<std::string>{"\xc3\xa4", ""}));
  EXPECT_EQ(model.graph->find("empty")->tensor()->count(), 0);
}

TEST(OnnxTensor, of_a_long_list_of_numbers_is_read_in_pieces) {
  WireMessage message;
  std::vector<std::int64_t> values;
  for (std::int64_t i = 0; i < 200'000; ++i) values.push_back(i * i * (i % 2 == 0 ? 1 : -1));
  message.integers(1, std::vector<std::int64_t>{200'000});
  message.integer(2, 7);
  message.integers(7, values);
  message.text(8, "long");
  const ir::Model made = read_bytes(bytes_of(model(graph({.initializers = {message}}))));
  const ir::Tensor& read = *made.graph->find("long")->tensor();
  EXPECT_EQ(read.to_i64(), values);
  std::array<std::byte, 12> middle{};
  read.read(8 * 131'071 + 4, middle);
  std::int64_t number = 0;
  std::memcpy(&number, middle.data() + 4, 8);
  EXPECT_EQ(number, values[131'072]);
}

TEST(OnnxNode, keeps_attributes_of_every_kind) {
  const ir::Model model = read_sound(onnx_data() / "attributes.onnx");
  const ir::Node& node = model.graph->nodes().front();
  EXPECT_EQ(node.domain(), "test.unknown");
  EXPECT_EQ(node.op(), nullptr);
  EXPECT_EQ(node.inputs()[1], nullptr);
  EXPECT_EQ(node.doc, "turns");
  EXPECT_EQ(node.annotations.at("namespace"), "block.0");
  using ir::AttributeKind;
  const std::map<std::string, AttributeKind> kinds{
      {"f", AttributeKind::Float},
      {"i", AttributeKind::Int},
      {"s", AttributeKind::String},
      {"t", AttributeKind::Tensor},
      {"floats", AttributeKind::Floats},
      {"ints", AttributeKind::Ints},
      {"strings", AttributeKind::Strings},
      {"tensors", AttributeKind::Tensors},
      {"tp", AttributeKind::Type},
      {"type_protos", AttributeKind::Types},
      {"sparse_tensor", AttributeKind::SparseTensor},
      {"sparse_tensors", AttributeKind::SparseTensors}};
  ASSERT_EQ(node.attributes().size(), kinds.size());
  for (const auto& [name, kind] : kinds)
    EXPECT_EQ(ir::kind_of(*node.attribute(name)), kind) << name;
  EXPECT_EQ(node.subgraphs().size(), 2U);
  EXPECT_EQ(std::get<ir::SparseTensor>(*node.attribute("sparse_tensor")).shape,
            std::vector<std::int64_t>{4});
}

TEST(OnnxNode, that_changed_is_written_with_attributes_of_every_kind) {
  const TemporaryFolder folder;
  const ir::Model model = read_sound(onnx_data() / "attributes.onnx");
  model.graph->set_attribute(model.graph->nodes().front(), "i", std::int64_t{8});
  write_sound(model, folder / "out.onnx");
  const ir::Model again = read_sound(folder / "out.onnx");
  const ir::Node& before = model.graph->nodes().front();
  const ir::Node& after = again.graph->nodes().front();
  ASSERT_EQ(after.attributes().size(), before.attributes().size());
  for (const auto& [name, attribute] : before.attributes())
    EXPECT_EQ(ir::kind_of(*after.attribute(name)), ir::kind_of(attribute)) << name;
  EXPECT_EQ(std::get<std::int64_t>(*after.attribute("i")), 8);
  EXPECT_EQ(std::get<std::vector<float>>(*after.attribute("floats")), (std::vector<float>{1.5, 2}));
  EXPECT_EQ(after.subgraphs().size(), 2U);
}

TEST(OnnxGraph, has_declared_types_of_every_kind) {
  const ir::Model model = read_sound(onnx_data() / "parts.onnx");
  const auto type = [&](const char* name) { return to_string(model.graph->find(name)->type()); };
  EXPECT_EQ(type("x"), "f32[batch,3]");
  EXPECT_TRUE(model.graph->find("o")->type().as_optional());
  EXPECT_TRUE(model.graph->find("m")->type().as_map());
  EXPECT_TRUE(model.graph->find("q")->type().as_sequence());
  EXPECT_TRUE(model.graph->find("d")->tensor());
  EXPECT_FALSE(model.graph->find("d")->fixed_tensor()) << "an input may be overridden";
}

TEST(OnnxGraph, counts_a_sparse_initialiser_as_a_constant) {
  const ir::Model model = read_sound(onnx_data() / "parts.onnx");
  std::map<std::string, ops::Datum> inputs{{"x", {f32({1, 3}, {1, 1, 1})}},
                                           {"open", {f32({1, 4}, {0, 0, 0, 0})}}};
  EXPECT_EQ(to_string(model.graph->find("s")->type()), "f32[3]");
}

TEST(OnnxModel, says_where_it_comes_from) {
  const ir::Model model = read_sound(onnx_data() / "parts.onnx");
  EXPECT_EQ(model.format, "onnx");
  EXPECT_EQ(model.format_version, "IR version 10");
  EXPECT_EQ(model.producer, "make_fixtures.py 1.0");
  EXPECT_EQ(model.opsets.at(""), 21);
}

}  // namespace
}  // namespace ponte::test
