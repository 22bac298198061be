#include "verify/inputs.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/counted.h"
#include "base/error.h"
#include "base/random.h"
#include "base/text.h"
#include "ir/narrow_floats.h"
#include "ir/shapes.h"
#include "ops/array.h"

namespace ponte::verify {
namespace {

using ops::Array;
using ops::Bool;
using Sizes = std::map<std::string, std::int64_t>;

constexpr double large = 100;
constexpr std::int64_t unknown_table_size = 10;

// The symbols that the shapes of given values decide.
void bind_given(const ir::Graph& graph, const Inputs& given, Sizes& sizes) {
  for (const ir::Value* input : graph.inputs()) {
    const auto value = given.find(input->name());
    const ir::TensorType* tensor = input->type().as_tensor();
    if (value == given.end() || !tensor || !tensor->shape) continue;
    const auto* array = std::get_if<Array>(&value->second.held);
    if (!array || array->shape().size() != tensor->shape->size()) continue;
    for (std::size_t axis = 0; axis < array->shape().size(); ++axis) {
      const std::string_view name = (*tensor->shape)[axis].symbol_name();
      if (!name.empty()) sizes.try_emplace(std::string(name), array->shape()[axis]);
    }
  }
}

[[noreturn]] void throw_open(const ir::Value& input, std::size_t axis, const std::string& name) {
  throw Error(Code::OpenDimension,
              fmt::format("dim {} (`{}`) of input `{}` is open", axis, name, input.name()),
              name.starts_with('?')
                  ? fmt::format("give the shape with --input-shape {}=N,...", input.name())
                  : fmt::format("give it with --dim {}=N", name));
}

ops::Dims shape_of(const ir::Value& input, const Sizes& sizes) {
  const ir::TensorType* tensor = input.type().as_tensor();
  if (!tensor || !tensor->shape) {
    throw Error(Code::OpenDimension,
                fmt::format("the shape of input `{}` is not known", input.name()),
                fmt::format("give it with --input-shape {}=N,...", input.name()));
  }
  ops::Dims shape;
  for (const ir::Dim& dim : *tensor->shape) {
    const ir::Dim bound = dim.substitute([&](std::string_view name) -> std::optional<ir::Dim> {
      const auto it = sizes.find(std::string(name));
      return it == sizes.end() ? std::nullopt : std::optional(ir::Dim(it->second));
    });
    if (!bound.is_known()) throw_open(input, shape.size(), dim.to_string());
    shape.push_back(bound.value());
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

// 0 to 255 where the first node of an input subtracts or divides by what only pixels are treated
// with.
std::optional<std::pair<double, double>> pixel_range(const ir::Value& input) {
  constexpr double smallest_divisor = 50, smallest_mean = 10, most_elements = 1024;
  if (input.uses().size() != 1) return std::nullopt;
  const ir::Use use = input.uses().front();
  const std::string_view op = use.node->op_name();
  const ir::Value* other = use.node->input(1 - std::min<std::size_t>(use.index, 1));
  const ir::Tensor* constant = other ? other->fixed_tensor() : nullptr;
  if (!constant || !ir::is_float(constant->dtype()) || constant->count() == 0 ||
      static_cast<double>(constant->count()) > most_elements)
    return std::nullopt;
  double size = 0;
  for (const double value : constant->to_f64()) size = std::max(size, std::abs(value));
  const bool is_pixel = ((op == "Sub" || op == "Add") && size >= smallest_mean && size <= 256) ||
                        (op == "Div" && size >= smallest_divisor && size <= 256) ||
                        (op == "Mul" && size > 0 && size <= 1 / smallest_divisor);
  return is_pixel ? std::optional(std::pair(0.0, 255.0)) : std::nullopt;
}

bool looks_like_mask(const ir::Value& input) {
  return input.name().find("mask") != std::string::npos;
}

double draw(InputKind kind, Random& random) {
  switch (kind) {
    case InputKind::Normal:
    case InputKind::Integers:
    case InputKind::LargeIntegers:
      return random.normal();
    case InputKind::Expected:
      return random.uniform();
    case InputKind::Zeros:
      return 0;
    case InputKind::Large:
      return large * random.normal();
    case InputKind::Denormal:
      return 0x1p-130 * random.normal();
  }
  return 0;
}

// The runtimes get the value in the declared dtype, and so must the judge.
double rounded(ir::DType dtype, double value) {
  if (dtype == ir::DType::Float32) return static_cast<double>(static_cast<float>(value));
  return dtype == ir::DType::Float64 ? value : ir::round_to(dtype, value);
}

// The smallest and the largest integer to draw, both included.
struct IntegerRange {
  std::int64_t lowest = 0;
  std::int64_t highest = unknown_table_size - 1;
};

bool takes_all_values(ir::DType dtype) { return ir::info(dtype).bits <= 8; }

IntegerRange integer_range(const ir::Value& input, ir::DType dtype, InputKind kind,
                           const std::optional<std::pair<double, double>>& asked,
                           std::vector<std::string>& assumptions) {
  const ir::Range all = ir::range(dtype);
  const auto within = [&](double value) {
    return static_cast<std::int64_t>(
        std::clamp(value, std::max(all.lowest, -0x1p53), std::min(all.highest, 0x1p53)));
  };
  if (asked) return {within(std::ceil(asked->first)), within(std::floor(asked->second))};
  if (const auto table = table_size(input)) {
    const std::int64_t highest = within(static_cast<double>(std::max<std::int64_t>(*table, 1) - 1));
    assumptions.push_back(fmt::format("`{}`: indices of a table of {}", input.name(),
                                      counted(*table, "row", "rows")));
    return {0, highest};
  }
  if (looks_like_mask(input)) {
    assumptions.push_back(fmt::format("`{}`: a mask of ones", input.name()));
    return {1, 1};
  }
  if (takes_all_values(dtype)) return {within(all.lowest), within(all.highest)};
  if (kind == InputKind::Integers) return {within(-1000), within(1000)};
  if (kind == InputKind::LargeIntegers) return {within(-0x1p40), within(0x1p40)};
  assumptions.push_back(
      fmt::format("`{}`: whole numbers from 0 to {}", input.name(), IntegerRange().highest));
  return {};
}

bool is_comparison(std::string_view op) {
  return op == "Equal" || op == "Less" || op == "LessOrEqual" || op == "Greater" ||
         op == "GreaterOrEqual";
}

bool keeps_integers(std::string_view op) {
  return op == "Identity" || op == "Cast" || op == "Reshape" || op == "Squeeze" ||
         op == "Unsqueeze";
}

// The constants that a model compares an integer with: what they decide should be decided both
// ways.
void add_compared(const ir::Value& value, std::vector<std::int64_t>& constants) {
  constexpr std::int64_t most_elements = 16;
  for (const ir::Use& use : value.uses()) {
    const std::string_view op = use.node->op_name();
    if (keeps_integers(op) && use.index == 0 && use.node->output(0)) {
      add_compared(*use.node->output(0), constants);
    } else if (is_comparison(op)) {
      const ir::Value* other = use.node->input(1 - use.index);
      const ir::Tensor* constant = other ? other->fixed_tensor() : nullptr;
      if (!constant || constant->count() > most_elements) continue;
      for (const double number : constant->to_f64()) {
        if (std::abs(number) < 0x1p53) constants.push_back(static_cast<std::int64_t>(number));
      }
    }
  }
}

std::vector<std::int64_t> compared_with(const ir::Value& input) {
  std::vector<std::int64_t> constants;
  add_compared(input, constants);
  std::ranges::sort(constants);
  const auto rest = std::ranges::unique(constants);
  constants.erase(rest.begin(), rest.end());
  return constants;
}

template <typename T>
void choose_integers(std::span<T> values, const std::vector<std::int64_t>& choices,
                     Random& random) {
  for (T& value : values) value = static_cast<T>(choices[random.below(choices.size())]);
}

template <typename T>
void fill_integers(std::span<T> values, const IntegerRange& range, Random& random) {
  const auto count =
      static_cast<std::uint64_t>(std::max<std::int64_t>(range.highest - range.lowest, 0)) + 1;
  for (T& value : values)
    value = static_cast<T>(range.lowest + static_cast<std::int64_t>(random.below(count)));
}

class Filler {
 public:
  Filler(const ir::Value& input, InputKind kind, const InputOptions& options,
         std::vector<std::string>& assumptions)
      : input_(input),
        kind_(kind),
        random_(mix_seed(options.seed, input.name()), static_cast<std::uint64_t>(kind)),
        assumptions_(assumptions) {
    const auto it = options.ranges.find(input.name());
    if (it != options.ranges.end()) {
      asked_ = it->second;
    } else if (kind == InputKind::Expected && is_float_input(input)) {
      asked_ = pixel_range(input);
      if (asked_) assumptions.push_back(fmt::format("`{}`: pixels from 0 to 255", input.name()));
    }
  }

  void fill(Array& array) {
    const ir::DType dtype = array.dtype();
    if (array.holds<double>()) {
      for (double& value : array.mutable_as<double>()) value = rounded(dtype, next());
    } else if (array.holds<std::complex<double>>()) {
      for (auto& value : array.mutable_as<std::complex<double>>()) {
        const double real = next();
        value = {real, next()};
      }
    } else if (array.holds<Bool>()) {
      for (Bool& value : array.mutable_as<Bool>())
        value = kind_ != InputKind::Zeros && random_.below(2) ? Bool::True : Bool::False;
    } else if (kind_ != InputKind::Zeros || asked_) {
      array.holds<std::int64_t>() ? fill_with_integers(dtype, array.mutable_as<std::int64_t>())
                                  : fill_with_integers(dtype, array.mutable_as<std::uint64_t>());
    }
  }

 private:
  template <typename T>
  void fill_with_integers(ir::DType dtype, std::span<T> values) {
    const auto constants = asked_ ? std::vector<std::int64_t>() : compared_with(input_);
    if (constants.empty() || kind_ == InputKind::LargeIntegers)
      return fill_integers(values, integer_range(input_, dtype, kind_, asked_, assumptions_),
                           random_);
    if (kind_ == InputKind::Integers)
      return choose_integers(values, beside(constants, ir::range(dtype)), random_);
    choose_integers(values, constants, random_);
    assumptions_.push_back(fmt::format("`{}`: {}, which the model compares it with", input_.name(),
                                       fmt::join(constants, " or ")));
  }

  static std::vector<std::int64_t> beside(const std::vector<std::int64_t>& constants,
                                          const ir::Range& range) {
    std::vector<std::int64_t> result;
    for (const std::int64_t constant : constants) {
      if (static_cast<double>(constant) > range.lowest) result.push_back(constant - 1);
      if (static_cast<double>(constant) < range.highest) result.push_back(constant + 1);
    }
    return result;
  }

  double next() {
    return asked_ ? asked_->first + (asked_->second - asked_->first) * random_.uniform()
                  : draw(kind_, random_);
  }

  const ir::Value& input_;
  InputKind kind_;
  Random random_;
  std::optional<std::pair<double, double>> asked_;
  std::vector<std::string>& assumptions_;
};

bool can_make_up(const ir::Value& input) {
  const ir::TensorType* tensor = input.type().as_tensor();
  return tensor && tensor->dtype != ir::DType::Undefined && tensor->dtype != ir::DType::String;
}

}  // namespace

std::string_view to_string(InputKind kind) {
  switch (kind) {
    case InputKind::Normal:
      return "normal";
    case InputKind::Expected:
      return "expected";
    case InputKind::Zeros:
      return "zeros";
    case InputKind::Large:
      return "large";
    case InputKind::Denormal:
      return "denormal";
    case InputKind::Integers:
      return "integers";
    case InputKind::LargeIntegers:
      return "large integers";
  }
  return "";
}

std::vector<const ir::Value*> open_inputs(const ir::Graph& graph) {
  std::vector<const ir::Value*> inputs;
  for (const ir::Value* input : graph.inputs()) {
    if (!input->tensor()) inputs.push_back(input);
  }
  return inputs;
}

bool is_float_input(const ir::Value& input) {
  const ir::TensorType* tensor = input.type().as_tensor();
  return tensor && ir::is_float(tensor->dtype);
}

bool is_free_integer(const ir::Value& input) {
  const ir::TensorType* tensor = input.type().as_tensor();
  return tensor && ir::is_integer(tensor->dtype) && !takes_all_values(tensor->dtype) &&
         !table_size(input) && !looks_like_mask(input);
}

Sizes bind_dims(const ir::Graph& graph, const InputOptions& options,
                std::vector<std::string>& assumptions) {
  Sizes sizes = options.dims;
  bind_given(graph, options.given, sizes);
  for (const ir::Value* input : graph.inputs()) {
    const ir::TensorType* tensor = input->type().as_tensor();
    if (input->tensor() || !tensor || !tensor->shape || tensor->shape->empty()) continue;
    const std::string name(tensor->shape->front().symbol_name());
    if (name.empty() || !sizes.try_emplace(name, options.batch).second) continue;
    assumptions.push_back(fmt::format("`{}`: {} = {}", input->name(), name, options.batch));
  }
  return sizes;
}

InputSet make_inputs(const ir::Graph& graph, InputKind kind, const InputOptions& options) {
  InputSet set;
  const Sizes sizes = bind_dims(graph, options, set.assumptions);
  for (const ir::Value* input : graph.inputs()) {
    if (const auto given = options.given.find(input->name()); given != options.given.end()) {
      set.values[input->name()] = given->second;
      continue;
    }
    if (input->tensor()) continue;
    if (!can_make_up(*input)) {
      throw Error(Code::MissingModelInput,
                  fmt::format("values of type {} can't be made up for input `{}`",
                              ir::to_string(input->type()), input->name()),
                  "give them with `--input NAME=FILE.pb`");
    }
    Array array = Array::zeros(input->type().as_tensor()->dtype, shape_of(*input, sizes),
                               ops::Arithmetic::Judge);
    Filler(*input, kind, options, set.assumptions).fill(array);
    set.values[input->name()] = ops::Datum{std::move(array)};
  }
  return set;
}

ir::Tensor fitted(const ir::Value& input, const ir::Tensor& given) {
  const ir::TensorType* declared = input.type().as_tensor();
  if (declared && declared->shape &&
      !ir::may_be_equal(*declared->shape, ir::to_shape(given.shape()))) {
    throw Error(Code::ShapeMismatch,
                fmt::format("input `{}` is {}, and the array has the shape [{}]", input.name(),
                            ir::to_string(input.type()), fmt::join(given.shape(), ", ")));
  }
  if (!declared || declared->dtype == ir::DType::Undefined || declared->dtype == given.dtype())
    return given;
  const bool converts = given.dtype() != ir::DType::String &&
                        declared->dtype != ir::DType::String && !ir::is_complex(given.dtype()) &&
                        !ir::is_complex(declared->dtype) &&
                        (ir::is_float(declared->dtype) || !ir::is_float(given.dtype()));
  if (!converts) {
    throw Error(Code::InvalidInputType,
                fmt::format("input `{}` takes {}, not {}", input.name(),
                            ir::to_string(declared->dtype), ir::to_string(given.dtype())));
  }
  ir::Tensor converted = ir::cast(given, declared->dtype);
  if (!ir::is_float(declared->dtype) && converted.to_f64() != given.to_f64()) {
    throw Error(Code::InvalidInputValue, fmt::format("the values for input `{}` do not fit {}",
                                                     input.name(), ir::to_string(declared->dtype)));
  }
  return converted;
}

}  // namespace ponte::verify
