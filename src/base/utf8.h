// Decoding of UTF-8 (RFC 3629) and the width of characters on a terminal.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

namespace ponte {

// The code point that starts at `position`, which moves behind it; none, and one byte further,
// where the bytes are not UTF-8 (overlong forms, surrogates and values over U+10FFFF included).
// `position` < text.size().
std::optional<char32_t> decode_utf8(std::string_view text, std::size_t& position);

bool is_utf8(std::string_view text);

// Columns on a terminal: 2 for East Asian wide characters (UAX #11), 0 for combining marks.
int display_width(char32_t character);

// Of the whole text; escape sequences for styles (ESC [ ... m) have no width, a byte that is not
// UTF-8 has one column.
std::size_t display_width(std::string_view text);

// Characters that change how a terminal shows what is around them: controls, bidirectional
// overrides, invisible ones.
bool is_hostile_to_terminals(char32_t character);

}  // namespace ponte
