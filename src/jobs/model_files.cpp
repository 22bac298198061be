#include "jobs/model_files.h"

#include <algorithm>

#include "base/paths.h"

namespace ponte::jobs {

namespace fs = std::filesystem;

ModelFiles::ModelFiles(const ModelOptions& options, fs::path folder, std::string name,
                       Diagnostics& problems)
    : options_(options),
      folder_(std::move(folder)),
      name_(std::move(name)),
      source_(read_model(options, problems)) {}

bool ModelFiles::is_changed() const {
  const bool has_shapes = !options_.shapes.dims.empty() || !options_.shapes.input_shapes.empty();
  const bool stays_open = options_.stays_open && !source_.has_other_sizes;
  if ((has_shapes && !stays_open) || !model().cut_at.empty()) return true;
  return (source_.format->has_weights_files && options_.random_weights) ||
         (source_.format->has_signatures && !options_.signature.empty());
}

std::optional<RunnableFile> ModelFiles::own_file() const {
  if (is_changed()) return std::nullopt;
  RunnableFile file{.path = absolute_path(options_.path), .format = std::string(format())};
  if (file.format == "caffe") {
    const std::string& weights = model().weights_file;
    if (weights.empty() || options_.path.extension() == ".caffemodel") return std::nullopt;
    file.weights = absolute_path(weights);
  }
  return file;
}

std::optional<RunnableFile> ModelFiles::deployed_file() {
  if (deployed_ || source_.format->deploy == nullptr) return deployed_;
  const convert::DeployedFiles files =
      source_.format->deploy(options_.path, read_options(options_), folder_ / name_, options_.stop);
  deployed_ = {.path = files.graph, .weights = files.weights, .format = std::string(format())};
  return deployed_;
}

std::optional<RunnableFile> ModelFiles::onnx_file(Diagnostics& problems) {
  if (was_converted_) return converted_;
  was_converted_ = true;
  const fs::path target = folder_ / (name_ + ".onnx");
  Diagnostics own;
  const convert::WriteResult written =
      convert::format_named("onnx").write(source_.model, target, {.stop = options_.stop}, own);
  const bool has_failed = own.has_errors();
  problems.append(own);
  if (has_failed) return std::nullopt;
  RunnableFile file{.path = target, .format = "onnx"};
  for (const convert::WrittenFile& part : written.files) {
    if (part.path != target) file.others.push_back(part.path);
  }
  converted_ = std::move(file);
  return converted_;
}

std::optional<RunnableFile> ModelFiles::file_for(std::span<const std::string> formats,
                                                 Diagnostics& problems) {
  const auto takes = [&](std::string_view format) {
    return std::ranges::find(formats, format) != formats.end();
  };
  if (takes(format())) {
    if (auto file = own_file()) return file;
    if (auto file = deployed_file()) return file;
  }
  return takes("onnx") ? onnx_file(problems) : std::nullopt;
}

}  // namespace ponte::jobs
