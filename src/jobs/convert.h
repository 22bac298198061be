// `ponte convert`: from one file format to another.
#pragma once

#include <vector>

#include "base/diagnostics.h"
#include "base/json_fwd.h"
#include "jobs/inspect.h"
#include "jobs/model_options.h"

namespace ponte::jobs {

struct ConvertOptions {
  ModelOptions model;
  std::filesystem::path target;
  std::string target_format;  // empty: the target's name says it
  std::optional<std::int64_t> opset;
  bool external_data = false;
};

struct ConvertResult {
  std::string source;
  std::string source_format;
  std::string target;
  std::string target_format;
  std::vector<convert::WrittenFile> files;  // empty after any error
  bool is_kept = true;  // false: the files were made to be looked at, and are gone
  std::int64_t nodes = 0;
  std::int64_t transposes = 0;  // nodes that are left of changes of layout
  std::optional<std::int64_t> opset;
  std::vector<StateNames> states;
  double seconds = 0;
  std::uint64_t peak_rss_bytes = 0;
  Diagnostics problems;
};

// Reads, rewrites and writes; after any error nothing is written. Throws nothing that a file can
// cause: it is in `problems`.
ConvertResult convert_model(const ConvertOptions& options);

// For standard output, which has room for one file: more than one becomes the problem NotOneFile.
void require_one_file(ConvertResult& result);

Json to_json(const ConvertResult& result);

}  // namespace ponte::jobs
