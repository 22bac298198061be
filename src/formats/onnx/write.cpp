#include "formats/onnx/write.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <set>
#include <utility>

#include "base/error.h"
#include "base/hash.h"
#include "formats/onnx/encode.h"
#include "formats/onnx/opsets.h"

namespace ponte::onnx {
namespace {

constexpr std::int64_t lowest_default_opset = 17;
constexpr std::uint64_t protobuf_limit = 0x7FFF'FFFF;

// The IR version that came with an opset: onnx/docs/Versioning.md.
std::int64_t ir_version_for(std::int64_t opset) {
  if (opset <= 8) return 3;
  if (opset <= 11) return opset - 5;
  if (opset <= 14) return 7;
  if (opset <= 18) return 8;
  if (opset <= 20) return 9;
  if (opset <= 22) return 10;
  if (opset == 23) return 11;
  if (opset == 24) return 12;
  return opset == 25 ? 13 : 14;
}

std::int64_t standard_version(const Opsets& opsets) {
  const auto it = opsets.find("");
  return it == opsets.end() ? 1 : it->second;
}

WireMessage encode_opset(const std::string& domain, std::int64_t version) {
  WireMessage message;
  message.text(1, domain);
  message.integer(2, version);
  return message;
}

// The model with the fields of its ONNX source in their order; what changed is put in its place.
WireMessage encode_over_original(const ir::Model& model, WireMessage graph, const Opsets& opsets,
                                 std::int64_t lowest_ir_version) {
  WireMessage message;
  const bool same_opsets = opsets == model.opsets;
  bool opsets_written = same_opsets;
  WireReader reader(model.record->bytes);
  while (reader.next()) {
    if (reader.field() == 7) {
      message.message(7, std::move(graph));
    } else if (reader.field() == 8 && !same_opsets) {
      for (const auto& [domain, version] : opsets) {
        if (!opsets_written) message.message(8, encode_opset(domain, version));
      }
      opsets_written = true;
    } else if (reader.field() == 1) {
      message.integer(1, std::max(reader.integer(), lowest_ir_version));
    } else {
      message.raw(reader.field_range());
    }
  }
  if (!opsets_written) {
    for (const auto& [domain, version] : opsets) message.message(8, encode_opset(domain, version));
  }
  return message;
}

WireMessage encode_new(const ir::Model& model, WireMessage graph, const Opsets& opsets) {
  WireMessage message;
  message.integer(1, ir_version_for(standard_version(opsets)));
  message.text(2, "ponte");
  message.message(7, std::move(graph));
  for (const auto& [domain, version] : opsets) message.message(8, encode_opset(domain, version));
  for (const auto& [key, value] : model.metadata) {
    WireMessage entry;
    entry.text(1, key);
    entry.text(2, value);
    message.message(14, std::move(entry));
  }
  return message;
}

WireMessage encode_model(const ir::Model& model, const Opsets& opsets, DataFile* data,
                         Diagnostics& problems) {
  UsedConstants used;
  WireMessage graph = encode_graph(*model.graph, {opsets, data, used, problems});
  if (model.format != "onnx" || !model.record) return encode_new(model, std::move(graph), opsets);
  // Before IR version 4 an initialiser had to be an input as well.
  const std::int64_t for_constants = used.any_added ? 4 : 0;
  const std::int64_t for_opset =
      opsets == model.opsets ? 0 : ir_version_for(standard_version(opsets));
  return encode_over_original(model, std::move(graph), opsets, std::max(for_constants, for_opset));
}

// The opset asked for, the source's own, or the lowest from 17 on that can say every node.
std::int64_t choose_opset(const ir::Model& model, const WriteOptions& options) {
  if (options.opset) return *options.opset;
  if (const auto own = model.opsets.find(""); model.format == "onnx" && own != model.opsets.end()) {
    return own->second;
  }
  for (std::int64_t opset = lowest_default_opset; opset < newest_opset; ++opset) {
    Diagnostics problems;
    UsedConstants used;
    encode_graph(*model.graph, {{{"", opset}}, nullptr, used, problems});
    if (!problems.has_errors()) return opset;
  }
  return newest_opset;
}

bool has_external_data(const ir::Graph& graph) {
  const auto lives_elsewhere = [&](const ir::Value* value) {
    if (!value->record || !value->tensor()) return false;
    const auto range = value->tensor()->data()->range();
    return range && range->source != value->record->bytes.source &&
           range->size >= DataFile::smallest && range->source->descriptor() >= 0;
  };
  return std::ranges::any_of(graph.constants(), lives_elsewhere) ||
         std::ranges::any_of(graph.inputs(), lives_elsewhere);
}

// Data files that an earlier writing of the same model left beside it.
std::vector<std::filesystem::path> data_files_beside(const std::filesystem::path& model) {
  std::vector<std::filesystem::path> found;
  const std::string prefix = model.filename().string() + ".";
  std::error_code ignored;
  for (const auto& entry : std::filesystem::directory_iterator(
           model.parent_path().empty() ? std::filesystem::path(".") : model.parent_path(),
           ignored)) {
    const std::string name = entry.path().filename().string();
    const bool matches =
        name.size() == prefix.size() + 13 && name.starts_with(prefix) && name.ends_with(".data") &&
        std::all_of(name.begin() + static_cast<std::ptrdiff_t>(prefix.size()), name.end() - 5,
                    [](char c) { return std::isxdigit(static_cast<unsigned char>(c)) != 0; });
    if (matches && entry.is_regular_file(ignored)) found.push_back(entry.path());
  }
  return found;
}

WrittenFile write_data(const DataFile& data, const std::filesystem::path& path) {
  FileWriter file(path);
  for (const DataFile::Entry& entry : data.entries()) {
    file.pad_to(DataFile::alignment);
    shared::write_tensor_data(file, *entry.data);
  }
  const std::uint64_t size = file.position();
  file.commit();
  return {path, size};
}

WriteResult write_external(const ir::Model& model, const Opsets& opsets, std::int64_t opset,
                           const std::filesystem::path& path, Diagnostics& problems) {
  // The name depends on what the model says, so that the same input gives the same files.
  DataFile unnamed("");
  const WireMessage draft = encode_model(model, opsets, &unnamed, problems);
  const std::string salt =
      fmt::format("{} {} {}", path.filename().string(), draft.size(),
                  model.record ? content_hash(model.record->bytes) : std::string());
  const std::string location = fmt::format("{}.{}.data", path.filename().string(),
                                           content_hash(std::string_view(salt)).substr(0, 8));
  DataFile data(location);
  const WireMessage message = encode_model(model, opsets, &data, problems);
  if (message.size() > protobuf_limit) {
    throw Error(Code::FileTooLarge, fmt::format("the graph alone needs {} bytes", message.size()));
  }
  const auto old_data = data_files_beside(path);
  WriteResult result;
  result.opset = opset;
  const WrittenFile weights = write_data(data, path.parent_path() / location);
  FileWriter file(path);
  message.write_to(file);
  result.files = {{path, file.position()}, weights};
  file.commit();
  for (const auto& old : old_data) {
    std::error_code ignored;
    if (old.filename() != location) std::filesystem::remove(old, ignored);
  }
  return result;
}

}  // namespace

WriteResult write(const ir::Model& model, const std::filesystem::path& path,
                  const WriteOptions& options, Diagnostics& problems) {
  Opsets opsets = model.format == "onnx" ? model.opsets : Opsets{};
  const std::int64_t opset = choose_opset(model, options);
  if (opset < 1 || opset > newest_opset) {
    throw Error(Code::UnsupportedOpset, fmt::format("there is no opset {}", opset));
  }
  if (options.opset || opsets.empty()) opsets[""] = opset;
  const WireMessage message = encode_model(model, opsets, nullptr, problems);
  if (problems.has_errors()) return {};
  if (message.size() > options.external_above_bytes || has_external_data(*model.graph)) {
    return write_external(model, opsets, opset, path, problems);
  }
  FileWriter file(path);
  message.write_to(file);
  WriteResult result{{{path, file.position()}}, opset};
  file.commit();
  return result;
}

}  // namespace ponte::onnx
