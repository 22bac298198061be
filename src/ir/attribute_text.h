// Attributes in ponte's text form.
//
//   3, 1.0, "text", [1, 2], [1.0, 2.0], ["a"]     an int, float, string or a list of them
//   ints [], floats [], strings []                 the same where the list does not tell
//   f32[2] [1, 2], tensors [f32[] 1]               tensors
//   sparse [2, 3] f32[1] [7] i64[1] [4]            its shape, values and indices
//   type f32[2,n], types [f32[2]]                  types
//   attribute alpha: float                         the function's own attribute
//
// Subgraphs stand among the attributes, but belong to the node: see text.h.
#pragma once

#include <functional>
#include <string>

#include "ir/attribute.h"
#include "ir/op.h"
#include "ir/text_cursor.h"

namespace ponte::ir {

// What happens to types on the way: symbols without a name of their own get another number.
using TypeChange = std::function<Type(const Type&)>;

std::string attribute_text(const Attribute& attribute, const TypeChange& change);

// `expected` is the kind in the op's signature, which decides where the text leaves it open ("1"
// can be a float); Undefined where there is none. Throws TextSyntax.
Attribute take_attribute(TextCursor& cursor, AttributeKind expected, const TypeChange& change);

// Takes "{axis = 1, keepdims = 0}", or nothing where there is no brace. `op` may be null.
// `take_subgraph` is asked first, at the value of each attribute: true when it took it.
Attributes take_attributes(TextCursor& cursor, const Op* op, const TypeChange& change,
                           const std::function<bool(const std::string& name)>& take_subgraph);

}  // namespace ponte::ir
