// Arrays that NumPy wrote (tests/data/verify/make_arrays.py).
#include "verify/npy.h"

#include <gmock/gmock.h>

#include "base/expect_error.h"
#include "base/temporary_folder.h"
#include "paths.h"

namespace ponte::verify {
namespace {

using testing::ElementsAre;

ByteRange file(const char* name) { return whole(open_file(test::data_folder() / "verify" / name)); }

// A .npy file with this header; the numbers are `bytes` zeros.
ByteRange with_header(std::string header, std::size_t bytes) {
  std::string text = "\x93NUMPY";
  text += '\1';
  text += '\0';
  text += static_cast<char>(header.size() & 0xff);
  text += static_cast<char>(header.size() >> 8);
  return whole(buffer_source(text + header + std::string(bytes, '\0')));
}

TEST(Npy, of_an_archive_has_the_names_dtypes_and_numbers_that_were_saved) {
  for (const char* name : {"stored.npz", "deflated.npz"}) {
    const auto arrays = read_npz(open_file(test::data_folder() / "verify" / name));
    ASSERT_FALSE(arrays.empty());
    EXPECT_EQ(arrays[0].first, "x");
    EXPECT_EQ(arrays[0].second.dtype(), ir::DType::Float32);
    EXPECT_THAT(arrays[0].second.shape(), ElementsAre(2, 3));
    EXPECT_THAT(arrays[0].second.to_f64(), ElementsAre(0, 1, 2, 3, 4, 5));
  }
}

TEST(Npy, in_fortran_order_and_big_endian_is_the_same_matrix) {
  const ir::Tensor tensor = read_npy(file("fortran.npy"));
  EXPECT_EQ(tensor.dtype(), ir::DType::Float64);
  EXPECT_THAT(tensor.shape(), ElementsAre(2, 3));
  EXPECT_THAT(tensor.to_f64(), ElementsAre(0, 1, 2, 3, 4, 5));
}

TEST(Npy, of_python_objects_is_refused_and_not_loaded) {
  test::expect_error(Code::UnknownDtype, [] { read_npy(file("pickled.npy")); });
}

TEST(Npy, of_records_is_refused) {
  test::expect_error(Code::UnknownDtype, [] {
    read_npy(with_header("{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (1,)}", 4));
  });
}

TEST(Npy, whose_bytes_are_not_those_of_its_shape_is_refused) {
  const char* header = "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 2), }";
  EXPECT_EQ(read_npy(with_header(header, 16)).count(), 4);
  for (const std::size_t bytes : {0UL, 15UL, 17UL})
    test::expect_error(Code::TruncatedTensor, [&] { read_npy(with_header(header, bytes)); });
  const auto error = test::error_of([] {
    read_npy(with_header("{'descr': '<f4', 'fortran_order': False, 'shape': (500, 2), }", 1'234));
  });
  ASSERT_TRUE(error.has_value());
  EXPECT_THAT(error->what(), testing::HasSubstr("needs 4,000 bytes and has 1,234"));
}

TEST(Npy, of_more_elements_than_can_be_is_refused) {
  test::expect_error(Code::DimensionOutOfRange, [] {
    read_npy(with_header(
        "{'descr': '<f4', 'fortran_order': False, 'shape': (281474976710656, 281474976710656)}",
        4));
  });
}

TEST(Npy, with_a_header_that_is_no_dictionary_of_three_keys_is_refused) {
  for (const char* header :
       {"", "{", "{}", "{'descr': '<f4'}", "{'descr': '<f4', 'fortran_order': 1, 'shape': ()}",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (-1,)}",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (1,)} + x",
        "{'descr': '<f4', 'fortran_order': False, 'size': (1,)}"}) {
    SCOPED_TRACE(header);
    test::expect_error(Code::MalformedField, [&] { read_npy(with_header(header, 4)); });
  }
}

TEST(Npy, with_any_damage_is_an_error_or_reads) {
  const std::string original = test::text_of(test::data_folder() / "verify/fortran.npy");
  std::size_t read = 0;
  for (std::size_t bit = 0; bit < original.size() * 8; ++bit) {
    std::string changed = original;
    changed[bit / 8] = static_cast<char>(changed[bit / 8] ^ (1 << (bit % 8)));
    try {
      read_npy(whole(buffer_source(changed))).to_f64();
      ++read;
    } catch (const Error&) {
    }
  }
  EXPECT_GE(read, 6U * 64);  // of the data, every bit may be another one
}

}  // namespace
}  // namespace ponte::verify
