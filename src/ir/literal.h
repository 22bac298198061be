// Values in ponte's text forms before their dtype is known, and the tensors that they stand for.
#pragma once

#include <string>
#include <vector>

#include "ir/tensor.h"
#include "ir/text_cursor.h"

namespace ponte::ir {

// 1.5, true, inf, 1.5-2i, "text", [[1, 2], [3, 4]], or a sequence of values (a, b).
struct Literal {
  enum class Kind : std::uint8_t { Word, Text, List, Sequence };
  Kind kind = Kind::Word;
  std::string text;
  std::vector<Literal> items;
  std::size_t position = 0;

  bool is_word(std::string_view word) const { return kind == Kind::Word && text == word; }
};

// Throws TextSyntax, NestingTooDeep.
Literal take_literal(TextCursor& cursor);

// Each throws TextSyntax at the literal where it is something else. Numbers take `true` and `false`
// too, integers the name of a dtype, which stands for its number in ONNX.
double to_real(const TextCursor& cursor, const Literal& literal);
float to_float(const TextCursor& cursor, const Literal& literal);
std::int64_t to_integer(const TextCursor& cursor, const Literal& literal);
std::string to_text(const TextCursor& cursor, const Literal& literal);
bool is_integer(const Literal& literal);  // a word that to_integer() takes

// The tensor that a literal stands for. Its shape is that of the lists; what an empty list leaves
// open stands in the type. Throws TextSyntax.
Tensor to_tensor(const TextCursor& cursor, const TensorType& type, const Literal& literal);

}  // namespace ponte::ir
