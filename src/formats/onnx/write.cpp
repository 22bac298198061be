#include "formats/onnx/write.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <optional>
#include <utility>

#include "base/error.h"
#include "base/file_writer.h"
#include "base/hash.h"
#include "base/paths.h"
#include "base/text.h"
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

struct Encoded {
  WireMessage message;
  EncodeFindings findings;
};

// The record of a model that was read from ONNX; null for other formats.
const ModelRecord* source_of(const ir::Model& model) {
  return model.format == "onnx" ? static_cast<const ModelRecord*>(model.record.get()) : nullptr;
}

// The model with the fields of its ONNX source in their order; what changed is put in its place.
WireMessage encode_over_original(const ir::Model& model, WireMessage graph, const Opsets& opsets,
                                 std::int64_t lowest_ir_version, DataFile* data) {
  const ModelRecord& source = *source_of(model);
  const bool same_opsets = opsets == model.opsets;
  // Calls were replaced by the bodies of their functions where the opset changes.
  const bool keeps_functions = standard_version(opsets) == standard_version(model.opsets);
  WireMessage message;
  bool opsets_written = same_opsets;
  const auto write_opsets = [&] {
    for (const auto& [domain, version] : opsets) message.message(8, encode_opset(domain, version));
    opsets_written = true;
  };
  WireReader reader(source.bytes);
  while (reader.next()) {
    const std::uint32_t field = reader.field();
    if (field == 7) {
      message.message(7, graph);  // once: the reader refuses a file that has two
    } else if (field == 8 && !same_opsets) {
      if (!opsets_written) write_opsets();
    } else if (field == 1) {
      message.integer(1, std::max(reader.integer(), lowest_ir_version));
    } else if (field == 20) {
      message.message(20, encode_as_it_stood(reader.bytes(), MessageKind::Training, &source, data));
    } else if (field == 25) {
      const ByteRange function = reader.bytes();
      if (keeps_functions) {
        message.message(25, encode_as_it_stood(function, MessageKind::Function, &source, data));
      }
    } else {
      message.raw(reader.field_range());
    }
  }
  if (!opsets_written) write_opsets();
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

Encoded encode_model(const ir::Model& model, const Opsets& opsets, DataFile* data,
                     Diagnostics& problems) {
  const ModelRecord* source = source_of(model);
  Encoded encoded;
  WireMessage graph = encode_graph(*model.graph, {opsets, data, encoded.findings, problems, source,
                                                  source ? &model.opsets : nullptr});
  if (!source) {
    encoded.message = encode_new(model, std::move(graph), opsets);
    return encoded;
  }
  // Before IR version 4 an initialiser had to be an input as well.
  const std::int64_t for_constants = encoded.findings.any_added ? 4 : 0;
  const std::int64_t for_opset =
      opsets == model.opsets ? 0 : ir_version_for(standard_version(opsets));
  encoded.message = encode_over_original(model, std::move(graph), opsets,
                                         std::max(for_constants, for_opset), data);
  return encoded;
}

// What the functions of a model import: nodes of their bodies may stand in the graph now.
Opsets function_imports(const ir::Model& model) {
  Opsets imports;
  WireReader reader(model.record->bytes);
  while (reader.next()) {
    if (reader.field() != 25) continue;
    WireReader function(reader, reader.bytes());
    while (function.next()) {
      if (function.field() == 9) decode_opset(WireReader(function, function.bytes()), imports);
    }
  }
  return imports;
}

// The opset asked for, the source's own, or the lowest from 17 on that can say every node.
std::int64_t choose_opset(const ir::Model& model, const WriteOptions& options) {
  if (options.opset) return *options.opset;
  if (const auto own = model.opsets.find(""); model.format == "onnx" && own != model.opsets.end()) {
    return own->second;
  }
  for (std::int64_t opset = lowest_default_opset; opset < newest_opset; ++opset) {
    Diagnostics problems;
    EncodeFindings findings;
    encode_graph(*model.graph, {{{"", opset}}, nullptr, findings, problems});
    if (!problems.has_errors()) return opset;
  }
  return newest_opset;
}

// Any from 7 on; an older one only where the model has it already.
void require_writable(std::int64_t opset, const Opsets& own) {
  if (opset < 1 || opset > newest_opset)
    throw Error(Code::UnsupportedOpset, fmt::format("there is no opset {}", opset));
  if (opset < lowest_written_opset && (own.empty() || standard_version(own) != opset)) {
    throw Error(Code::OpsetTooOld,
                fmt::format("models are written for opset {} and later", lowest_written_opset));
  }
}

// Data files that an earlier writing of the same model left beside it.
std::vector<std::filesystem::path> data_files_beside(const std::filesystem::path& model) {
  std::vector<std::filesystem::path> found;
  const std::string prefix = model.filename().string() + ".";
  std::error_code ignored;
  for (const std::filesystem::path& entry : entries_of(folder_of(model), ignored)) {
    const std::string name = entry.filename().string();
    const bool matches =
        name.size() == prefix.size() + 13 && name.starts_with(prefix) && name.ends_with(".data") &&
        std::all_of(name.begin() + static_cast<std::ptrdiff_t>(prefix.size()), name.end() - 5,
                    [](char c) { return std::isxdigit(static_cast<unsigned char>(c)) != 0; });
    if (matches && std::filesystem::is_regular_file(entry, ignored)) found.push_back(entry);
  }
  return found;
}

void remove_data_files(const std::filesystem::path& model, std::string_view kept) {
  for (const auto& old : data_files_beside(model)) {
    std::error_code ignored;
    if (old.filename() != kept) std::filesystem::remove(old, ignored);
  }
}

void write_entries(const DataFile& data, FileWriter& file) {
  for (const DataFile::Entry& entry : data.entries()) {
    file.pad_to(DataFile::alignment);
    shared::write_tensor_data(file, *entry.data);
  }
}

// Whether a file has these bytes at the places of the entries, and no other size.
bool holds(const std::filesystem::path& path, const DataFile& data) {
  const auto file = open_file(path);
  if (file->size() != data.size_bytes()) return false;
  constexpr std::uint64_t chunk = 1 << 20;
  std::vector<std::byte> there, wanted;
  for (const DataFile::Entry& entry : data.entries()) {
    for (std::uint64_t at = 0; at < entry.data->size_bytes(); at += chunk) {
      wanted.resize(std::min(chunk, entry.data->size_bytes() - at));
      there.resize(wanted.size());
      entry.data->read(at, wanted);
      file->read(entry.offset + at, there);
      if (there != wanted) return false;
    }
  }
  return true;
}

// The name of a data file depends on what the model says, so that the same input gives the same
// files. A name that is in use for other bytes is passed over: the model that is replaced keeps
// its data until the end.
struct DataName {
  std::string location;
  bool is_there = false;  // with these bytes
};

DataName name_data(const std::filesystem::path& model, const Encoded& draft, const DataFile& data) {
  const std::string outline = draft.message.outline_hash();
  for (int attempt = 0;; ++attempt) {
    const std::string salt = fmt::format("{} {} {}", model.filename().string(), outline, attempt);
    DataName name;
    name.location = fmt::format("{}.{}.data", model.filename().string(),
                                content_hash(std::string_view(salt)).substr(0, 8));
    const auto path = model.parent_path() / name.location;
    std::error_code error;
    if (!std::filesystem::exists(std::filesystem::symlink_status(path, error))) return name;
    if (!std::filesystem::is_regular_file(path, error)) continue;
    name.is_there = holds(path, data);
    if (name.is_there) return name;
  }
}

// A file that is removed again unless it is kept.
class NewFile {
 public:
  explicit NewFile(std::filesystem::path path) : path_(std::move(path)) {}
  ~NewFile() {
    std::error_code ignored;
    if (!path_.empty()) std::filesystem::remove(path_, ignored);
  }
  NewFile(const NewFile&) = delete;
  NewFile& operator=(const NewFile&) = delete;
  void keep() { path_.clear(); }

 private:
  std::filesystem::path path_;
};

void require_encodable(const WireMessage& message) {
  if (message.size() <= protobuf_limit) return;
  throw Error(Code::FileTooLarge,
              fmt::format("the graph alone needs {} bytes", grouped(message.size())));
}

WriteResult write_whole(const WireMessage& message, const std::filesystem::path& path,
                        const StopToken& stop) {
  require_encodable(message);
  FileWriter file(path, stop);
  message.write_to(file);
  WriteResult result;
  result.files = {{path, file.position()}};
  file.commit();
  remove_data_files(path, {});
  return result;
}

WriteResult write_external(const ir::Model& model, const Opsets& opsets,
                           const std::filesystem::path& path, const StopToken& stop) {
  Diagnostics known;  // the caller has them
  DataFile unnamed("");
  const Encoded draft = encode_model(model, opsets, &unnamed, known);
  if (unnamed.entries().empty()) return write_whole(draft.message, path, stop);
  const DataName name = name_data(path, draft, unnamed);
  DataFile data(name.location);
  const WireMessage message = encode_model(model, opsets, &data, known).message;
  require_encodable(message);
  const auto data_path = path.parent_path() / name.location;
  std::optional<FileWriter> data_file;
  if (!name.is_there) write_entries(data, data_file.emplace(data_path, stop));
  FileWriter model_file(path, stop);
  message.write_to(model_file);
  WriteResult result;
  result.files = {{path, model_file.position()}, {data_path, data.size_bytes()}};
  NewFile written(data_file ? data_path : std::filesystem::path());
  if (data_file) data_file->commit();
  model_file.commit();
  written.keep();
  remove_data_files(path, name.location);
  return result;
}

}  // namespace

WriteResult write(const ir::Model& model, const std::filesystem::path& target,
                  const WriteOptions& options, Diagnostics& problems) {
  // Data files lie beside the file itself, not beside a link to it.
  const std::filesystem::path path = follow_links(target);
  Opsets opsets = model.format == "onnx" ? model.opsets : Opsets{};
  const std::int64_t opset = choose_opset(model, options);
  require_writable(opset, opsets);
  if (options.opset || opsets.empty()) opsets[""] = opset;
  Encoded encoded = encode_model(model, opsets, nullptr, problems);
  if (problems.has_errors()) return {};
  if (!encoded.findings.missing_domains.empty() && source_of(model)) {
    const Opsets imports = function_imports(model);
    for (const std::string& domain : encoded.findings.missing_domains) {
      if (const auto it = imports.find(domain); it != imports.end()) opsets.insert(*it);
    }
    encoded = encode_model(model, opsets, nullptr, problems);
  }
  const ModelRecord* source = source_of(model);
  const bool has_data_files = source && !source->outside.empty();
  WriteResult result = encoded.message.size() > options.external_above_bytes || has_data_files
                           ? write_external(model, opsets, path, options.stop)
                           : write_whole(encoded.message, path, options.stop);
  result.opset = opset;
  return result;
}

}  // namespace ponte::onnx
