// Archives that NumPy wrote (tests/data/verify/make_arrays.py), whole and damaged.
#include "formats/shared/zip.h"

#include <gtest/gtest.h>

#include <cstring>

#include "base/expect_error.h"
#include "base/temporary_folder.h"
#include "paths.h"

namespace ponte::shared {
namespace {

std::string archive(const char* name) {
  return test::text_of(test::data_folder() / "verify" / name);
}

ZipArchive open(std::string_view bytes) { return ZipArchive(buffer_source(bytes)); }

// Reads everything; what is thrown must be a coded error.
bool reads(std::string_view bytes) {
  try {
    const ZipArchive zip = open(bytes);
    for (const ZipEntry& entry : zip.entries()) unpack(entry);
    return true;
  } catch (const Error&) {
    return false;
  }
}

TEST(Zip, has_its_entries_in_order_with_their_bytes) {
  const ZipArchive zip = open(archive("stored.npz"));
  ASSERT_EQ(zip.entries().size(), 2U);
  EXPECT_EQ(zip.entries()[0].name, "x.npy");
  EXPECT_EQ(zip.entries()[1].name, "labels.npy");
  EXPECT_EQ(unpack(zip.entries()[0]).size, 128 + 6 * sizeof(float));
}

TEST(Zip, inflates_what_was_deflated) {
  const ZipArchive stored = open(archive("stored.npz")), deflated = open(archive("deflated.npz"));
  ASSERT_EQ(deflated.entries().at(0).method, 8);
  EXPECT_EQ(unpack(deflated.entries()[0]).read_all(), unpack(stored.entries()[0]).read_all());
}

TEST(Zip, cut_short_is_refused_at_every_length) {
  for (const char* name : {"stored.npz", "deflated.npz"}) {
    const std::string whole_file = archive(name);
    for (std::size_t size = 0; size < whole_file.size(); ++size)
      EXPECT_FALSE(reads(std::string_view(whole_file).substr(0, size))) << name << " " << size;
  }
}

TEST(Zip, with_a_flipped_bit_is_an_error_or_reads) {
  for (const char* name : {"stored.npz", "deflated.npz"}) {
    const std::string original = archive(name);
    std::size_t refused = 0;
    for (std::size_t bit = 0; bit < original.size() * 8; ++bit) {
      std::string changed = original;
      changed[bit / 8] = static_cast<char>(changed[bit / 8] ^ (1 << (bit % 8)));
      refused += reads(changed) ? 0 : 1;
    }
    // Times, attributes and versions are not looked at; data, names and sizes are.
    EXPECT_GT(refused, original.size() * 8 / 2) << name;
  }
}

// The offset of the n-th record with this signature.
std::size_t record(const std::string& bytes, const char* signature, int n = 0) {
  std::size_t at = bytes.find(signature);
  for (int i = 0; i < n; ++i) at = bytes.find(signature, at + 4);
  return at;
}

TEST(Zip, that_is_encrypted_or_packed_otherwise_is_not_supported) {
  std::string encrypted = archive("deflated.npz");
  encrypted[record(encrypted, "PK\1\2") + 8] |= 1;
  test::expect_error(Code::UnknownFormat, [&] { open(encrypted); });
  std::string packed = archive("deflated.npz");
  packed[record(packed, "PK\1\2") + 10] = 14;
  test::expect_error(Code::UnknownFormat, [&] { open(packed); });
}

TEST(Zip, whose_header_contradicts_the_directory_is_refused) {
  std::string renamed = archive("stored.npz");
  renamed[record(renamed, "PK\3\4") + 30] = 'y';
  test::expect_error(Code::MalformedField, [&] { open(renamed); });
}

TEST(Zip, with_two_entries_of_one_name_is_refused) {
  std::string twice = archive("stored.npz");
  // Both list the first entry's place and name.
  const std::size_t first = record(twice, "PK\1\2"), second = record(twice, "PK\1\2", 1);
  const std::string entry = twice.substr(first, 46);
  const std::size_t name = twice[second + 28];
  ASSERT_EQ(name, 10U);
  twice.replace(second, 28, entry, 0, 28);
  twice[second + 28] = 10;
  EXPECT_FALSE(reads(twice));
}

TEST(Zip, that_claims_to_unpack_to_more_than_deflate_can_is_refused) {
  std::string bomb = archive("deflated.npz");
  const std::uint32_t size = 0x7fff'ffff;
  std::memcpy(bomb.data() + record(bomb, "PK\1\2") + 24, &size, 4);
  test::expect_error(Code::MalformedField, [&] { open(bomb); });
}

}  // namespace
}  // namespace ponte::shared
