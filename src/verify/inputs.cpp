#include "verify/inputs.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/error.h"
#include "base/random.h"
#include "ir/narrow_floats.h"
#include "ops/array.h"

namespace ponte::verify {
namespace {

using ops::Array;
using ops::Bool;

ops::Dims shape_of(const ir::Value& input, std::vector<std::string>& assumptions) {
  const ir::TensorType* tensor = input.type().as_tensor();
  if (!tensor || !tensor->shape) {
    throw Error(Code::OpenDimension,
                fmt::format("the shape of input `{}` is not known", input.name()),
                fmt::format("give it with --input-shape {}=N,...", input.name()));
  }
  ops::Dims shape;
  for (const ir::Dim& dim : *tensor->shape) {
    if (dim.is_known()) {
      shape.push_back(dim.value());
    } else if (shape.empty()) {
      shape.push_back(1);
      assumptions.push_back(fmt::format("`{}`: {} = 1", input.name(), dim.to_string()));
    } else {
      const std::string name = dim.to_string();
      throw Error(
          Code::OpenDimension,
          fmt::format("dim {} (`{}`) of input `{}` is open", shape.size(), name, input.name()),
          name.starts_with('?')
              ? fmt::format("give the shape with --input-shape {}=N,...", input.name())
              : fmt::format("give it with --dim {}=N", name));
    }
  }
  return shape;
}

// The number of rows of the table that an integer input indexes, where it does.
std::optional<std::int64_t> table_size(const ir::Value& input) {
  for (const ir::Use& use : input.uses()) {
    if (use.node->op_name() != "Gather" || use.index != 1) continue;
    const ir::Value* table = use.node->input(0);
    const ir::TensorType* type = table ? table->type().as_tensor() : nullptr;
    const ir::Attribute* axis = use.node->attribute("axis");
    const std::int64_t at = axis ? std::get<std::int64_t>(*axis) : 0;
    if (!type || !type->shape || at < 0 || static_cast<std::size_t>(at) >= type->shape->size())
      continue;
    if (const auto size = (*type->shape)[static_cast<std::size_t>(at)].known()) return size;
  }
  return std::nullopt;
}

bool looks_like_mask(const ir::Value& input) {
  return input.name().find("mask") != std::string::npos;
}

double draw(InputKind kind, Random& random) {
  switch (kind) {
    case InputKind::Normal:
      return random.normal();
    case InputKind::Unit:
      return random.uniform();
    case InputKind::Zeros:
      return 0;
    case InputKind::Large:
      return 100 * random.normal();
  }
  return 0;
}

void fill_floats(std::span<double> values, ir::DType dtype, InputKind kind,
                 const std::optional<std::pair<double, double>>& range, Random& random) {
  for (double& value : values) {
    value = range ? range->first + (range->second - range->first) * random.uniform()
                  : draw(kind, random);
    // The runtimes get the value in the declared dtype, and so must the judge.
    if (dtype == ir::DType::Float32) {
      value = static_cast<double>(static_cast<float>(value));
    } else if (dtype != ir::DType::Float64) {
      value = ir::round_to(dtype, value);
    }
  }
}

void fill_integers(const ir::Value& input, std::span<std::int64_t> values, ir::DType dtype,
                   Random& random, std::vector<std::string>& assumptions) {
  std::int64_t count = 10;
  if (const auto table = table_size(input)) {
    count = std::max<std::int64_t>(*table, 1);
    assumptions.push_back(fmt::format("`{}`: indices below {}", input.name(), count));
  } else if (looks_like_mask(input)) {
    assumptions.push_back(fmt::format("`{}`: a mask of ones", input.name()));
    std::ranges::fill(values, 1);
    return;
  } else if (ir::info(dtype).bits == 8) {
    const ir::Range range = ir::range(dtype);
    for (std::int64_t& value : values)
      value =
          static_cast<std::int64_t>(range.lowest) + static_cast<std::int64_t>(random.below(256));
    return;
  }
  const auto highest = static_cast<std::int64_t>(std::min(ir::range(dtype).highest, 0x1p53));
  for (std::int64_t& value : values) {
    value = static_cast<std::int64_t>(
        random.below(static_cast<std::uint64_t>(std::min(count, highest + 1))));
  }
}

}  // namespace

InputSet make_inputs(const ir::Graph& graph, InputKind kind, const InputOptions& options) {
  InputSet set;
  for (const ir::Value* input : graph.inputs()) {
    if (input->tensor()) continue;
    const ir::TensorType* tensor = input->type().as_tensor();
    if (!tensor || tensor->dtype == ir::DType::Undefined || tensor->dtype == ir::DType::String) {
      throw Error(Code::MissingModelInput,
                  fmt::format("values of type {} can't be made up for input `{}`",
                              ir::to_string(input->type()), input->name()),
                  "give them with --input");
    }
    Random random(mix_seed(options.seed, input->name()), static_cast<std::uint64_t>(kind));
    Array array =
        Array::zeros(tensor->dtype, shape_of(*input, set.assumptions), ops::Arithmetic::Judge);
    const auto given = options.ranges.find(input->name());
    if (array.holds<double>()) {
      fill_floats(array.mutable_as<double>(), tensor->dtype, kind,
                  given == options.ranges.end() ? std::nullopt : std::optional(given->second),
                  random);
    } else if (array.holds<std::int64_t>()) {
      fill_integers(*input, array.mutable_as<std::int64_t>(), tensor->dtype, random,
                    set.assumptions);
    } else if (array.holds<std::uint64_t>()) {
      for (std::uint64_t& value : array.mutable_as<std::uint64_t>()) value = random.below(10);
    } else if (array.holds<Bool>()) {
      for (Bool& value : array.mutable_as<Bool>())
        value = random.below(2) ? Bool::True : Bool::False;
    }
    set.values[input->name()] = ops::Datum{std::move(array)};
  }
  return set;
}

}  // namespace ponte::verify
