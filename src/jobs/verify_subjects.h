// What `ponte verify` compares: each model in a form that each runtime takes.
#pragma once

#include <filesystem>
#include <list>
#include <map>
#include <vector>

#include "jobs/model_files.h"
#include "jobs/verify.h"

namespace ponte::jobs {

class VerifySubjects {
 public:
  // Reads the models. Files that are made lie in `folder`, which must outlive this. Problems are
  // collected; there is nothing to verify when one is an error.
  VerifySubjects(const VerifyOptions& options, const std::filesystem::path& folder,
                 Diagnostics& problems);

  const ir::Graph& judged() const { return *files_.front().model().graph; }
  std::string_view format() const { return files_.front().format(); }  // of the judged file
  const std::vector<verify::VerifySubject>& subjects() const { return subjects_; }
  // Runtimes that are missing, as rows of the result.
  const std::vector<verify::SubjectResult>& missing() const { return missing_; }

 private:
  void read(ModelOptions model);
  void add_conversion();
  std::vector<std::string> runtimes_for(const ModelFiles& file) const;
  std::vector<const runtimes::Adapter*> adapters() const;
  const runtimes::Discovery& discovered(const std::string& runtime);
  void add_on(ModelFiles& file, const std::string& runtime);
  void add(verify::VerifySubject subject);
  std::string name_of(const ModelFiles& file, const std::string& path) const;
  std::optional<verify::VerifySubject> make(ModelFiles& file, const runtimes::Discovery& found);

  const VerifyOptions& options_;
  std::filesystem::path folder_;
  Diagnostics& problems_;
  runtimes::SearchPath search_;
  std::map<std::string, runtimes::Discovery> discovered_;
  std::list<ModelFiles> files_;
  const ModelFiles* conversion_ = nullptr;  // of the first file, where ponte made one
  std::vector<verify::VerifySubject> subjects_;
  std::vector<verify::SubjectResult> missing_;
};

}  // namespace ponte::jobs
