#include "verify/input_files.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <optional>

#include "base/error.h"
#include "base/paths.h"
#include "base/text.h"
#include "formats/onnx/decode.h"
#include "verify/inputs.h"
#include "verify/npy.h"

namespace ponte::verify {
namespace {

namespace fs = std::filesystem;

using Arrays = std::vector<std::pair<std::string, ir::Tensor>>;

std::vector<const ir::Value*> open_inputs(const ir::Graph& graph) {
  std::vector<const ir::Value*> inputs;
  for (const ir::Value* input : graph.inputs()) {
    if (!input->tensor()) inputs.push_back(input);
  }
  return inputs;
}

std::vector<fs::path> sorted_entries(const fs::path& folder) {
  std::error_code error;
  std::vector<fs::path> entries = entries_of(folder, error);
  if (error) {
    throw Error(Code::CannotOpenFile,
                fmt::format("`{}` can't be read: {}", folder.string(), error.message()));
  }
  // "10" comes after "9".
  const auto order = [](const fs::path& a, const fs::path& b) {
    const std::string left = a.filename().string(), right = b.filename().string();
    return std::pair(left.size(), left) < std::pair(right.size(), right);
  };
  std::ranges::sort(entries, order);
  return entries;
}

// The number in "arr_3" or "input_3".
std::optional<std::size_t> position_in(std::string_view name) {
  for (const std::string_view prefix : {"arr_", "input_"}) {
    if (!name.starts_with(prefix)) continue;
    const std::string_view digits = name.substr(prefix.size());
    std::size_t position = 0;
    const auto [end, error] =
        std::from_chars(digits.data(), digits.data() + digits.size(), position);
    if (error == std::errc() && end == digits.data() + digits.size()) return position;
  }
  return std::nullopt;
}

const ir::Value* input_for(const std::vector<const ir::Value*>& inputs, std::string_view name) {
  const auto named = std::ranges::find(inputs, name, &ir::Value::name);
  if (named != inputs.end()) return *named;
  const auto position = position_in(name);
  return position && *position < inputs.size() ? inputs[*position] : nullptr;
}

ops::Datum datum_of(const ir::Value& input, const ir::Tensor& tensor) {
  return {ops::load(fitted(input, tensor), ops::Arithmetic::Judge)};
}

onnx::NamedTensor read_proto(ByteRange message, const fs::path& path) {
  onnx::ExternalFiles files(path);
  return onnx::decode_tensor(shared::WireReader(std::move(message)), files);
}

// SequenceProto keeps its tensors in field 3.
ops::Datum read_sequence(const ir::Type& type, const fs::path& path) {
  shared::WireReader reader(whole(open_file(path)));
  std::vector<ops::Datum> items;
  while (reader.next()) {
    if (reader.field() != 3) continue;
    items.push_back({ops::load(read_proto(reader.bytes(), path).tensor, ops::Arithmetic::Judge)});
  }
  return {ops::Sequence{*type.as_sequence()->element,
                        std::make_shared<const std::vector<ops::Datum>>(std::move(items))}};
}

// How many samples an array holds for an input: its rows, where the model's own batch is fixed and
// the rows are more.
std::int64_t sample_count(const ir::Value& input, const ir::Tensor& tensor) {
  const ir::TensorType* type = input.type().as_tensor();
  if (!type || !type->shape || type->shape->empty()) return 1;
  if (type->shape->size() != tensor.shape().size()) return 1;
  const auto batch = type->shape->front().known();
  const std::int64_t rows = tensor.shape().front();
  return batch && *batch > 0 && rows > *batch && rows % *batch == 0 ? rows / *batch : 1;
}

using Matched = std::vector<std::pair<const ir::Value*, ir::Tensor>>;

// Of the sample with this index; an array with one sample alone is part of each.
Inputs values_of(const Matched& matched, std::int64_t index) {
  Inputs values;
  for (const auto& [input, tensor] : matched) {
    const std::int64_t count = sample_count(*input, tensor);
    const std::int64_t rows = count == 1 ? 0 : tensor.shape().front() / count;
    values[input->name()] = datum_of(
        *input, count == 1 ? tensor : ir::sliced(tensor, 0, index * rows, (index + 1) * rows));
  }
  return values;
}

// Says so where there is none.
bool has_room(const std::string& name, Samples& result) {
  if (result.samples.size() < most_samples) return true;
  result.left_out.push_back(
      fmt::format("{}: samples after the first {} are left out", name, most_samples));
  return false;
}

void add_arrays(const ir::Graph& graph, const std::string& name, const Arrays& arrays,
                const std::string& labels, Samples& result) {
  const auto inputs = open_inputs(graph);
  Matched matched;
  std::int64_t count = 1;
  for (const auto& [array, tensor] : arrays) {
    const ir::Value* input = input_for(inputs, array);
    if (!input && array == labels) continue;
    if (!input) {
      result.left_out.push_back(
          fmt::format("`{}` of {}: no input has this name", escape_control(array, 60), name));
      continue;
    }
    matched.emplace_back(input, tensor);
    count = std::max(count, sample_count(*input, tensor));
  }
  if (matched.empty()) {
    throw Error(
        Code::UnknownName, fmt::format("no array of `{}` is named like an input", name),
        fmt::format("the first input is `{}`", inputs.empty() ? "" : inputs.front()->name()));
  }
  for (const auto& [input, tensor] : matched) {
    const std::int64_t own = sample_count(*input, tensor);
    if (own != 1 && own != count)
      throw Error(Code::ShapeMismatch, fmt::format("the arrays of `{}` differ in length", name));
  }
  for (std::int64_t i = 0; i < count && has_room(name, result); ++i) {
    result.samples.push_back({count == 1 ? name : fmt::format("{}[{}]", name, i),
                              [matched, i] { return values_of(matched, i); }});
  }
}

bool is_test_data_set(const fs::path& folder) {
  std::error_code ignored;
  return fs::exists(folder / "input_0.pb", ignored);
}

Inputs test_data_set(const ir::Graph& graph, const fs::path& folder) {
  const auto inputs = open_inputs(graph);
  Inputs values;
  for (std::size_t i = 0;; ++i) {
    const fs::path file = folder / fmt::format("input_{}.pb", i);
    if (std::error_code ignored; !fs::exists(file, ignored)) break;
    if (i >= graph.inputs().size()) {
      throw Error(Code::UnknownName,
                  fmt::format("`{}` has more files than the model has inputs", folder.string()));
    }
    // The set may give values for inputs with defaults, too: then positions are those of all.
    const std::string name = read_proto(whole(open_file(file)), file).name;
    const auto named = std::ranges::find(graph.inputs(), name, &ir::Value::name);
    const ir::Value* input = named != graph.inputs().end() ? *named
                             : i < inputs.size()           ? inputs[i]
                                                           : graph.inputs()[i];
    values[input->name()] = read_input(*input, file);
  }
  return values;
}

void add_test_data_set(const ir::Graph& graph, const fs::path& folder, Samples& result) {
  result.samples.push_back(
      {folder.filename().string(), [&graph, folder] { return test_data_set(graph, folder); }});
}

void add_file(const ir::Graph& graph, const fs::path& path, const std::string& labels,
              Samples& result) {
  add_arrays(graph, path.filename().string(), read_npz(open_file(path)), labels, result);
}

void add_folder(const ir::Graph& graph, const fs::path& folder, const std::string& labels,
                Samples& result) {
  const auto inputs = open_inputs(graph);
  Arrays arrays;
  for (const fs::path& entry : sorted_entries(folder)) {
    if (!has_room(folder.filename().string(), result)) break;
    if (is_test_data_set(entry)) add_test_data_set(graph, entry, result);
    if (entry.extension() == ".npz") add_file(graph, entry, labels, result);
    if (entry.extension() != ".npy") continue;
    const std::string stem = entry.stem().string();
    const ir::Tensor tensor = read_npy(whole(open_file(entry)));
    if (input_for(inputs, stem) || inputs.size() != 1) {
      arrays.emplace_back(stem, tensor);
    } else {
      add_arrays(graph, entry.filename().string(), {{inputs.front()->name(), tensor}}, labels,
                 result);
    }
  }
  if (!arrays.empty()) add_arrays(graph, folder.filename().string(), arrays, labels, result);
}

// What `read` gives; what it throws says which file is meant.
template <typename Read>
auto in_file(const fs::path& path, const Read& read) {
  try {
    return read();
  } catch (Error& error) {
    error.fill_where({.file = path.string(), .node = {}, .op = {}, .byte = {}});
    throw;
  }
}

ops::Datum read_array(const ir::Value& input, const fs::path& path) {
  if (path.extension() == ".pb") {
    if (input.type().as_sequence()) return read_sequence(input.type(), path);
    return datum_of(input, read_proto(whole(open_file(path)), path).tensor);
  }
  if (path.extension() == ".npy") return datum_of(input, read_npy(whole(open_file(path))));
  throw Error(Code::UnknownFormat, fmt::format("`{}` is no file of an array", path.string()),
              "an array is a .npy file, or a .pb file with a TensorProto");
}

Samples all_samples(const ir::Graph& graph, const fs::path& path, const std::string& labels) {
  Samples result;
  std::error_code ignored;
  if (is_test_data_set(path)) {
    add_test_data_set(graph, path, result);
  } else if (fs::is_directory(path, ignored)) {
    add_folder(graph, path, labels, result);
  } else {
    add_file(graph, path, labels, result);
  }
  return result;
}

}  // namespace

ops::Datum read_input(const ir::Value& input, const fs::path& path) {
  return in_file(path, [&] { return read_array(input, path); });
}

Samples read_samples(const ir::Graph& graph, const fs::path& path, const std::string& labels) {
  Samples result = in_file(path, [&] { return all_samples(graph, path, labels); });
  if (result.samples.empty()) {
    throw Error(Code::CannotOpenFile, fmt::format("`{}` has no inputs", path.string()),
                "a folder has .npz or .npy files, or folders with input_0.pb");
  }
  for (Sample& sample : result.samples)
    sample.values = [values = std::move(sample.values), path] { return in_file(path, values); };
  result.samples.front().values();
  return result;
}

InputOptions with_sample(InputOptions options, const Sample& sample) {
  for (auto& [input, value] : sample.values())
    options.given.insert_or_assign(input, std::move(value));
  return options;
}

}  // namespace ponte::verify
