// Local functions (FunctionProto). A call is replaced by the nodes of the body when it is read, so
// that types exist for each call; the call itself stays as the record of those nodes.
// Specification: onnx/docs/IR.md, Functions.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <tuple>
#include <vector>

#include "formats/onnx/decode.h"

namespace ponte::onnx {

struct Function {
  std::string domain;
  std::string name;
  std::string overload;
  std::vector<std::string> inputs;
  std::vector<std::string> outputs;
  shared::ForeignNode defaults;           // its attributes and subgraphs
  std::vector<shared::ForeignNode> body;  // each node after those whose results it takes
  std::size_t size = 0;                   // nodes, those of subgraphs included
};

// Throws GraphNotAcyclic, and UndefinedValue for an output that nothing produces.
Function decode_function(WireReader reader, ExternalFiles& files);

// By domain, name and overload.
class Functions {
 public:
  void add(Function function);  // throws DuplicateName
  // The function that a node calls; null when it calls none.
  const Function* find(const shared::ForeignNode& call) const;

 private:
  std::map<std::tuple<std::string, std::string, std::string>, Function> functions_;
};

// The nodes that compute what a call computes, under names from `unique_name`.
std::vector<shared::ForeignNode> unfold(
    const Function& function, const shared::ForeignNode& call,
    const std::function<std::string(const std::string&)>& unique_name);

}  // namespace ponte::onnx
