// The list of formats.
#include <array>

#include "convert/convert.h"
#include "formats/caffe/ops.h"
#include "formats/caffe/read.h"
#include "formats/caffe/write.h"
#include "formats/onnx/read.h"
#include "formats/onnx/write.h"

namespace ponte::convert {
namespace {

ir::Model read_onnx(const std::filesystem::path& path, const ReadOptions& options,
                    Diagnostics& problems) {
  return onnx::read(path, {.max_depth = options.max_depth, .outputs_at = options.outputs_at},
                    problems);
}

WriteResult write_onnx(const ir::Model& model, const std::filesystem::path& path,
                       const WriteOptions& options, Diagnostics& problems) {
  onnx::WriteOptions own{.opset = options.opset, .stop = options.stop};
  if (options.external_data) own.external_above_bytes = 0;
  const onnx::WriteResult result = onnx::write(model, path, own, problems);
  WriteResult written{{}, result.opset};
  for (const auto& file : result.files) written.files.push_back({file.path, file.bytes});
  return written;
}

caffe::ReadOptions caffe_options(const ReadOptions& options) {
  return {.weights = options.weights,
          .random_weights = options.random_weights,
          .max_depth = options.max_depth,
          .input_shapes = options.input_shapes,
          .outputs_at = options.outputs_at};
}

ir::Model read_caffe(const std::filesystem::path& path, const ReadOptions& options,
                     Diagnostics& problems) {
  return caffe::read(path, caffe_options(options), problems);
}

DeployedFiles deploy_caffe(const std::filesystem::path& source, const ReadOptions& options,
                           const std::filesystem::path& target, const StopToken& stop) {
  std::filesystem::path prototxt = target;
  prototxt += ".prototxt";
  auto files = caffe::write_deployed(source, caffe_options(options), prototxt, stop);
  return {.graph = std::move(files.network), .weights = std::move(files.weights)};
}

// Ops of other domains are carried as they are; these are the ones with a meaning.
std::vector<FormatOp> onnx_ops() {
  std::vector<FormatOp> rows;
  for (const ir::Op* op : ops::all_ops().ops()) rows.push_back({op->name, op->name, true, true});
  return rows;
}

std::vector<FormatOp> caffe_ops() {
  std::vector<FormatOp> rows;
  for (const shared::ReadRow& row : caffe::read_rows())
    rows.push_back({row.foreign, row.becomes, row.read != nullptr, false});
  return rows;
}

constexpr std::array<std::string_view, 2> caffe_extensions{".prototxt", ".caffemodel"};
constexpr std::array<std::string_view, 1> onnx_extensions{".onnx"};

}  // namespace

std::span<const FormatRow> formats() {
  static constexpr std::array rows{
      FormatRow{.name = "caffe",
                .extensions = caffe_extensions,
                .has_weights_files = true,
                .has_signatures = false,
                .recognise = caffe::recognise,
                .read = read_caffe,
                .write = nullptr,
                .deploy = deploy_caffe,
                .ops = caffe_ops},
      FormatRow{.name = "onnx",
                .extensions = onnx_extensions,
                .has_weights_files = false,
                .has_signatures = false,
                .recognise = onnx::recognise,
                .read = read_onnx,
                .write = write_onnx,
                .deploy = nullptr,
                .ops = onnx_ops},
  };
  return rows;
}

}  // namespace ponte::convert
