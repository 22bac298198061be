// Content hashes: XXH3, 128 bits, as 32 hexadecimal digits (high half first). Not against an
// adversary.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

#include "base/bytes.h"

namespace ponte {

// Read in chunks; throws what reading throws.
std::string content_hash(const ByteRange& range);
std::string content_hash(const ByteSource& source);

std::string content_hash(std::span<const std::byte> bytes);
std::string content_hash(std::string_view text);

}  // namespace ponte
