#include "jobs/convert.h"

#include <fmt/format.h>

#include <chrono>

#include "base/json.h"
#include "jobs/problems.h"
#include "jobs/program.h"

namespace ponte::jobs {
namespace {

void count_nodes(const ir::Graph& graph, ConvertResult& result) {
  ir::for_each_node(graph, [&](const ir::Node& node) {
    ++result.nodes;
    if (op_key(node) == "Transpose") ++result.transposes;
  });
}

void require_no_folder(const std::filesystem::path& target) {
  std::error_code no_status;
  if (target.has_filename() && !std::filesystem::is_directory(target, no_status)) return;
  throw Error(Code::UsageError, fmt::format("`{}` is a folder", target.string()),
              fmt::format("name the file, as in `{}`", (target / "model.onnx").string()));
}

const convert::FormatRow& target_row(const ConvertOptions& options) {
  const convert::FormatRow& row = options.target_format.empty()
                                      ? convert::format_of_name(options.target)
                                      : convert::format_named(options.target_format);
  if (!row.write) {
    throw Error(Code::FormatNotWritable,
                fmt::format("ponte reads the format `{}` and does not write it", row.name),
                "`ponte formats` lists those that it writes");
  }
  return row;
}

void run(const ConvertOptions& options, ConvertResult& result) {
  require_no_folder(options.target);
  const convert::FormatRow& target = target_row(options);
  result.target_format = target.name;
  const convert::Source source = read_model(options.model, result.problems);
  if (source.format) result.source_format = source.format->name;
  if (result.problems.has_errors()) return;
  const convert::WriteResult written = target.write(
      source.model, options.target,
      {.opset = options.opset, .external_data = options.external_data, .stop = options.model.stop},
      result.problems);
  if (result.problems.has_errors()) return;
  result.files = written.files;
  result.opset = written.opset;
  result.states = states_of(source.model);
  count_nodes(*source.model.graph, result);
}

}  // namespace

ConvertResult convert_model(const ConvertOptions& options) {
  const auto start = std::chrono::steady_clock::now();
  ConvertResult result;
  result.source = options.model.path.string();
  result.target = options.target.string();
  try {
    run(options, result);
  } catch (const Error& error) {
    result.problems.add(error);
  }
  result.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  result.peak_rss_bytes = peak_memory_bytes();
  return result;
}

void require_one_file(ConvertResult& result) {
  if (result.files.size() < 2) return;
  result.problems.add(
      Error(Code::NotOneFile,
            fmt::format("the result is {} files, and `-o -` has room for one", result.files.size()),
            "name a file with -o"));
}

Json to_json(const ConvertResult& result) {
  Json files = Json::array();
  for (const convert::WrittenFile& file : result.files)
    files.push_back({{"path", file.path.string()}, {"bytes", file.bytes}});
  const bool is_written = !result.files.empty();
  return {{"schema", "ponte/convert/1"},
          {"source", result.source},
          {"source_format", text_or_null(result.source_format)},
          {"target", result.target},
          {"target_format", text_or_null(result.target_format)},
          {"files", std::move(files)},
          {"kept", result.is_kept},
          {"nodes", is_written ? Json(result.nodes) : Json()},
          {"transposes", is_written ? Json(result.transposes) : Json()},
          {"opset", result.opset ? Json(*result.opset) : Json()},
          {"states", to_json(result.states)},
          {"map", nullptr},
          {"seconds", number(result.seconds)},
          {"peak_rss_bytes", result.peak_rss_bytes},
          {"problems", problems_json(result.problems)}};
}

}  // namespace ponte::jobs
