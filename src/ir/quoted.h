// Texts in double quotes, as names and strings stand in ponte's text forms.
#pragma once

#include <string>
#include <string_view>

namespace ponte::ir {

// The text in double quotes, on one line and safe to print: `\"`, `\\`, and `\x1b` for every byte
// that is not printable. Text with invisible characters or invalid UTF-8 is all ASCII afterwards.
std::string quoted_text(std::string_view text);

// Takes a text in double quotes off the front of `rest`, which begins with one; any bytes may come
// out. Throws TextSyntax with the problem alone.
std::string take_quoted(std::string_view& rest);

}  // namespace ponte::ir
