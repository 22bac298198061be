// From any file format to any other: recognise, read, write.
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "convert/format.h"

namespace ponte::convert {

// All formats, alphabetical.
std::span<const FormatRow> formats();
// Throws UnknownName with the nearest known name.
const FormatRow& format_named(std::string_view name);
// The format whose content or else whose name fits. Throws UnknownFormat.
const FormatRow& recognise(const std::filesystem::path& path);
// The format that a file name asks for. Throws UnknownName.
const FormatRow& format_of_name(const std::filesystem::path& path);

// What the user says about the inputs: fixed shapes and values of named dims.
struct ShapeOptions {
  std::map<std::string, std::vector<std::int64_t>> input_shapes;
  std::map<std::string, std::int64_t> dims;
};

struct Source {
  const FormatRow* format = nullptr;
  ir::Model model;
  bool has_other_sizes = false;  // set_shapes() gave an input another size than the file has
};

// Reads with the format named, or the recognised one. A model without problems that are errors is
// one that the checker accepts.
Source read(const std::filesystem::path& path, std::string_view format, const ReadOptions& options,
            Diagnostics& problems);

// Gives the inputs these shapes and infers everything again. Throws UnknownName for an input or dim
// that is not there, ShapeMismatch for a shape that contradicts the model.
void set_shapes(Source& source, const ShapeOptions& options);

}  // namespace ponte::convert
