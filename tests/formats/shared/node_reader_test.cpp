// The loop that reads foreign nodes, and what a reader function sees.
#include "formats/shared/node_reader.h"

#include <gmock/gmock.h>

#include "base/expect_error.h"
#include "formats/shared/read_nodes.h"
#include "ops/all_ops.h"

namespace ponte::shared {
namespace {

using test::expect_error;

ForeignNode node(std::string op, std::vector<std::string> inputs,
                 std::vector<std::string> outputs) {
  ForeignNode made;
  made.op = std::move(op);
  made.name = made.op + "_node";
  made.inputs = std::move(inputs);
  made.outputs = std::move(outputs);
  return made;
}

void read_copy(NodeReader& reader) {
  reader.set_output(reader.add("Identity", {&reader.input(0)}));
}

void read_scaled(NodeReader& reader) {
  ir::Value& factor =
      reader.constant("factor", ir::Tensor::scalar_f32(static_cast<float>(reader.f("by"))));
  ir::Value& scaled = reader.add("Mul", {&reader.input(0), &factor});
  reader.set_output(reader.add("Neg", {&scaled}));
}

constexpr auto rows = std::to_array<ReadRow>({
    {"Copy", read_copy, "Identity"},
    {"Known", nullptr, ""},
    {"Scaled", read_scaled, "Mul"},
});

class ReadNodes : public testing::Test {
 protected:
  ReadNodes() {
    bindings_["x"] = &graph_.add_input("x", ir::Type::tensor(ir::DType::Float32, ir::Shape{2}));
  }

  void read(const ForeignGraph& nodes) {
    read_nodes(nodes, [](const ForeignNode& n) { return find_row(rows, n.op); }, graph_, bindings_,
               {problems_, "file"});
  }

  std::vector<Code> codes() const {
    std::vector<Code> list;
    for (const Diagnostic& entry : problems_.entries()) list.push_back(entry.code);
    return list;
  }

  ir::Graph graph_{ops::all_ops()};
  Bindings bindings_;
  Diagnostics problems_;
};

TEST_F(ReadNodes, binds_results_by_their_foreign_names) {
  read({"", {node("Copy", {"x"}, {"y"}), node("Copy", {"y"}, {"z"})}});
  EXPECT_THAT(codes(), testing::IsEmpty());
  EXPECT_EQ(bindings_.find("z")->producer()->input(0), graph_.find("y"));
}

TEST_F(ReadNodes, reports_every_problem_in_one_run) {
  read({"",
        {node("Missing", {"x"}, {"a"}), node("Known", {"x"}, {"b"}),
         node("Copy", {"nothing"}, {"c"})}});
  EXPECT_THAT(codes(),
              testing::ElementsAre(Code::NoReaderForOp, Code::NoReaderForOp, Code::UndefinedValue));
}

TEST_F(ReadNodes, keeps_quiet_behind_a_placeholder_but_for_what_is_wrong_anyway) {
  ForeignNode scaled = node("Scaled", {"a"}, {"b"});
  scaled.attributes["by"] = std::string("text");
  ForeignNode unread = node("Copy", {"a"}, {"c"});
  unread.attributes["more"] = 1.5F;
  read({"", {node("Missing", {"x"}, {"a"}), scaled, unread}});
  EXPECT_THAT(codes(), testing::ElementsAre(Code::NoReaderForOp, Code::UnreadAttribute));
}

TEST_F(ReadNodes, leaves_nothing_of_a_node_that_failed) {
  ForeignNode scaled = node("Scaled", {"x"}, {"y"});
  scaled.attributes["by"] = 2.0F;
  scaled.attributes["unread"] = 1.0F;
  read({"", {scaled}});
  EXPECT_THAT(codes(), testing::ElementsAre(Code::UnreadAttribute));
  EXPECT_TRUE(graph_.constants().empty());
  ASSERT_EQ(graph_.nodes().size(), 1U);
  EXPECT_TRUE(graph_.nodes().front().is_placeholder());
}

TEST_F(ReadNodes, gives_a_group_of_nodes_one_record) {
  ForeignNode scaled = node("Scaled", {"x"}, {"y"});
  scaled.attributes["by"] = 2.0F;
  scaled.record = std::make_shared<ir::Record>();
  read({"", {scaled}});
  ASSERT_EQ(graph_.nodes().size(), 2U);
  EXPECT_EQ(graph_.nodes().front().record, graph_.nodes().back().record);
  EXPECT_EQ(graph_.nodes().front().record->group_size, 2U);
}

TEST_F(ReadNodes, keeps_the_names_of_later_nodes_free) {
  ForeignNode scaled = node("Scaled", {"x"}, {"y"});
  scaled.attributes["by"] = 2.0F;
  read_nodes({"", {scaled, node("Copy", {"y"}, {"Scaled_node/factor"})}},
             [](const ForeignNode& n) { return find_row(rows, n.op); }, graph_, bindings_,
             {problems_, "file", {}, {"Scaled_node/factor"}});
  EXPECT_THAT(codes(), testing::IsEmpty());
  EXPECT_EQ(graph_.find("Scaled_node/factor")->producer()->op_name(), "Identity");
}

TEST(NodeReader, converts_numbers_where_nothing_is_lost) {
  ir::Graph graph(ops::all_ops());
  Bindings bindings;
  Diagnostics problems;
  ForeignNode made = node("Copy", {}, {});
  made.attributes = {{"one", 3.0F},
                     {"half", 0.5F},
                     {"list", std::vector<std::int64_t>{4}},
                     {"word", std::string("true")}};
  NodeReader reader(made, graph, bindings, {problems, "file"});
  EXPECT_EQ(reader.i("one"), 3);
  EXPECT_EQ(reader.i("list"), 4);
  EXPECT_EQ(reader.f("list"), 4.0);
  EXPECT_TRUE(reader.b("word", false));
  EXPECT_EQ(reader.i("absent", 7), 7);
  expect_error(Code::InvalidAttribute, [&] { reader.i("half"); });
  expect_error(Code::MissingAttribute, [&] { reader.f("absent"); });
  expect_error(Code::MissingWeights, [&] { reader.weight(0); });
}

TEST(NodeReader, ignores_a_field_or_a_message_and_none_that_starts_alike) {
  ir::Graph graph(ops::all_ops());
  Bindings bindings;
  Diagnostics problems;
  ForeignNode made = node("Copy", {}, {});
  for (const char* name : {"p.filler", "p.filler.type", "p.filler.inner.min", "p.filler[1].max",
                           "p.filler_count", "p.fillers.type", "q.p.filler"})
    made.attributes[name] = std::int64_t{1};
  NodeReader reader(made, graph, bindings, {problems, "file"});
  reader.ignore("p.filler");
  const auto error = test::error_of([&] { reader.require_all_attributes_read(); });
  ASSERT_TRUE(error);
  EXPECT_STREQ(error->what(), "not interpreted: `p.filler_count`, `p.fillers.type`, `q.p.filler`");
}

TEST(Bindings, of_a_subgraph_hide_those_around_it) {
  ir::Graph graph(ops::all_ops());
  Bindings outer;
  outer["a"] = &graph.add_input("a", {});
  outer["b"] = &graph.add_input("b", {});
  Bindings inner(outer);
  inner["a"] = outer.find("b");
  EXPECT_EQ(inner.find("a"), outer.find("b"));
  EXPECT_EQ(inner.find("b"), outer.find("b"));
  EXPECT_EQ(inner.find("c"), nullptr);
  EXPECT_EQ(outer.find("a"), graph.find("a"));
}

TEST(TopologicalOrder, keeps_places_where_it_can) {
  const auto known = [](std::string_view name) { return name == "x"; };
  EXPECT_THAT(
      topological_order(
          {"", {node("A", {"x"}, {"a"}), node("B", {"x"}, {"b"}), node("C", {"a", "b"}, {"c"})}},
          known),
      testing::ElementsAre(0, 1, 2));
  EXPECT_THAT(
      topological_order(
          {"", {node("C", {"a", "b"}, {"c"}), node("A", {"x"}, {"a"}), node("B", {"x"}, {"b"})}},
          known),
      testing::ElementsAre(1, 2, 0));
}

TEST(TopologicalOrder, sees_what_subgraphs_take_from_outside) {
  ForeignNode branch = node("If", {"x"}, {"y"});
  auto body = std::make_shared<ForeignGraph>();
  body->nodes = {node("Copy", {"a"}, {"inner"})};
  branch.subgraphs.push_back({"then_branch", body, false});
  const auto known = [](std::string_view name) { return name == "x"; };
  EXPECT_THAT(topological_order({"", {branch, node("A", {"x"}, {"a"})}}, known),
              testing::ElementsAre(1, 0));
}

TEST(TopologicalOrder, refuses_a_cycle_and_names_a_node_on_it) {
  const auto known = [](std::string_view) { return false; };
  const auto error = test::error_of([&] {
    topological_order({"", {node("A", {"b"}, {"a"}), node("B", {"a"}, {"b"})}}, known);
  });
  ASSERT_TRUE(error);
  EXPECT_EQ(error->code(), Code::GraphNotAcyclic);
  EXPECT_EQ(error->where().op, "A");
  expect_error(Code::GraphNotAcyclic, [&] {
    topological_order({"", {node("A", {"a"}, {"a"})}}, known);
  });
}

}  // namespace
}  // namespace ponte::shared
