#include "jobs/ops.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/error.h"
#include "base/json.h"
#include "base/text.h"
#include "ops/all_ops.h"

namespace ponte::jobs {
namespace {

std::string key_of(const ir::Op& op) {
  return op.domain.empty() ? std::string(op.name) : fmt::format("{}::{}", op.domain, op.name);
}

OpSupport support_of(const ir::Op& op) {
  return {std::string(op.name), std::string(op.domain), op.since, op.infer != nullptr,
          op.evaluate != nullptr};
}

}  // namespace

std::vector<std::string> op_names() {
  std::vector<std::string> names;
  for (const ir::Op* op : ponte::ops::all_ops().ops()) names.push_back(key_of(*op));
  return names;
}

OpsResult ops(const std::vector<std::string>& names) {
  OpsResult result;
  const auto all = ponte::ops::all_ops().ops();
  if (names.empty()) {
    for (const ir::Op* op : all) result.ops.push_back(support_of(*op));
    return result;
  }
  for (const std::string& name : names) {
    const auto it = std::ranges::find(all, name, [](const ir::Op* op) { return key_of(*op); });
    if (it == all.end()) {
      const auto near = closest(name, op_names());
      throw Error(Code::UnknownName, fmt::format("there is no op `{}`", name),
                  near ? fmt::format("did you mean `{}`?", *near) : "`ponte ops` lists them");
    }
    result.ops.push_back(support_of(**it));
  }
  return result;
}

Json to_json(const OpsResult& result) {
  Json list = Json::array();
  for (const OpSupport& op : result.ops) {
    list.push_back({{"name", op.name},
                    {"domain", op.domain},
                    {"since", op.since},
                    {"infer", op.infer},
                    {"evaluate", op.evaluate}});
  }
  return {{"schema", "ponte/ops/1"}, {"ops", std::move(list)}};
}

}  // namespace ponte::jobs
