// Cases of ops as text: one node with types, attributes, inputs and expected outputs, in the words
// of ir/text.h.
//
//   # Concat: negative axis counts from the back (C1)
//   y: f32[1,2] = Concat(a: f32[1,1], const b: f32[1,1]) {axis = -1}
//   a = [[1]]   b = [[3]]
//   y = [[1, 3]]
//
// Blocks are separated by empty lines; a block of comments alone is the file's header. The first
// comment of a case is its title. `_` is an absent input or output, `const` marks an input that
// inference may see, a dimension `?` any symbol of the inference's own. A sequence is (a, b), an
// empty optional `none`. `error PT3106` instead of outputs: inference or evaluation must fail with
// this code. `tolerance 1e-5`: what may lie between expected and computed floats, relative to the
// largest number of the tensor.
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "ir/attribute.h"
#include "ir/op.h"
#include "ops/datum.h"

namespace ponte::harness {

// A value as it stands in the file; in either arithmetic.
struct CaseValue {
  ir::Type type;
  std::vector<ir::Tensor> tensors;  // one, or the items of a sequence; none for an empty optional
};

ops::Datum to_datum(const CaseValue& value, ops::Arithmetic arithmetic);

struct CaseParameter {
  std::string name;  // empty: absent
  ir::Type type;     // unknown for an output without a declared type
  bool is_constant = false;
};

struct OpCase {
  std::string file;
  int line = 0;
  std::string title;
  std::string domain;
  std::string op;
  std::vector<CaseParameter> inputs;
  std::vector<CaseParameter> outputs;
  ir::Attributes attributes;
  std::map<std::string, CaseValue> values;
  std::optional<Code> error;
  std::optional<double> tolerance;
};

// Throws TextSyntax with file and line.
std::vector<OpCase> read_cases(const std::filesystem::path& path, const ir::OpSet& ops);

}  // namespace ponte::harness
