#include "formats/onnx/read.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <memory>
#include <string>
#include <utility>

#include "base/error.h"
#include "formats/onnx/build_graph.h"
#include "formats/onnx/decode.h"
#include "formats/onnx/functions.h"
#include "formats/shared/cut.h"

namespace ponte::onnx {
namespace {

// The fields of a ModelProto; the large ones as ranges.
struct ModelFields {
  std::int64_t ir_version = 0;
  Opsets opsets;
  std::string producer;
  std::string producer_version;
  std::map<std::string, std::string> metadata;
  std::optional<ByteRange> graph;
  std::vector<ByteRange> functions;
  std::vector<ByteRange> trainings;
};

ModelFields decode_model(WireReader& reader) {
  ModelFields fields;
  while (reader.next()) {
    switch (reader.field()) {
      case 1:
        fields.ir_version = reader.integer();
        break;
      case 2:
        fields.producer = reader.text();
        break;
      case 3:
        fields.producer_version = reader.text();
        break;
      case 7:
        take_once(reader, fields.graph);
        break;
      case 8:
        decode_opset(WireReader(reader, reader.bytes()), fields.opsets);
        break;
      case 14:
        fields.metadata.insert(decode_entry(WireReader(reader, reader.bytes())));
        break;
      case 20:
        fields.trainings.push_back(reader.bytes());
        break;
      case 25:
        fields.functions.push_back(reader.bytes());
        break;
      default:
        break;
    }
  }
  return fields;
}

}  // namespace

bool recognise(std::span<const std::byte> head, std::string_view file_name) {
  // ModelProto starts with ir_version (field 1, varint, at most two digits) in what every exporter
  // writes.
  const bool starts = head.size() >= 2 && head[0] == std::byte{0x08} && head[1] < std::byte{0x20};
  return starts || file_name.ends_with(".onnx");
}

namespace {

// The graphs of a TrainingInfoProto are carried as they stand; what they hold is checked.
void decode_training(WireReader reader, ExternalFiles& files, const Opsets& opsets) {
  while (reader.next()) {
    if (reader.field() == 1 || reader.field() == 2)
      decode_graph(WireReader(reader, reader.bytes()), files, opsets);
  }
}

std::shared_ptr<const ir::Record> record_of_model(const ByteRange& file, ExternalFiles& files) {
  auto record = std::make_shared<ModelRecord>();
  record->format = "onnx";
  record->bytes = file;
  record->outside = files.take_tensors();
  return record;
}

// The graph without what lies behind these nodes or values, and without the inputs and constants
// that nothing takes any more. Returns which of the names it has.
std::vector<std::string> cut(DecodedGraph& graph, const std::vector<std::string>& names) {
  std::vector<const shared::ForeignNode*> nodes;
  for (const shared::ForeignNode& node : graph.nodes) nodes.push_back(&node);
  shared::Cut cut = shared::cut_at(nodes, names);
  if (cut.found.empty()) return {};
  std::vector<ValueInfo> declared = std::move(graph.outputs);
  declared.insert(declared.end(), graph.values.begin(), graph.values.end());
  graph.outputs.clear();
  for (const std::string& name : cut.outputs) {
    const auto info = std::ranges::find(declared, name, &ValueInfo::name);
    graph.outputs.push_back(info == declared.end() ? ValueInfo{name, {}, {}} : *info);
  }
  shared::keep_leading(graph.nodes, cut);
  const auto is_idle = [&](const auto& named) { return !cut.taken.contains(named.name); };
  std::erase_if(graph.inputs, is_idle);
  std::erase_if(graph.initializers, is_idle);
  std::erase_if(graph.sparse_initializers, is_idle);
  return std::move(cut.found);
}

ir::Model read_model(WireReader reader, const std::filesystem::path& path,
                     const ReadOptions& options, Diagnostics& problems) {
  ModelFields fields = decode_model(reader);
  if (!fields.graph) throw Error(Code::MissingField, "the file has no graph; it is no ONNX model");
  if (fields.opsets.empty()) fields.opsets[""] = 1;
  ExternalFiles files(path);
  ModelFrame frame{path.string(), fields.ir_version, fields.opsets, {}};
  for (const ByteRange& function : fields.functions)
    frame.functions.add(decode_function(WireReader(reader, function), files));
  for (const ByteRange& training : fields.trainings)
    decode_training(WireReader(reader, training), files, fields.opsets);
  ir::Model model;
  model.format = "onnx";
  model.format_version = fmt::format("IR version {}", fields.ir_version);
  model.producer = fields.producer;
  if (!fields.producer_version.empty()) model.producer += " " + fields.producer_version;
  model.opsets = fields.opsets;
  model.metadata = std::move(fields.metadata);
  const auto decoded = decode_graph(WireReader(reader, *fields.graph), files, fields.opsets);
  model.cut_at = cut(*decoded, options.outputs_at);
  model.graph = build_graph(*decoded, frame, problems);
  model.record = record_of_model(reader.message(), files);
  return model;
}

}  // namespace

ir::Model read(std::shared_ptr<const ByteSource> file, const std::filesystem::path& path,
               const ReadOptions& options, Diagnostics& problems) {
  WireReader reader(whole(std::move(file)));
  reader.set_depth(options.max_depth);
  try {
    return read_model(std::move(reader), path, options, problems);
  } catch (Error& error) {
    error.fill_where({.file = path.string(), .node = {}, .op = {}, .byte = {}});
    throw;
  }
}

ir::Model read(const std::filesystem::path& path, const ReadOptions& options,
               Diagnostics& problems) {
  return read(open_file(path), path, options, problems);
}

}  // namespace ponte::onnx
