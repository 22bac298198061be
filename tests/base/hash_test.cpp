#include "base/hash.h"

#include <gtest/gtest.h>

#include "expect_error.h"
#include "temporary_folder.h"

namespace ponte {
namespace {

// The values that the tests of xxHash's Python binding (ifduyue/python-xxhash, tests/test.py) and
// the documentation of the algorithm give for seed 0.
TEST(Hash, MatchesPublishedValues) {
  EXPECT_EQ(content_hash(""), "99aa06d3014798d86001c324468d497f");
  EXPECT_EQ(content_hash("a"), "a96faf705af16834e6c632b61e964e1f");
}

TEST(Hash, ChunksAndTheWholeAgree) {
  const test::TemporaryFolder folder;
  for (const std::size_t size : {0u, 1u, 240u, 241u, 262144u, 262145u, 1000000u}) {
    std::string text(size, '\0');
    for (std::size_t i = 0; i < size; ++i) text[i] = static_cast<char>(i * 7 % 253);
    const auto file = open_file(folder.write("file", text));
    EXPECT_EQ(content_hash(*file), content_hash(text)) << size;
    EXPECT_EQ(content_hash(whole(file)), content_hash(text)) << size;
    if (size > 10) {
      EXPECT_EQ(content_hash(whole(file).part(3, size - 7)),
                content_hash(std::string_view(text).substr(3, size - 7)));
    }
  }
}

TEST(Hash, ARangeBeyondItsSourceIsRefused) {
  test::expect_error(Code::TruncatedFile, [] {
    content_hash(ByteRange{buffer_source("abc"), 2, std::uint64_t{1} << 60});
  });
}

}  // namespace
}  // namespace ponte
