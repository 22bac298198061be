#include "convert/convert.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <fstream>

#include "base/counted.h"
#include "base/error.h"
#include "base/text.h"
#include "ir/checker.h"
#include "ir/shapes.h"

namespace ponte::convert {

const FormatRow& format_named(std::string_view name) {
  const auto rows = formats();
  const auto it = std::ranges::find(rows, name, &FormatRow::name);
  if (it != rows.end()) return *it;
  std::vector<std::string> names;
  for (const FormatRow& row : rows) names.emplace_back(row.name);
  const auto near = closest(name, names);
  throw Error(Code::UnknownName, fmt::format("there is no format `{}`", name),
              near ? fmt::format("did you mean `{}`?", *near) : "`ponte formats` lists them");
}

const FormatRow& recognise(const std::filesystem::path& path) {
  const auto file = open_file(path);
  std::vector<std::byte> head(std::min<std::uint64_t>(file->size(), 4096));
  file->read(0, head);
  const std::string name = path.filename().string();
  for (const FormatRow& row : formats()) {
    if (row.recognise(head, name)) return row;
  }
  throw Error(
      Code::UnknownFormat, "it is in no format that ponte recognises",
      "`ponte formats` lists those that it reads; where the file is in one of them, name it "
      "with --from")
      .at({path.string(), {}, {}, {}});
}

const FormatRow& format_of_name(const std::filesystem::path& path) {
  const std::string name = path.filename().string();
  for (const FormatRow& row : formats()) {
    for (const std::string_view extension : row.extensions) {
      if (name.ends_with(extension)) return row;
    }
  }
  throw Error(Code::UnknownName, fmt::format("the name `{}` does not say a format", name),
              "`ponte formats` lists those that ponte writes; name one with --to");
}

Source read(const std::filesystem::path& path, std::string_view format, const ReadOptions& options,
            Diagnostics& problems) {
  Source source;
  source.format = format.empty() ? &recognise(path) : &format_named(format);
  source.model = source.format->read(path, options, problems);
  if (!problems.has_errors()) ir::check(source.model, problems);
  return source;
}

namespace {

ir::Type shaped(const ir::Value& input, const std::vector<std::int64_t>& dims) {
  const ir::TensorType* tensor = input.type().as_tensor();
  if (!tensor)
    throw Error(Code::ShapeMismatch, fmt::format("input `{}` is no tensor", input.name()));
  ir::Type type = ir::Type::tensor(tensor->dtype, ir::to_shape(dims));
  if (tensor->shape && tensor->shape->size() != dims.size()) {
    throw Error(Code::ShapeMismatch,
                fmt::format("input `{}` has {}, not {}", input.name(),
                            counted(tensor->shape->size(), "dim", "dims"), dims.size()));
  }
  return type;
}

// Whether the input has a fixed size, and another one.
bool contradicts(const ir::Value& input, const std::vector<std::int64_t>& dims) {
  const ir::TensorType* tensor = input.type().as_tensor();
  return tensor && tensor->shape && !ir::may_be_equal(*tensor->shape, ir::to_shape(dims));
}

bool bind_dims(ir::Graph& graph, const std::map<std::string, std::int64_t>& dims,
               std::set<std::string>& used) {
  bool changed = false;
  for (ir::Value* input : graph.inputs()) {
    const ir::TensorType* tensor = input->type().as_tensor();
    if (!tensor || !tensor->shape) continue;
    ir::Shape shape = *tensor->shape;
    for (ir::Dim& dim : shape) {
      dim = dim.substitute([&](std::string_view name) -> std::optional<ir::Dim> {
        const auto it = dims.find(std::string(name));
        if (it == dims.end()) return std::nullopt;
        used.insert(it->first);
        return ir::Dim(it->second);
      });
    }
    if (shape == *tensor->shape) continue;
    graph.set_type(*input, ir::Type::tensor(tensor->dtype, std::move(shape)));
    changed = true;
  }
  return changed;
}

}  // namespace

void set_shapes(Source& source, const ShapeOptions& options) {
  ir::Graph& graph = *source.model.graph;
  bool changed = false;
  for (const auto& [name, dims] : options.input_shapes) {
    ir::Value* input = graph.find(name);
    if (!input || input->kind() != ir::Value::Kind::Input) {
      std::vector<std::string> names;
      for (const ir::Value* candidate : graph.inputs()) names.push_back(candidate->name());
      const auto near = closest(name, names);
      throw Error(
          Code::UnknownName, fmt::format("the model has no input `{}`", name),
          near ? fmt::format("did you mean `{}`?", *near) : "`ponte inspect` lists the inputs");
    }
    source.has_other_sizes = source.has_other_sizes || contradicts(*input, dims);
    graph.set_type(*input, shaped(*input, dims));
    changed = true;
  }
  std::set<std::string> used;
  changed = bind_dims(graph, options.dims, used) || changed;
  for (const auto& [name, value] : options.dims) {
    if (!used.contains(name)) {
      throw Error(Code::UnknownName, fmt::format("no input has a dim `{}`", name),
                  "`ponte inspect` lists the open dims");
    }
  }
  if (!changed) return;
  graph.forget_declarations();
  graph.infer_all();
}

}  // namespace ponte::convert
