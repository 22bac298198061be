#include "jobs/formats.h"

#include "base/json.h"
#include "convert/convert.h"
#include "jobs/problems.h"

namespace ponte::jobs {

FormatsResult formats() {
  FormatsResult result;
  for (const convert::FormatRow& row : convert::formats()) {
    FormatSupport support{std::string(row.name),
                          {row.extensions.begin(), row.extensions.end()},
                          row.read != nullptr,
                          row.write != nullptr,
                          {}};
    for (const convert::FormatOp& op : row.ops())
      support.ops.push_back({std::string(op.foreign), std::string(op.becomes), op.read, op.write});
    result.formats.push_back(std::move(support));
  }
  return result;
}

std::vector<std::string> format_names() {
  std::vector<std::string> names;
  for (const convert::FormatRow& row : convert::formats()) names.emplace_back(row.name);
  return names;
}

std::vector<std::string> written_format_names() {
  std::vector<std::string> names;
  for (const convert::FormatRow& row : convert::formats()) {
    if (row.write) names.emplace_back(row.name);
  }
  return names;
}

Json to_json(const FormatsResult& result) {
  Json formats = Json::array();
  for (const FormatSupport& format : result.formats) {
    Json ops = Json::array();
    for (const FormatOp& op : format.ops) {
      ops.push_back({{"foreign", op.foreign},
                     {"onnx", text_or_null(op.onnx)},
                     {"read", op.read},
                     {"write", op.write}});
    }
    formats.push_back({{"name", format.name},
                       {"extensions", format.extensions},
                       {"read", format.read},
                       {"write", format.write},
                       {"ops", std::move(ops)}});
  }
  return {{"schema", "ponte/formats/1"}, {"formats", std::move(formats)}};
}

}  // namespace ponte::jobs
