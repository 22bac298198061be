#include "jobs/input_options.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>

#include "base/error.h"
#include "base/text.h"

namespace ponte::jobs {
namespace {

[[noreturn]] void throw_usage(std::string_view flag, const std::string& text,
                              std::string_view example) {
  throw Error(Code::UsageError,
              fmt::format("`{}` is not understood in `{}`", escape_control(text, 60), flag),
              fmt::format("write {} {}", flag, example));
}

// The last `=` divides: names of inputs may have one.
std::pair<std::string, std::string> split(std::string_view flag, const std::string& text,
                                          std::string_view example) {
  const auto equals = text.rfind('=');
  if (equals == std::string::npos || equals == 0 || equals + 1 == text.size())
    throw_usage(flag, text, example);
  return {text.substr(0, equals), text.substr(equals + 1)};
}

const ir::Value& input_named(const ir::Graph& graph, const std::string& name) {
  const auto found = std::ranges::find(graph.inputs(), name, &ir::Value::name);
  if (found != graph.inputs().end()) return **found;
  std::vector<std::string> names;
  for (const ir::Value* input : graph.inputs()) names.push_back(input->name());
  const auto near = closest(name, names);
  throw Error(Code::UnknownName, fmt::format("the model has no input `{}`", name),
              near ? fmt::format("did you mean `{}`?", *near)
                   : fmt::format("it has {}", fmt::join(names, ", ")));
}

}  // namespace

void add_input_range(InputFiles& files, const std::string& text) {
  static constexpr std::string_view flag = "--input-range", example = "NAME=0..255";
  const auto [name, range] = split(flag, text, example);
  const auto dots = range.find("..");
  if (dots == std::string::npos) throw_usage(flag, text, example);
  const auto number = [&](std::string_view part) {
    double value = 0;
    const auto [end, error] = std::from_chars(part.data(), part.data() + part.size(), value);
    if (error != std::errc() || end != part.data() + part.size() || !std::isfinite(value))
      throw_usage(flag, text, example);
    return value;
  };
  const std::string_view view(range);
  const std::pair limits{number(view.substr(0, dots)), number(view.substr(dots + 2))};
  if (limits.first > limits.second) throw_usage(flag, text, example);
  files.ranges.insert_or_assign(name, limits);
}

void add_input_file(InputFiles& files, const std::string& text) {
  const auto [name, path] = split("--input", text, "NAME=file.npy");
  files.single.insert_or_assign(name, path);
}

void add_name(std::map<std::string, std::string>& names, const std::string& flag,
              const std::string& text) {
  const auto [first, other] = split(flag, text, "NAME=OTHER");
  names.insert_or_assign(first, other);
}

ReadInputs read_inputs(const InputFiles& files, const ir::Graph& graph,
                       verify::InputOptions& options) {
  for (const auto& [name, range] : files.ranges)
    options.ranges.insert_or_assign(input_named(graph, name).name(), range);
  for (const auto& [name, path] : files.single)
    options.given.insert_or_assign(name, verify::read_input(input_named(graph, name), path));
  ReadInputs result;
  if (files.samples.empty()) return result;
  try {
    verify::Samples samples = verify::read_samples(graph, files.samples, options, files.labels);
    result.samples = std::move(samples.samples);
    result.left_out = std::move(samples.left_out);
  } catch (Error& error) {
    error.fill_where({files.samples.string(), {}, {}, {}});
    throw;
  }
  return result;
}

}  // namespace ponte::jobs
