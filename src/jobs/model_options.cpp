#include "jobs/model_options.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "base/checked.h"
#include "base/text.h"

namespace ponte::jobs {
namespace {

struct Binding {
  std::string name;
  std::string value;
};

// The last `=` divides: names of inputs may have one.
Binding split_binding(std::string_view flag, const std::string& text, std::string_view example) {
  const auto equals = text.rfind('=');
  if (equals == std::string::npos || equals == 0) {
    throw Error(Code::UsageError, fmt::format("`{}` is not understood in `{}`", text, flag),
                fmt::format("write {} {}", flag, example));
  }
  return {text.substr(0, equals), text.substr(equals + 1)};
}

std::int64_t parse_size(std::string_view flag, std::string_view text) {
  std::int64_t size = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), size);
  if (error != std::errc() || end != text.data() + text.size() || size < 0 ||
      size > max_dimension) {
    throw Error(Code::UsageError, fmt::format("`{}` is no size in `{}`", text, flag),
                "a size is a whole number from 0");
  }
  return size;
}

// UnknownName for a node or value that a file does not have, with the nearest that it has.
Error no_such_output(const std::string& name, const ir::Graph& graph) {
  std::vector<std::string> names;
  for (const ir::Node& node : graph.nodes()) {
    if (!node.name().empty()) names.push_back(node.name());
    for (const ir::NodeOrigin& origin : node.origins) names.push_back(origin.name);
    for (const ir::Value* output : node.outputs()) {
      if (output) names.push_back(output->name());
    }
  }
  const auto near = closest(name, names);
  return {
      Code::UnknownName, fmt::format("no node or value that a node gives is called `{}`", name),
      near ? fmt::format("did you mean `{}`?", *near) : "`ponte inspect --text` shows every node"};
}

}  // namespace

void add_input_shape(convert::ShapeOptions& shapes, const std::string& text) {
  static constexpr std::string_view flag = "--input-shape";
  const Binding binding = split_binding(flag, text, "NAME=1,3,224,224");
  std::vector<std::int64_t> dims;
  std::string_view rest = binding.value;
  while (!rest.empty()) {
    const auto comma = rest.find(',');
    dims.push_back(parse_size(flag, rest.substr(0, comma)));
    rest.remove_prefix(comma == std::string_view::npos ? rest.size() : comma + 1);
    if (comma != std::string_view::npos && rest.empty()) parse_size(flag, rest);
  }
  shapes.input_shapes.insert_or_assign(binding.name, std::move(dims));
}

void add_dim(convert::ShapeOptions& shapes, const std::string& text) {
  const Binding binding = split_binding("--dim", text, "batch=8");
  shapes.dims.insert_or_assign(binding.name, parse_size("--dim", binding.value));
}

convert::ReadOptions read_options(const ModelOptions& options) {
  return {.weights = options.weights,
          .random_weights = options.random_weights,
          .signature = options.signature,
          .max_depth = options.max_depth,
          .input_shapes = options.shapes.input_shapes,
          .outputs_at = options.outputs_at};
}

void require_use(const ModelOptions& options, std::span<const convert::Source* const> sources) {
  const auto any = [&](const auto& has) { return std::ranges::any_of(sources, has); };
  for (const std::string& name : options.outputs_at) {
    const bool is_there = any([&](const convert::Source* source) {
      return std::ranges::find(source->model.cut_at, name) != source->model.cut_at.end();
    });
    if (!is_there) throw no_such_output(name, *sources.front()->model.graph);
  }
  const std::string_view format = sources.front()->format->name;
  const bool has_weights_files =
      any([](const convert::Source* source) { return source->format->has_weights_files; });
  if (!has_weights_files && (!options.weights.empty() || options.random_weights)) {
    throw Error(Code::UsageError,
                fmt::format("`{}` has no use: a file of the format {} holds its weights",
                            options.weights.empty() ? "--random-weights" : "--weights", format),
                "leave it out");
  }
  const auto is_drawn = [](const convert::Source* source) {
    return source->model.has_drawn_weights;
  };
  if (options.random_weights && !any(is_drawn)) {
    throw Error(Code::UsageError, "`--random-weights` has no use: no layer lacks its weights",
                "leave it out, or read the network without its file of weights");
  }
  const bool has_signatures =
      any([](const convert::Source* source) { return source->format->has_signatures; });
  if (!has_signatures && !options.signature.empty()) {
    throw Error(
        Code::UsageError,
        fmt::format("`--signature` has no use: a file of the format {} has one graph", format),
        "leave it out");
  }
}

convert::Source read_model(const ModelOptions& options, Diagnostics& problems) {
  try {
    convert::Source source =
        convert::read(options.path, options.format, read_options(options), problems);
    const convert::Source* const alone = &source;
    if (!options.is_one_of_several && !problems.has_errors())
      require_use(options, std::span(&alone, 1));
    if (!problems.has_errors()) convert::set_shapes(source, options.shapes);
    return source;
  } catch (Error& error) {
    if (error.kind() != ErrorKind::Usage) error.fill_where({options.path.string(), {}, {}, {}});
    throw;
  }
}

}  // namespace ponte::jobs
