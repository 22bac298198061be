// A model that was read, and the files in which runtimes take it.
#pragma once

#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "jobs/model_options.h"

namespace ponte::jobs {

struct RunnableFile {
  std::filesystem::path path;
  std::filesystem::path weights{};              // empty: none
  std::vector<std::filesystem::path> others{};  // that lie beside it and belong to it
  std::string format;
};

class ModelFiles {
 public:
  // Reads the model. What is converted lies in `folder` under a name that begins with `name`; the
  // folder must outlive every use of the files. Throws what reading throws; the model is usable
  // when no problem is an error.
  ModelFiles(const ModelOptions& options, std::filesystem::path folder, std::string name,
             Diagnostics& problems);

  const convert::Source& source() const { return source_; }
  const ir::Model& model() const { return source_.model; }
  std::string_view format() const { return source_.format->name; }
  const std::filesystem::path& path() const { return options_.path; }  // as the user gave it

  // The model's own file where it has one of these formats and the options change nothing of it;
  // else the model written again in its own format with what the options say of it, where that
  // format can be; else ONNX that was made of it; none where ONNX is not among the formats either,
  // or can't say the model: then `problems` has why.
  std::optional<RunnableFile> file_for(std::span<const std::string> formats, Diagnostics& problems);

 private:
  bool is_changed() const;  // what the options say of it is not in its file
  std::optional<RunnableFile> own_file() const;
  std::optional<RunnableFile> deployed_file();
  std::optional<RunnableFile> onnx_file(Diagnostics& problems);

  ModelOptions options_;
  std::filesystem::path folder_;
  std::string name_;
  convert::Source source_;
  std::optional<RunnableFile> deployed_;
  std::optional<RunnableFile> converted_;
  bool was_converted_ = false;
};

}  // namespace ponte::jobs
