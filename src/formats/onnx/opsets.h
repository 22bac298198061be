// What changed between the opset versions of ai.onnx: one step up and one down per change.
#pragma once

#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "formats/shared/node_reader.h"

namespace ponte::onnx {

inline constexpr std::int64_t newest_opset = 28;  // onnx 1.23
// Nodes are not written anew below it: runtimes begin here.
inline constexpr std::int64_t lowest_written_opset = 7;

// A node of a file on its way up to the newest opset.
struct UpDraft {
  shared::NodeReader& reader;
  std::string op;
  std::vector<ir::Value*> inputs;
  ir::Attributes attributes;
  std::vector<std::string> outputs;
  // Applied to the first result, where the newest op alone can't say it; gives the value that
  // stands for it.
  std::vector<std::function<ir::Value&(ir::Value&)>> wraps = {};

  // Attributes on their way to become inputs or to vanish; each is removed.
  std::optional<ir::Attribute> take(std::string_view name);
  std::optional<std::int64_t> take_int(std::string_view name);
  std::optional<std::vector<std::int64_t>> take_ints(std::string_view name);
  // Makes a list of integers input number `index`.
  void set_ints_input(std::size_t index, std::string_view name,
                      std::span<const std::int64_t> values);
  std::optional<std::int64_t> known_rank(std::size_t input) const;
  // The rank of an input. Throws UnsupportedOpset when the old meaning depends on it and it is not
  // known.
  std::int64_t rank(std::size_t input) const;
};

// A node of the IR on its way down to an older opset. Inputs are values of the graph that is
// written, or constants made for this node alone.
struct DownDraft {
  const ir::Node& node;
  std::string op;
  std::vector<std::string> inputs;
  ir::Attributes attributes;
  std::int64_t target;

  // The integers of a constant input, which is removed. Throws OpsetTooOld, naming the first opset
  // that takes any value, when it is none.
  std::vector<std::int64_t> take_ints_input(std::size_t index, std::string_view name,
                                            std::int64_t version);
  bool has_input(std::size_t index) const {
    return index < inputs.size() && !inputs[index].empty();
  }
  // The type of an input of the node; null where it is absent or no tensor.
  const ir::TensorType* tensor_type(std::size_t index) const;
};

// One change of one op that is more than new dtypes, inputs and attributes, which schemas.h knows.
// A missing function says that the nodes of one side are nodes of the other side as they are.
struct OpsetStep {
  std::string_view op;
  std::int64_t version;  // the first one that has the change
  void (*up)(UpDraft&) = nullptr;
  void (*down)(DownDraft&) = nullptr;  // none where the version is the lowest that is written
};

// All steps, sorted by op and version.
std::span<const OpsetStep> opset_steps();

// Reads a node of any opset: every step above its version, in order. What is added is one node, or
// a group. Throws UnsupportedOpset, and what the op's signature throws.
void read_node(shared::NodeReader& reader);

// Every step above the target, newest first. Throws OpsetTooOld for what the target can't say,
// naming the first opset that could.
void lower(DownDraft& draft);

// A node that is carried without being understood can be written where its op has the same form as
// in its own opset. Throws NoWriterForOp.
void require_same_form(const ir::Node& node, std::int64_t own, std::int64_t target);

}  // namespace ponte::onnx
