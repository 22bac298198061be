#include "jobs/model_files.h"

#include <algorithm>
#include <cerrno>

#include "base/error.h"

namespace ponte::jobs {
namespace {

namespace fs = std::filesystem;

// As the reader of such a network finds them: of the same name, or the only ones beside it.
std::optional<fs::path> caffe_weights_of(const ModelOptions& options) {
  if (!options.weights.empty()) return options.weights;
  std::error_code ignored;
  fs::path same_name = options.path;
  same_name.replace_extension(".caffemodel");
  if (fs::exists(same_name, ignored)) return same_name;
  std::vector<fs::path> beside;
  for (const auto& entry :
       fs::directory_iterator(fs::absolute(options.path).parent_path(), ignored)) {
    if (entry.path().extension() == ".caffemodel") beside.push_back(entry.path());
  }
  return beside.size() == 1 ? std::optional(beside.front()) : std::nullopt;
}

}  // namespace

ModelFiles::ModelFiles(const ModelOptions& options, fs::path folder, std::string name,
                       Diagnostics& problems)
    : options_(options),
      folder_(std::move(folder)),
      name_(std::move(name)),
      source_(read_model(options, problems)) {}

bool ModelFiles::is_changed() const {
  const bool has_shapes = !options_.shapes.dims.empty() || !options_.shapes.input_shapes.empty();
  if (has_shapes || !model().cut_at.empty()) return true;
  // An ONNX file has all its weights and one graph.
  return format() != "onnx" && (options_.random_weights || !options_.signature.empty());
}

std::optional<RunnableFile> ModelFiles::own_file() const {
  if (is_changed()) return std::nullopt;
  RunnableFile file{.path = fs::absolute(options_.path), .format = std::string(format())};
  if (file.format == "caffe") {
    const auto weights = caffe_weights_of(options_);
    if (!weights || options_.path.extension() == ".caffemodel") return std::nullopt;
    file.weights = fs::absolute(*weights);
  }
  return file;
}

std::optional<RunnableFile> ModelFiles::deployed_file() {
  if (deployed_ || source_.format->deploy == nullptr) return deployed_;
  const convert::DeployedFiles files =
      source_.format->deploy(options_.path, read_options(options_), folder_ / name_);
  deployed_ = {.path = files.graph, .weights = files.weights, .format = std::string(format())};
  return deployed_;
}

std::optional<RunnableFile> ModelFiles::onnx_file(Diagnostics& problems) {
  if (was_converted_) return converted_;
  was_converted_ = true;
  const fs::path target = folder_ / (name_ + ".onnx");
  Diagnostics own;
  const convert::WriteResult written =
      convert::format_named("onnx").write(source_.model, target, {}, own);
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
