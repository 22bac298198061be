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

ir::Tensor read_tensor(ByteRange message, const fs::path& path) {
  onnx::ExternalFiles files(path);
  return onnx::decode_tensor(shared::WireReader(std::move(message)), files).tensor;
}

ops::Datum read_proto(const ir::Type& type, ByteRange message, const fs::path& path);

// The values in a SequenceProto or OptionalProto of onnx-data.proto: tensors are in field 3,
// sequences in 5, optionals in 7.
std::vector<ops::Datum> read_items(const ir::Type& element, ByteRange message,
                                   const fs::path& path) {
  const std::uint32_t field = element.as_tensor() ? 3 : element.as_sequence() ? 5 : 7;
  shared::WireReader reader(std::move(message));
  std::vector<ops::Datum> items;
  while (reader.next()) {
    if (reader.field() == field) items.push_back(read_proto(element, reader.bytes(), path));
  }
  return items;
}

// A TensorProto, SequenceProto or OptionalProto, as the type says.
ops::Datum read_proto(const ir::Type& type, ByteRange message, const fs::path& path) {
  if (const ir::SequenceType* sequence = type.as_sequence()) {
    return {ops::Sequence{*sequence->element,
                          std::make_shared<const std::vector<ops::Datum>>(
                              read_items(*sequence->element, std::move(message), path))}};
  }
  if (const ir::OptionalType* optional = type.as_optional()) {
    std::vector<ops::Datum> items = read_items(*optional->element, std::move(message), path);
    return {ops::OptionalDatum{
        *optional->element,
        items.empty() ? nullptr : std::make_shared<const ops::Datum>(std::move(items.back()))}};
  }
  if (type.as_map()) {
    throw Error(Code::UnknownFormat, fmt::format("`{}`: values of type {} are not read",
                                                 path.string(), ir::to_string(type)));
  }
  return {ops::load(read_tensor(std::move(message), path), ops::Arithmetic::Judge)};
}

// What the file of a test set says its value is called: TensorProto has it in field 8, the others
// in 1, where a tensor has its dims.
std::string name_in(const ir::Type& type, const fs::path& path) {
  const std::uint32_t field = type.as_tensor() ? 8 : 1;
  shared::WireReader reader(whole(open_file(path)));
  std::string name;
  while (reader.next()) {
    if (reader.field() == field && reader.wire_type() == shared::WireType::Bytes)
      name = reader.text();
  }
  return name;
}

bool is_inner_dim(const std::string& name, const ir::Shape& shape) {
  return std::any_of(shape.begin() + 1, shape.end(), [&](const ir::Dim& dim) {
    const auto symbols = dim.symbols();
    return std::ranges::find(symbols, name) != symbols.end();
  });
}

// The open dim that counts samples: all inputs but scalars begin with it, none has it elsewhere,
// and it is not their only dim, as the length of a signal is. Empty where there is none.
std::string open_batch(const ir::Graph& graph) {
  std::vector<ir::Shape> shapes;
  for (const ir::Value* input : open_inputs(graph)) {
    const ir::TensorType* type = input->type().as_tensor();
    if (!type || !type->shape) return {};
    if (!type->shape->empty()) shapes.push_back(*type->shape);
  }
  const auto rank = [](const ir::Shape& shape) { return shape.size(); };
  if (shapes.empty() || std::ranges::max(shapes, {}, rank).size() == 1) return {};
  const std::string name(shapes.front().front().symbol_name());
  const bool is_batch = std::ranges::all_of(shapes, [&](const ir::Shape& shape) {
    return shape.front() == shapes.front().front() && !is_inner_dim(name, shape);
  });
  return is_batch ? name : std::string();
}

// The model whose inputs are read, and how many rows its open dim takes.
struct Reading {
  const ir::Graph& graph;
  const std::string& labels;
  std::string batch;  // empty: no open dim counts samples
  std::int64_t batch_size = 1;

  // How many rows of an input are one sample; none where rows are no samples.
  std::optional<std::int64_t> rows_of_sample(const ir::Value& input) const {
    const ir::TensorType* type = input.type().as_tensor();
    if (!type || !type->shape || type->shape->empty()) return std::nullopt;
    const ir::Dim& first = type->shape->front();
    if (!batch.empty() && first.symbol_name() == batch) return batch_size;
    return first.known();
  }
};

// An array and the input that it is for.
struct Matched {
  const ir::Value* input;
  ir::Tensor tensor;
  std::int64_t rows = 0;  // of one sample; 0: the array is no more than one

  std::int64_t count() const { return rows == 0 ? 1 : tensor.shape().front() / rows; }

  // An array with one sample alone is part of each.
  ir::Tensor sample(std::int64_t index) const {
    if (rows == 0) return tensor;
    const std::int64_t first = count() == 1 ? 0 : index * rows;
    return ir::sliced(tensor, 0, first, first + rows);
  }
};

Matched match(const Reading& reading, const ir::Value& input, const ir::Tensor& tensor) {
  const auto rows = reading.rows_of_sample(input);
  const bool has_more = rows && *rows > 0 &&
                        input.type().as_tensor()->shape->size() == tensor.shape().size() &&
                        tensor.shape().front() > *rows;
  return {&input, tensor, has_more ? *rows : 0};
}

Inputs values_of(const std::vector<Matched>& arrays, std::int64_t index) {
  Inputs values;
  for (const Matched& array : arrays)
    values[array.input->name()] = datum_of(*array.input, array.sample(index));
  return values;
}

// Says so where there is none.
bool has_room(const std::string& name, Samples& result) {
  if (result.samples.size() < most_samples) return true;
  result.left_out.push_back(
      fmt::format("{}: samples after the first {} are left out", name, most_samples));
  return false;
}

void note_rest(const Matched& array, const std::string& name, Samples& result) {
  if (array.rows == 0 || array.tensor.shape().front() % array.rows == 0) return;
  result.left_out.push_back(
      fmt::format("{}: rows of `{}` after the last whole batch of {} are left out", name,
                  array.input->name(), array.rows));
}

void add_arrays(const Reading& reading, const std::string& name, const Arrays& arrays,
                Samples& result) {
  const auto inputs = open_inputs(reading.graph);
  std::vector<Matched> found;
  std::int64_t count = 1;
  for (const auto& [array, tensor] : arrays) {
    const ir::Value* input = input_for(inputs, array);
    if (!input && array == reading.labels) continue;
    if (!input) {
      result.left_out.push_back(
          fmt::format("`{}` of {}: no input has this name", escape_control(array, 60), name));
      continue;
    }
    const Matched& one = found.emplace_back(match(reading, *input, tensor));
    count = std::max(count, one.count());
    note_rest(one, name, result);
  }
  if (found.empty()) {
    throw Error(
        Code::UnknownName, fmt::format("no array of `{}` is named like an input", name),
        fmt::format("the first input is `{}`", inputs.empty() ? "" : inputs.front()->name()));
  }
  for (const Matched& one : found) {
    if (one.count() != 1 && one.count() != count)
      throw Error(Code::ShapeMismatch, fmt::format("the arrays of `{}` differ in length", name));
  }
  for (std::int64_t i = 0; i < count && has_room(name, result); ++i) {
    result.samples.push_back({count == 1 ? name : fmt::format("{}[{}]", name, i),
                              [found, i] { return values_of(found, i); }});
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
    const auto named = std::ranges::find_if(graph.inputs(), [&](const ir::Value* value) {
      return value->name() == in_file(file, [&] { return name_in(value->type(), file); });
    });
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

void add_file(const Reading& reading, const fs::path& path, Samples& result) {
  add_arrays(reading, path.filename().string(), read_npz(open_file(path)), result);
}

void add_folder(const Reading& reading, const fs::path& folder, Samples& result) {
  const auto inputs = open_inputs(reading.graph);
  Arrays arrays;
  for (const fs::path& entry : sorted_entries(folder)) {
    if (!has_room(folder.filename().string(), result)) break;
    if (is_test_data_set(entry)) add_test_data_set(reading.graph, entry, result);
    if (entry.extension() == ".npz") add_file(reading, entry, result);
    if (entry.extension() != ".npy") continue;
    const std::string stem = entry.stem().string();
    const ir::Tensor tensor = read_npy(whole(open_file(entry)));
    if (input_for(inputs, stem) || inputs.size() != 1) {
      arrays.emplace_back(stem, tensor);
    } else {
      add_arrays(reading, entry.filename().string(), {{inputs.front()->name(), tensor}}, result);
    }
  }
  if (!arrays.empty()) add_arrays(reading, folder.filename().string(), arrays, result);
}

ops::Datum read_array(const ir::Value& input, const fs::path& path) {
  if (path.extension() == ".pb") {
    if (!input.type().as_tensor()) return read_proto(input.type(), whole(open_file(path)), path);
    return datum_of(input, read_tensor(whole(open_file(path)), path));
  }
  if (path.extension() == ".npy") return datum_of(input, read_npy(whole(open_file(path))));
  throw Error(Code::UnknownFormat, fmt::format("`{}` is no file of an array", path.string()),
              "an array is a .npy file, or a .pb file with a TensorProto (SequenceProto, "
              "OptionalProto where the input is one)");
}

Samples all_samples(const Reading& reading, const fs::path& path) {
  Samples result;
  std::error_code ignored;
  if (is_test_data_set(path)) {
    add_test_data_set(reading.graph, path, result);
  } else if (fs::is_directory(path, ignored)) {
    add_folder(reading, path, result);
  } else {
    add_file(reading, path, result);
  }
  return result;
}

}  // namespace

ops::Datum read_input(const ir::Value& input, const fs::path& path) {
  return in_file(path, [&] { return read_array(input, path); });
}

Samples read_samples(const ir::Graph& graph, const fs::path& path, const InputOptions& options,
                     const std::string& labels) {
  Reading reading{.graph = graph, .labels = labels, .batch = open_batch(graph)};
  std::vector<std::string> ignored;
  if (!reading.batch.empty())
    reading.batch_size = bind_dims(graph, options, ignored).at(reading.batch);
  Samples result = in_file(path, [&] { return all_samples(reading, path); });
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
