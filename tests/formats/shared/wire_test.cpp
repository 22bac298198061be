// protobuf.dev/programming-guides/encoding: the examples of the specification, and what breaks it.
#include "formats/shared/wire.h"

#include <gmock/gmock.h>

#include <limits>

#include "base/expect_error.h"
#include "base/temporary_folder.h"

namespace ponte::shared {
namespace {

using test::expect_error;

WireReader reader_of(std::string_view bytes) { return WireReader(whole(buffer_source(bytes))); }

std::string bytes_of(const WireMessage& message) {
  const test::TemporaryFolder folder;
  FileWriter file(folder / "message");
  message.write_to(file);
  EXPECT_EQ(file.position(), message.size());
  file.commit();
  return test::text_of(folder / "message");
}

std::string_view view(const char* bytes, std::size_t size) { return {bytes, size}; }

TEST(WireReader, reads_the_examples_of_the_specification) {
  WireReader number = reader_of("\x08\x96\x01");
  ASSERT_TRUE(number.next());
  EXPECT_EQ(number.field(), 1U);
  EXPECT_EQ(number.varint(), 150U);
  EXPECT_FALSE(number.next());
  WireReader text = reader_of("\x12\x07testing");
  ASSERT_TRUE(text.next());
  EXPECT_EQ(text.text(), "testing");
  WireReader nested = reader_of("\x1a\x03\x08\x96\x01");
  ASSERT_TRUE(nested.next());
  WireReader inner(nested, nested.bytes());
  ASSERT_TRUE(inner.next());
  EXPECT_EQ(inner.varint(), 150U);
  WireReader packed = reader_of("\x32\x06\x03\x8e\x02\x9e\xa7\x05");
  ASSERT_TRUE(packed.next());
  std::vector<std::int64_t> numbers;
  packed.integers(numbers);
  EXPECT_THAT(numbers, testing::ElementsAre(3, 270, 86942));
}

TEST(WireReader, skips_what_nobody_takes) {
  WireReader reader =
      reader_of(view("\x08\x01\x11\1\2\3\4\5\6\7\10\x1d\1\2\3\4\x22\x02hi\x28\x07", 22));
  std::vector<std::uint32_t> fields;
  while (reader.next()) fields.push_back(reader.field());
  EXPECT_THAT(fields, testing::ElementsAre(1, 2, 3, 4, 5));
}

TEST(WireReader, gives_a_whole_field_with_its_tag) {
  WireReader reader = reader_of("\x08\x96\x01\x12\x02hi");
  ASSERT_TRUE(reader.next());
  ASSERT_TRUE(reader.next());
  EXPECT_EQ(reader.field_range().read_text(), "\x12\x02hi");
  EXPECT_FALSE(reader.next());
}

TEST(WireReader, refuses_what_ends_in_the_middle) {
  for (const std::string_view bytes :
       {"\x08", "\x08\x96", "\x12\x07test", "\x0d\x01\x02", "\x96"}) {
    expect_error(Code::TruncatedFile, [&] {
      WireReader reader = reader_of(bytes);
      while (reader.next()) {
      }
    });
  }
}

TEST(WireReader, refuses_tags_that_do_not_exist) {
  for (const std::string_view bytes :
       {view("\0\1", 2), view("\x0b", 1), view("\x0e", 1), view("\x0f", 1)})
    expect_error(Code::MalformedField, [&] { reader_of(bytes).next(); });
}

TEST(WireReader, refuses_numbers_of_more_than_64_bits) {
  expect_error(Code::MalformedField, [] {
    WireReader reader = reader_of("\x08\xff\xff\xff\xff\xff\xff\xff\xff\xff\x02");
    reader.next();
    reader.varint();
  });
  WireReader largest = reader_of("\x08\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01");
  largest.next();
  EXPECT_EQ(largest.varint(), std::numeric_limits<std::uint64_t>::max());
}

TEST(WireReader, refuses_another_wire_type_than_asked_for) {
  expect_error(Code::MalformedField, [] {
    WireReader reader = reader_of("\x08\x01");
    reader.next();
    reader.text();
  });
}

TEST(WireReader, counts_how_deep_messages_are_nested) {
  WireReader outer = reader_of(view("\x0a\x02\x0a\x00", 4));
  outer.set_depth(1);
  outer.next();
  WireReader inner(outer, outer.bytes());
  inner.next();
  expect_error(Code::NestingTooDeep, [&] { WireReader(inner, inner.bytes()); });
}

TEST(WireReader, reads_messages_that_are_larger_than_its_window) {
  WireMessage large;
  const std::string text(200'000, 'x');
  large.text(1, text);
  large.integer(2, 5);
  large.text(3, text + "y");
  WireReader reader = reader_of(bytes_of(large));
  reader.next();
  EXPECT_EQ(reader.text(), text);
  reader.next();
  EXPECT_EQ(reader.integer(), 5);
  reader.next();
  EXPECT_EQ(reader.text(), text + "y");
}

TEST(WireMessage, is_read_as_it_was_written) {
  WireMessage inner;
  inner.integer(1, -1);
  WireMessage message;
  message.float32(2, 1.5F);
  message.message(3, inner);
  message.integers(4, std::vector<std::int64_t>{1, -1, 1LL << 40});
  message.floats(5, std::vector<float>{0.5F, -2});
  WireReader reader = reader_of(bytes_of(message));
  reader.next();
  EXPECT_EQ(reader.fixed32_float(), 1.5F);
  reader.next();
  WireReader nested(reader, reader.bytes());
  nested.next();
  EXPECT_EQ(nested.integer(), -1);
  reader.next();
  std::vector<std::int64_t> integers;
  reader.integers(integers);
  EXPECT_THAT(integers, testing::ElementsAre(1, -1, 1LL << 40));
  reader.next();
  std::vector<float> floats;
  reader.floats(floats);
  EXPECT_THAT(floats, testing::ElementsAre(0.5F, -2.0F));
}

TEST(WireMessage, has_an_outline_that_tells_names_and_sizes_apart) {
  const auto outline = [](std::string_view name, std::string_view bytes) {
    WireMessage message;
    message.text(1, name);
    message.range(2, whole(buffer_source(bytes)));
    return message.outline_hash();
  };
  EXPECT_EQ(outline("a", "xyz"), outline("a", "abc"));
  EXPECT_NE(outline("a", "xyz"), outline("b", "xyz"));
  EXPECT_NE(outline("a", "xyz"), outline("a", "wxyz"));
}

}  // namespace
}  // namespace ponte::shared
