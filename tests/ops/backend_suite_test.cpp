// The cases of the ONNX backend suite (onnx/backend/test/data of the ONNX project: single nodes,
// small graphs, what PyTorch exported), as far as their ops are implemented. They come with the
// models that tests may read, and are skipped without them.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <map>

#include "evaluate/evaluator.h"
#include "formats/onnx/decode.h"
#include "formats/onnx/read.h"
#include "paths.h"
#include "unpacked_archive.h"

namespace ponte::onnx {
namespace {

namespace fs = std::filesystem;

using ir::DType;
using ops::Arithmetic;
using ops::Array;
using ops::Datum;

// Cases that can't pass, each with the reason.
const std::map<std::string, std::string> expected_failures = {
    {"test_bernoulli_seed_expanded", "random: the draws of another generator"},
    {"test_training_dropout_default", "random: the draws of another generator"},
    {"test_training_dropout_default_mask", "random: the draws of another generator"},
    {"test_training_dropout_mask", "random: the draws of another generator"},
};

Datum tensor_datum(shared::WireReader reader) {
  ExternalFiles files{fs::path("/nonexistent")};
  return {ops::load(decode_tensor(std::move(reader), files).tensor, Arithmetic::Exact)};
}

// SequenceProto: tensors in field 3. OptionalProto: a tensor in field 3, a sequence in field 5.
Datum sequence_datum(shared::WireReader reader, const ir::Type& type) {
  std::vector<Datum> items;
  while (reader.next()) {
    if (reader.field() == 3) items.push_back(tensor_datum(shared::WireReader(reader.bytes())));
  }
  return {ops::Sequence{*type.as_sequence()->element,
                        std::make_shared<const std::vector<Datum>>(std::move(items))}};
}

Datum optional_datum(shared::WireReader reader, const ir::Type& type) {
  ops::OptionalDatum result{*type.as_optional()->element, nullptr};
  while (reader.next()) {
    if (reader.field() == 3) {
      result.item = std::make_shared<const Datum>(tensor_datum(shared::WireReader(reader.bytes())));
    } else if (reader.field() == 5) {
      result.item = std::make_shared<const Datum>(
          sequence_datum(shared::WireReader(reader.bytes()), result.element));
    }
  }
  return {result};
}

Datum read_datum(const fs::path& path, const ir::Type& type) {
  shared::WireReader reader(whole(open_file(path)));
  if (type.as_sequence()) return sequence_datum(std::move(reader), type);
  if (type.as_optional()) return optional_datum(std::move(reader), type);
  return tensor_datum(std::move(reader));
}

bool is_close(double expected, double computed, DType dtype) {
  if (std::isnan(expected) || std::isnan(computed))
    return std::isnan(expected) && std::isnan(computed);
  if (expected == computed) return true;
  // The tolerance of the suite's own runner, and two units of a narrow dtype.
  const double relative = std::max(1e-3, 2 * ir::unit_roundoff(dtype));
  return std::abs(expected - computed) <= 1e-7 + relative * std::abs(expected);
}

// What is wrong with the result, or nothing.
std::string difference(const Datum& expected, const Datum& computed) {
  if (expected.held.index() != computed.held.index()) return "another kind of value";
  if (std::get_if<ops::Sequence>(&expected.held)) {
    const auto &a = *expected.sequence().items, &b = *computed.sequence().items;
    if (a.size() != b.size()) return fmt::format("{} items instead of {}", b.size(), a.size());
    for (std::size_t i = 0; i < a.size(); ++i) {
      if (const std::string problem = difference(a[i], b[i]); !problem.empty()) return problem;
    }
    return {};
  }
  if (std::get_if<ops::OptionalDatum>(&expected.held)) {
    const auto &a = expected.optional().item, &b = computed.optional().item;
    if (!a || !b) return a || b ? "one is empty" : "";
    return difference(*a, *b);
  }
  const Array &a = expected.array(), &b = computed.array();
  if (ops::type_of(expected) != ops::type_of(computed)) {
    return fmt::format("{} instead of {}", ir::to_string(ops::type_of(computed)),
                       ir::to_string(ops::type_of(expected)));
  }
  if (a.elements() == b.elements() || a.count() == 0) return {};
  if (a.holds<std::string>() || a.holds<std::complex<double>>()) return "other elements";
  const std::vector<double> x = a.to_f64(), y = b.to_f64();
  for (std::size_t i = 0; i < x.size(); ++i) {
    if (!is_close(x[i], y[i], a.dtype()))
      return fmt::format("element {} is {} instead of {}", i, y[i], x[i]);
  }
  return {};
}

bool is_implemented(const ir::Graph& graph) {
  bool result = true;
  ir::for_each_node(
      graph, [&](const ir::Node& node) { result = result && node.op() && node.op()->evaluate; });
  return result;
}

// Whether what inference says of an output contradicts what was computed.
std::string contradiction(const ir::Type& inferred, const Datum& computed) {
  try {
    ir::refine(inferred, ops::type_of(computed));
    return {};
  } catch (const Error& error) {
    return error.what();
  }
}

enum class Outcome { Passed, Failed, NotImplemented };

Outcome run_case(const fs::path& folder, std::string& problem) {
  Diagnostics problems;
  const ir::Model model = read(folder / "model.onnx", {}, problems);
  if (problems.has_errors() || !is_implemented(*model.graph)) {
    if (!problems.empty()) problem = problems.entries()[0].message;
    return Outcome::NotImplemented;
  }
  const fs::path data = folder / "test_data_set_0";
  std::map<std::string, Datum> inputs;
  for (std::size_t i = 0; i < model.graph->inputs().size(); ++i) {
    const ir::Value& input = *model.graph->inputs()[i];
    const fs::path file = data / fmt::format("input_{}.pb", i);
    if (fs::exists(file)) inputs[input.name()] = read_datum(file, input.type());
  }
  evaluate::Evaluator evaluator(*model.graph,
                                {.arithmetic = Arithmetic::Exact, .memory_bytes = 1 << 29});
  const std::vector<Datum> outputs = evaluator.run(inputs).outputs;
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    const ir::Value& output = *model.graph->outputs()[i];
    problem = difference(
        read_datum(data / fmt::format("output_{}.pb", i), ops::type_of(outputs[i])), outputs[i]);
    if (problem.empty()) problem = contradiction(output.type(), outputs[i]);
    if (!problem.empty()) {
      problem = fmt::format("output `{}`: {}", output.name(), problem);
      return Outcome::Failed;
    }
  }
  return Outcome::Passed;
}

struct Counts {
  int passed = 0;
  int not_implemented = 0;
};

Counts run_cases(const fs::path& folder) {
  std::vector<fs::path> cases;
  for (const auto& entry : fs::directory_iterator(folder)) cases.push_back(entry.path());
  std::ranges::sort(cases);
  Counts counts;
  for (const fs::path& one : cases) {
    const std::string name = one.filename().string();
    std::string problem;
    Outcome outcome = Outcome::Failed;
    try {
      outcome = run_case(one, problem);
    } catch (const Error& error) {
      problem = fmt::format("{}: {}", to_string(error.code()), error.what());
    }
    counts.passed += outcome == Outcome::Passed ? 1 : 0;
    counts.not_implemented += outcome == Outcome::NotImplemented ? 1 : 0;
    if (outcome == Outcome::NotImplemented) continue;
    const auto known = expected_failures.find(name);
    if (known == expected_failures.end()) {
      EXPECT_EQ(outcome, Outcome::Passed) << name << ": " << problem;
    } else {
      EXPECT_EQ(outcome, Outcome::Failed)
          << name << " passes, though expected to fail: " << known->second;
    }
  }
  return counts;
}

TEST(BackendSuite, Cases_compute_what_the_suite_expects) {
  const fs::path archive = test::models_folder() / "onnx/onnx-backend-a.tar.xz";
  if (!fs::exists(archive)) GTEST_SKIP() << archive << " is not there";
  const test::UnpackedArchive unpacked(archive);
  // A reader that refuses everything must not look like success.
  const std::map<std::string, int> at_least{
      {"node", 400}, {"simple", 9}, {"pytorch-converted", 38}, {"pytorch-operator", 15}};
  for (const auto& [name, least] : at_least) {
    SCOPED_TRACE(name);
    const Counts counts = run_cases(unpacked.folder() / "onnx-backend-a" / name);
    RecordProperty(name + "_passed", counts.passed);
    RecordProperty(name + "_not_implemented", counts.not_implemented);
    EXPECT_GE(counts.passed, least);
  }
}

}  // namespace
}  // namespace ponte::onnx
