// Bodies of If and Loop that no inputs have run: no verdict says anything of them.
#pragma once

#include <string>
#include <vector>

#include "verify/judged_sets.h"

namespace ponte::verify {

struct UntakenBody {
  const ir::Node* node = nullptr;  // that has it
  std::string name;                // the attribute's
  const ir::Graph* graph = nullptr;
};

// The outermost ones, of nodes that were evaluated themselves.
std::vector<UntakenBody> untaken_bodies(const Judges& judges);

// "the then_branch of `choice` and 2 more never ran on these inputs"
std::string untaken_text(const std::vector<UntakenBody>& bodies);

// Whether sizes alone decide that the body is not taken: with inputs of these sizes nothing takes
// it.
bool is_left_by_sizes(const UntakenBody& body);

// Whether what is in an input, and not its shape alone, goes into the value.
bool depends_on_elements(const ir::Value& value);

// Whether a node of another file has the same body, to the letter.
bool has_body(const ir::Graph& file, const UntakenBody& body);

}  // namespace ponte::verify
