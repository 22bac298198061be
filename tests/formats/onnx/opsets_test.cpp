// Every change of every op between opsets, up and down: tests/data/onnx/make_opsets.py.
#include "formats/onnx/opsets.h"

#include <algorithm>
#include <cmath>
#include <set>

#include "formats/onnx/models.h"
#include "formats/onnx/schemas.h"
#include "ops/all_ops.h"

namespace ponte::test {
namespace {

namespace fs = std::filesystem;

struct CaseFile {
  fs::path path;
  std::int64_t version;
};

std::vector<CaseFile> case_files(const std::string& kind) {
  std::vector<CaseFile> files;
  for (const auto& entry : fs::directory_iterator(onnx_data() / "opsets")) {
    const std::string name = entry.path().stem().string();
    if (name.starts_with(kind + "_"))
      files.push_back({entry.path(), std::stoll(name.substr(kind.size() + 1))});
  }
  std::ranges::sort(files, {}, &CaseFile::version);
  return files;
}

// Each output against the initialiser `expected NAME` of the case file.
void expect_results(const ir::Model& model, const ir::Model& expected) {
  const auto outputs = evaluated(model);
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    const std::string name = model.graph->outputs()[i]->name();
    const ir::Value* recorded = expected.graph->find("expected " + name);
    ASSERT_NE(recorded, nullptr) << name;
    const ops::Array& actual = outputs[i].array();
    EXPECT_EQ(actual.shape(), recorded->tensor()->shape()) << name;
    const auto wanted = recorded->tensor()->to_f64();
    const auto numbers = actual.to_f64();
    ASSERT_EQ(numbers.size(), wanted.size()) << name;
    for (std::size_t k = 0; k < wanted.size(); ++k)
      EXPECT_NEAR(numbers[k], wanted[k], 2e-5 * std::max(1.0, std::abs(wanted[k]))) << name << k;
  }
}

using Rows = std::set<std::pair<std::string, std::int64_t>>;

// The rows of the table that the nodes of case files are for.
Rows rows_of(std::initializer_list<const char*> kinds) {
  Rows rows;
  for (const char* kind : kinds) {
    for (const CaseFile& file : case_files(kind)) {
      ir::for_each_node(*read_sound(file.path).graph, [&](const ir::Node& node) {
        const std::string name =
            node.origins.empty() ? std::string(node.op_name()) : node.origins.begin()->op;
        rows.emplace(name, file.version);
      });
    }
  }
  return rows;
}

TEST(OnnxOpsets, have_a_case_for_every_row_of_the_table) {
  const Rows up = rows_of({"before", "carried"});
  const Rows down = rows_of({"after", "refused"});
  for (const onnx::OpsetStep& step : onnx::opset_steps()) {
    const std::pair row(std::string(step.op), step.version);
    EXPECT_TRUE(!step.up || up.contains(row)) << step.op << " " << step.version << " up";
    EXPECT_TRUE(!step.down || down.contains(row)) << step.op << " " << step.version << " down";
  }
}

TEST(OnnxOpsets, have_a_row_for_every_change_that_takes_something_away) {
  for (const ir::Op* op : ops::all_ops().ops()) {
    const onnx::Schema* before = nullptr;
    for (const onnx::Schema& schema : onnx::schemas()) {
      if (!op->domain.empty() || schema.op != op->name) continue;
      const bool loses = before && (schema.inputs.size() < before->inputs.size() || [&] {
                           const std::string now = " " + std::string(schema.attributes) + " ";
                           std::string word;
                           for (const char c : std::string(before->attributes) + " ") {
                             if (c != ' ') {
                               word += c;
                             } else if (!word.empty()) {
                               if (now.find(" " + word + " ") == std::string::npos) return true;
                               word.clear();
                             }
                           }
                           return false;
                         }());
      if (loses) {
        EXPECT_TRUE(std::ranges::any_of(onnx::opset_steps(),
                                        [&](const onnx::OpsetStep& step) {
                                          return step.op == op->name &&
                                                 step.version == schema.since && step.up;
                                        }))
            << op->name << " " << schema.since;
      }
      before = &schema;
    }
  }
}

TEST(OnnxOpsets, older_than_a_change_mean_the_same_after_it) {
  const TemporaryFolder folder;
  for (const CaseFile& file : case_files("before")) {
    SCOPED_TRACE(file.path.filename());
    const ir::Model model = read_sound(file.path);
    expect_results(model, model);
    write_sound(model, folder / "out.onnx", {.opset = onnx::newest_opset});
    const ir::Model newest = read_sound(folder / "out.onnx");
    EXPECT_EQ(newest.opsets.at(""), onnx::newest_opset);
    expect_results(newest, model);
  }
}

TEST(OnnxOpsets, newer_than_a_change_are_written_in_the_older_form) {
  const TemporaryFolder folder;
  for (const CaseFile& file : case_files("after")) {
    SCOPED_TRACE(file.path.filename());
    const ir::Model model = read_sound(file.path);
    expect_results(model, model);
    write_sound(model, folder / "out.onnx", {.opset = file.version - 1});
    const ir::Model older = read_sound(folder / "out.onnx");
    EXPECT_EQ(older.opsets.at(""), file.version - 1);
    expect_results(older, model);
  }
}

TEST(OnnxOpsets, that_cannot_say_a_node_are_refused_with_the_first_one_that_could) {
  const TemporaryFolder folder;
  for (const CaseFile& file : case_files("refused")) {
    SCOPED_TRACE(file.path.filename());
    const ir::Model model = read_sound(file.path);
    Diagnostics problems;
    onnx::write(model, folder / "out.onnx", {.opset = file.version - 1}, problems);
    EXPECT_FALSE(fs::exists(folder / "out.onnx"));
    std::map<std::string, const Diagnostic*> by_node;
    for (const Diagnostic& problem : problems.entries()) by_node[problem.where.node] = &problem;
    for (const auto& [name, needs] : model.metadata) {
      ASSERT_TRUE(by_node.contains(name)) << name;
      const Diagnostic& problem = *by_node.at(name);
      EXPECT_EQ(to_string(problem.code), to_string(Code::OpsetTooOld)) << problem.message;
      EXPECT_FALSE(problem.where.op.empty());
      EXPECT_NE(problem.message.find("`" + problem.where.op + "`"), std::string::npos)
          << problem.message;
      EXPECT_NE((problem.message + " ").find("opset " + needs + " "), std::string::npos)
          << problem.message;
    }
  }
}

TEST(OnnxOpsets, that_only_they_can_say_are_carried_and_not_translated) {
  const TemporaryFolder folder;
  for (const CaseFile& file : case_files("carried")) {
    SCOPED_TRACE(file.path.filename());
    Diagnostics problems;
    const ir::Model model = onnx::read(file.path, {}, problems);
    EXPECT_FALSE(problems.has_errors()) << describe(problems);
    EXPECT_TRUE(has_code(problems, Code::UnsupportedOpset));
    Diagnostics written;
    onnx::write(model, folder / "out.onnx", {.opset = onnx::newest_opset}, written);
    EXPECT_TRUE(has_code(written, Code::NoWriterForOp)) << describe(written);
    EXPECT_FALSE(fs::exists(folder / "out.onnx"));
  }
}

TEST(OnnxOpsets, newer_than_all_that_are_known_are_carried) {
  WireMessage made;
  made.integer(1, 14);
  made.message(7, graph({.nodes = {node("Relu", {"x"}, {"y"})},
                         .inputs = {value("x")},
                         .outputs = {value("y")}}));
  made.message(8, opset("", onnx::newest_opset + 1));
  Diagnostics problems;
  const ir::Model read = read_bytes(bytes_of(made), problems);
  EXPECT_TRUE(has_code(problems, Code::UnsupportedOpset));
  EXPECT_FALSE(problems.has_errors());
  EXPECT_EQ(read.graph->nodes().front().op(), nullptr);
}

// Files of opset 9 and below name the mask of Dropout, whose dtype changed, and take it nowhere.
TEST(OnnxOpsets, a_mask_of_dropout_that_nobody_takes_is_none) {
  const auto model_with = [](const WireMessage& output) {
    WireMessage made;
    made.integer(1, 4);
    made.message(7,
                 graph({.nodes = {node("Dropout", {"x"}, {"d", "mask"}), node("Neg", {"d"}, {"y"})},
                        .inputs = {value("x")},
                        .outputs = {value("y"), output}}));
    made.message(8, opset("", 9));
    return bytes_of(made);
  };
  Diagnostics none, problems;
  const ir::Model unused = read_bytes(model_with(value("d")), none);
  EXPECT_TRUE(none.empty()) << describe(none);
  EXPECT_EQ(unused.graph->find("mask"), nullptr);
  EXPECT_EQ(numbers_of(evaluated(unused, {{"x", {f32({2}, {3, 4})}}})[0]),
            (std::vector<double>{-3, -4}));
  const TemporaryFolder folder;
  write_sound(unused, folder / "out.onnx");
  EXPECT_EQ(text_of(folder / "out.onnx"), model_with(value("d")));
  const ir::Model used = read_bytes(model_with(value("mask")), problems);
  EXPECT_TRUE(has_code(problems, Code::UnsupportedOpset));
  EXPECT_EQ(used.graph->nodes().front().op(), nullptr);
}

TEST(OnnxOpsets, below_seven_are_written_only_where_the_model_has_them) {
  const TemporaryFolder folder;
  const ir::Model model = read_sound(onnx_data() / "tensors.onnx");
  Diagnostics problems;
  expect_error(Code::OpsetTooOld,
               [&] { onnx::write(model, folder / "out.onnx", {.opset = 6}, problems); });
  expect_error(Code::UnsupportedOpset, [&] {
    onnx::write(model, folder / "out.onnx", {.opset = onnx::newest_opset + 1}, problems);
  });
}

}  // namespace
}  // namespace ponte::test
