#include "ir/function_calls.h"

#include <fmt/format.h>

#include <tuple>

namespace ponte::ir {
namespace {

using Key = std::pair<std::string_view, std::string_view>;

void add(Diagnostics& problems, const Function& function, std::string_view what) {
  problems.add(Error(Code::InvalidGraph, fmt::format("the function `{}::{}` {}", function.domain,
                                                     function.name, what)));
}

// For each function the functions that it calls, by position, as often as it calls them. A call
// says no overload, so functions with several are left out.
std::vector<std::vector<std::size_t>> calls_of(const Model& model) {
  std::map<Key, std::vector<std::size_t>> named;
  for (std::size_t i = 0; i < model.functions.size(); ++i)
    named[{model.functions[i].domain, model.functions[i].name}].push_back(i);
  std::vector<std::vector<std::size_t>> calls(model.functions.size());
  for (std::size_t i = 0; i < model.functions.size(); ++i) {
    for_each_node(*model.functions[i].body, [&](const Node& node) {
      const auto called = named.find({node.domain(), node.op_name()});
      if (called != named.end() && called->second.size() == 1)
        calls[i].push_back(called->second.front());
    });
  }
  return calls;
}

}  // namespace

void check_function_calls(const Model& model, Diagnostics& problems) {
  std::set<std::tuple<std::string_view, std::string_view, std::string_view>> names;
  for (const Function& function : model.functions) {
    if (!names.emplace(function.domain, function.name, function.overload).second)
      add(problems, function, "is there twice");
  }
  // Takes functions that nobody calls away until only circles are left.
  const auto calls = calls_of(model);
  std::vector<std::size_t> callers(calls.size(), 0);
  for (const auto& called : calls) {
    for (const std::size_t function : called) ++callers[function];
  }
  std::vector<std::size_t> free;
  for (std::size_t i = 0; i < callers.size(); ++i) {
    if (callers[i] == 0) free.push_back(i);
  }
  std::vector<bool> is_taken(calls.size(), false);
  while (!free.empty()) {
    const std::size_t function = free.back();
    free.pop_back();
    is_taken[function] = true;
    for (const std::size_t called : calls[function]) {
      if (--callers[called] == 0) free.push_back(called);
    }
  }
  for (std::size_t i = 0; i < calls.size(); ++i) {
    if (!is_taken[i])
      add(problems, model.functions[i], "calls itself, or is called by one that does");
  }
}

}  // namespace ponte::ir
