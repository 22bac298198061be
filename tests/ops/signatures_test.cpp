// The signatures of all ops against those of the standard: tests/data/signatures/onnx.txt, with the
// script that wrote it.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <map>
#include <set>

#include "ir/inference.h"
#include "ops/all_ops.h"
#include "paths.h"

namespace ponte::ops {
namespace {

using ir::Arity;
using ir::Op;
using ir::Parameter;

std::string types_text(ir::TypeSet set) {
  std::set<std::string> names;
  for (int i = 1; i < ir::dtype_count; ++i) {
    if (set.has(static_cast<ir::DType>(i))) names.emplace(ir::to_string(static_cast<ir::DType>(i)));
  }
  if (set.bits & ir::types::sequence.bits) names.emplace("sequence");
  if (set.bits & ir::types::optional.bits) names.emplace("optional");
  if (set.bits & ir::types::map.bits) names.emplace("map");
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "" : " ") + name;
  return text;
}

// How many parameters a type variable ties together; a variadic one counts for several.
std::map<std::string_view, int> variable_uses(const Op& op) {
  std::map<std::string_view, int> uses;
  const auto count = [&](const Parameter& parameter) {
    uses[parameter.variable] += parameter.arity == Arity::Variadic ? 2 : 1;
  };
  std::ranges::for_each(op.inputs, count);
  std::ranges::for_each(op.outputs, count);
  uses.erase("");
  return uses;
}

std::string parameter_line(std::string_view kind, const Parameter& parameter,
                           const std::map<std::string_view, int>& uses) {
  std::string line = fmt::format("  {} {}", kind, parameter.name);
  if (parameter.arity == Arity::Optional) line += " optional";
  if (parameter.arity == Arity::Variadic) line += fmt::format(" variadic {}", parameter.minimum);
  if (const auto it = uses.find(parameter.variable); it != uses.end() && it->second > 1)
    line += fmt::format(" {}", parameter.variable);
  return line + ": " + types_text(parameter.types) + "\n";
}

std::string attribute_line(const ir::AttributeSpec& spec) {
  std::string line = fmt::format("  attribute {} {}", spec.name, ir::to_string(spec.kind));
  if (std::holds_alternative<ir::Required>(spec.fallback)) return line + " required\n";
  if (const auto* value = std::get_if<std::int64_t>(&spec.fallback))
    return line + fmt::format(" = {}\n", *value);
  if (const auto* value = std::get_if<double>(&spec.fallback))
    return line + fmt::format(" = {:.9g}\n", static_cast<double>(static_cast<float>(*value)));
  if (const auto* value = std::get_if<std::string_view>(&spec.fallback))
    return line + fmt::format(" = \"{}\"\n", *value);
  return line + "\n";
}

std::string block_of(const Op& op) {
  const std::string domain = op.domain.empty() ? "" : fmt::format("{}::", op.domain);
  std::string text = fmt::format("{}{} {}\n", domain, op.name, op.since);
  const auto uses = variable_uses(op);
  for (const Parameter& input : op.inputs) text += parameter_line("input", input, uses);
  for (const Parameter& output : op.outputs) text += parameter_line("output", output, uses);
  std::map<std::string_view, std::string> attributes;
  for (const ir::AttributeSpec& spec : op.attributes)
    attributes.emplace(spec.name, attribute_line(spec));
  for (const auto& [name, line] : attributes) text += line;
  return text;
}

std::map<std::string, std::string> recorded_blocks() {
  std::ifstream file(test::data_folder() / "signatures/onnx.txt");
  std::map<std::string, std::string> blocks;
  std::string line, name;
  while (std::getline(file, line)) {
    if (line.empty() || line[0] == '#') continue;
    if (line[0] != ' ') name = line.substr(0, line.find(' '));
    blocks[name] += line + "\n";
  }
  return blocks;
}

TEST(Signatures, Are_those_of_the_standard) {
  const auto recorded = recorded_blocks();
  ASSERT_GT(recorded.size(), 190);
  for (const Op* op : all_ops().ops()) {
    const std::string name =
        op->domain.empty() ? std::string(op->name) : fmt::format("{}::{}", op->domain, op->name);
    const auto block = recorded.find(name);
    ASSERT_NE(block, recorded.end()) << name;
    EXPECT_EQ(block_of(*op), block->second);
  }
}

TEST(Signatures, Come_with_inference_and_evaluation_and_an_error_scale_where_an_op_rounds) {
  for (const Op* op : all_ops().ops()) {
    SCOPED_TRACE(op->name);
    EXPECT_NE(op->infer, nullptr);
    EXPECT_NE(op->evaluate, nullptr);
    EXPECT_TRUE(op->exactness != ir::Exactness::Rounds || op->scale);
  }
}

}  // namespace
}  // namespace ponte::ops
