#include "verify/interfaces.h"

#include <gmock/gmock.h>

#include "base/expect_error.h"
#include "verify/graphs.h"
#include "verify/states.h"

namespace ponte::verify {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

struct Port {
  const char* name;
  std::vector<std::int64_t> shape;
};

std::unique_ptr<ir::Graph> graph_of(const std::vector<Port>& inputs,
                                    const std::vector<Port>& outputs) {
  auto graph = std::make_unique<ir::Graph>(ops::all_ops());
  for (const Port& port : inputs) graph->add_input(port.name, floats(port.shape));
  int count = 0;
  for (const Port& port : outputs) {
    ir::NodeSpec spec{.domain = "", .op = "Identity"};
    spec.inputs = {&graph->add_constant("c" + std::to_string(count), constant(port.shape, 1))};
    spec.outputs = {port.name};
    graph->add_output(*graph->add(std::move(spec)).output(0));
    ++count;
  }
  return graph;
}

std::vector<std::string> outputs_of(const Interface& interface, std::size_t count) {
  std::vector<std::string> names;
  for (std::size_t i = 0; i < count; ++i)
    names.push_back(interface.output_value(i) ? interface.output_value(i)->name() : "");
  return names;
}

TEST(Interface, goes_by_names_where_they_are_the_same) {
  const auto a = graph_of({{"x", {2}}, {"z", {2}}}, {{"p", {3}}, {"q", {3}}});
  const auto b = graph_of({{"z", {2}}, {"x", {2}}}, {{"q", {3}}, {"p", {3}}});
  const Interface interface(*a, *b, {}, Shapes::MayDiffer);
  EXPECT_THAT(outputs_of(interface, 2), ElementsAre("p", "q"));
  EXPECT_THAT(interface.assumptions(), IsEmpty());
}

TEST(Interface, goes_by_type_where_that_leaves_one_choice_and_says_so) {
  const auto a = graph_of({{"x", {2}}, {"z", {5}}}, {{"p", {3}}, {"q", {4}}});
  const auto b = graph_of({{"u", {5}}, {"v", {2}}}, {{"r", {4}}, {"s", {3}}});
  const Interface interface(*a, *b, {}, Shapes::MayDiffer);
  EXPECT_THAT(outputs_of(interface, 2), ElementsAre("s", "r"));
  const Inputs given = interface.for_subject({{"x", tensor({2}, {1, 2})}});
  EXPECT_TRUE(given.contains("v"));
  EXPECT_THAT(interface.assumptions(), testing::Contains(HasSubstr("output `p` (f32[3]) is `s`")));
}

TEST(Interface, goes_by_position_where_types_do_not_tell) {
  const auto a = graph_of({{"x", {2}}}, {{"p", {3}}, {"q", {3}}});
  const auto b = graph_of({{"u", {2}}}, {{"r", {3}}, {"s", {3}}});
  EXPECT_THAT(outputs_of(Interface(*a, *b, {}, Shapes::MayDiffer), 2), ElementsAre("r", "s"));
}

TEST(Interface, needs_inputs_that_can_hold_the_same) {
  const auto a = graph_of({{"x", {2, 3}}}, {});
  for (const auto& shape : std::vector<std::vector<std::int64_t>>{{6}, {2, 1, 3}, {2, 3, 1}})
    Interface(*a, *graph_of({{"x", shape}}, {}), {}, Shapes::MayDiffer);
  for (const auto& shape : std::vector<std::vector<std::int64_t>>{{2, 4}, {3, 2}, {7}}) {
    test::expect_error(Code::ShapeMismatch, [&] {
      Interface(*a, *graph_of({{"x", shape}}, {}), {}, Shapes::MayDiffer);
    });
  }
}

TEST(Interface, goes_by_what_the_user_says_first) {
  const auto a = graph_of({{"x", {2}}}, {{"p", {3}}, {"q", {3}}});
  const auto b = graph_of({{"u", {2}}}, {{"r", {3}}, {"s", {3}}});
  const NameMaps names{{{"x", "u"}}, {{"p", "s"}}};
  EXPECT_THAT(outputs_of(Interface(*a, *b, names, Shapes::MayDiffer), 2), ElementsAre("s", "r"));
  test::expect_error(Code::UnknownName, [&] {
    Interface(*a, *b, {{{"y", "u"}}, {}}, Shapes::MayDiffer);
  });
}

TEST(Interface, without_a_counterpart_for_an_input_is_refused) {
  const auto a = graph_of({{"x", {2}}}, {{"p", {3}}});
  const auto b = graph_of({{"u", {7}}}, {{"p", {3}}});
  test::expect_error(Code::MissingModelInput, [&] { Interface(*a, *b, {}, Shapes::MayDiffer); });
}

TEST(Interface, leaves_an_output_without_counterpart_absent) {
  const auto a = graph_of({{"x", {2}}}, {{"p", {3}}, {"q", {4}}});
  const auto b = graph_of({{"x", {2}}}, {{"p", {3}}});
  const Interface interface(*a, *b, {}, Shapes::MayDiffer);
  EXPECT_TRUE(interface.output(1, {}, tensor({4}, {1, 2, 3, 4})).is_absent());
}

TEST(Interface, takes_other_shapes_of_the_same_elements_between_files_alone) {
  const auto a = graph_of({{"x", {2}}}, {{"p", {2, 3}}});
  const auto b = graph_of({{"x", {2}}}, {{"p", {6}}});
  const Values given{{"p", tensor({6}, {1, 2, 3, 4, 5, 6})}};
  const ops::Datum reference = tensor({2, 3}, {0, 0, 0, 0, 0, 0});
  const auto shape = [&](Shapes shapes) {
    return Interface(*a, *b, {}, shapes).output(0, given, reference).array().shape();
  };
  EXPECT_THAT(shape(Shapes::MayDiffer), ElementsAre(2, 3));
  EXPECT_THAT(shape(Shapes::MustBeEqual), ElementsAre(6));
}

TEST(Interface, takes_other_lengths_of_as_many_axes_for_another_tensor) {
  const auto a = graph_of({{"x", {1, 3, 8, 12}}}, {{"p", {2, 3}}});
  const auto b = graph_of({{"x", {3, 1, 8, 12}}}, {{"p", {3, 2}}});
  const Interface interface(*a, *b, {}, Shapes::MayDiffer);
  EXPECT_THAT(interface.output(0, {{"p", tensor({3, 2}, {1, 2, 3, 4, 5, 6})}},
                               tensor({2, 3}, {0, 0, 0, 0, 0, 0}))
                  .array()
                  .shape(),
              ElementsAre(3, 2));
  const auto swapped = graph_of({{"x", {1, 12, 8, 3}}}, {{"p", {2, 3}}});
  test::expect_error(Code::ShapeMismatch, [&] { Interface(*a, *swapped, {}, Shapes::MayDiffer); });
}

TEST(Interface, says_that_a_dtype_differs) {
  const auto a = graph_of({{"x", {2}}}, {{"p", {2}}});
  auto b = std::make_unique<ir::Graph>(ops::all_ops());
  ir::Value& x = b->add_input("x", floats({2}));
  ir::Value& p = b->add("Cast", {&x}, {{"to", static_cast<std::int64_t>(ir::DType::Float64)}}, "p");
  b->add_output(p);
  EXPECT_THAT(Interface(*a, *b, {}, Shapes::MayDiffer).assumptions(),
              ElementsAre("output `p` (f32[2]) is `p` (f64[2])"));
}

TEST(NamesOfResult, are_those_of_the_layer_too_that_gives_it_alone) {
  const auto graph = small_graph();
  EXPECT_THAT(names_of_result(*graph->find("conv")), ElementsAre("conv", "conv_layer"));
}

TEST(InShapeOf, takes_trailing_ones_alone_as_no_difference) {
  const ops::Datum row = tensor({100}, std::vector<double>(100, 1)),
                   column = tensor({100, 1}, std::vector<double>(100, 1)),
                   halves = tensor({50, 2}, std::vector<double>(100, 1));
  EXPECT_EQ(in_shape_of(column, row).array().shape(), ops::Dims{100});
  EXPECT_EQ(in_shape_of(halves, row).array().shape(), (ops::Dims{50, 2}));
}

TEST(States, are_outputs_that_are_called_like_an_input_with_something_behind_it) {
  const auto graph = graph_of({{"x", {1, 5}}, {"h0", {2, 3}}, {"state", {2, 4}}},
                              {{"y", {1, 5}}, {"hn", {2, 3}}, {"stateN", {2, 4}}});
  const States states = find_states(*graph);
  ASSERT_EQ(states.pairs.size(), 2U);
  EXPECT_EQ(states.pairs[0].output->name(), "hn");
  EXPECT_EQ(states.pairs[1].output->name(), "stateN");
  EXPECT_EQ(states.pairs[1].output_index, 2U);
  const Inputs initial = initial_states(states, {{"h0", tensor({2, 3}, {1, 2, 3, 4, 5, 6})}});
  EXPECT_THAT(initial.at("h0").array().to_f64(), testing::Each(0));
}

TEST(States, are_not_outputs_of_another_shape) {
  EXPECT_THAT(find_states(*graph_of({{"x", {1, 5}}}, {{"x_out", {1, 6}}})).pairs, IsEmpty());
}

}  // namespace
}  // namespace ponte::verify
