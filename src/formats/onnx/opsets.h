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

// A node of a file on its way up to the newest opset.
struct UpDraft {
  shared::NodeReader& reader;
  std::string op;
  std::vector<ir::Value*> inputs;
  ir::Attributes attributes;
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

  // The integers of a constant input, which is removed. Throws OpsetTooOld when it is none.
  std::vector<std::int64_t> take_ints_input(std::size_t index, std::string_view name);
};

// One change of one op. A missing function says that old and new nodes look the same and mean the
// same, but for the dtypes that came with the change.
struct OpsetStep {
  std::string_view op;
  std::int64_t version;  // the first one that has the change
  void (*up)(UpDraft&) = nullptr;
  void (*down)(DownDraft&) = nullptr;
  ir::TypeSet added_types = {};
};

// All steps, sorted by op and version.
std::span<const OpsetStep> opset_steps();

// Reads a node of any opset: every step above its version, in order. What is added is one node, or
// a group. Throws UnsupportedOpset, and what the op's signature throws.
void read_node(shared::NodeReader& reader);

// Every step above the target, newest first. Throws OpsetTooOld.
void lower(DownDraft& draft);

}  // namespace ponte::onnx
