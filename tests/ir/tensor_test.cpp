#include "ir/tensor.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <cstring>
#include <limits>
#include <numeric>
#include <thread>

#include "base/checked.h"
#include "base/expect_error.h"
#include "base/random.h"
#include "ir/narrow_floats.h"
#include "ir/packed_bits.h"

namespace ponte::ir {
namespace {

using test::expect_error;
using Dims = std::vector<std::int64_t>;
using Bytes = std::vector<std::byte>;

// Bytes in memory that count what is read of them.
class Counted : public ByteSource {
 public:
  explicit Counted(Bytes bytes) : bytes_(std::move(bytes)) {}
  std::uint64_t size() const override { return bytes_.size(); }
  void read(std::uint64_t offset, std::span<std::byte> out) const override {
    ++reads;
    largest = std::max(largest, out.size());
    read_bytes += out.size();
    if (!out.empty()) std::memcpy(out.data(), bytes_.data() + offset, out.size());
  }
  std::string describe() const override { return "test"; }

  mutable std::size_t reads = 0, largest = 0, read_bytes = 0;

 private:
  Bytes bytes_;
};

Tensor f32_range(Dims shape) {
  std::vector<float> values(static_cast<std::size_t>(
      std::accumulate(shape.begin(), shape.end(), std::int64_t{1}, std::multiplies<>())));
  std::iota(values.begin(), values.end(), 0.0F);
  return Tensor::f32(std::move(shape), values);
}

TEST(Tensor, SmallTensorsOwnTheirElements) {
  const Tensor tensor = Tensor::f32({2, 2}, std::vector<float>{1, 2, 3, 4.5F});
  EXPECT_EQ(tensor.count(), 4);
  EXPECT_EQ(tensor.size_bytes(), 16U);
  EXPECT_EQ(tensor.to_f64(), (std::vector<double>{1, 2, 3, 4.5}));
  EXPECT_EQ(Tensor::scalar_i64(-7).to_i64(), Dims{-7});
  EXPECT_EQ(Tensor::scalar_i64(-7).shape(), Dims());
  EXPECT_EQ(Tensor::vector_i64(Dims{3, 4}).to_i64(), (Dims{3, 4}));
  EXPECT_EQ(Tensor::scalar_f32(2.5F).to_f64(), std::vector<double>{2.5});
  EXPECT_EQ(Tensor().count(), 0);
  EXPECT_TRUE(Tensor().read_all().empty());
}

TEST(Tensor, DataThatDoesNotFitTheShapeIsRefused) {
  const auto bytes = [](std::size_t count) { return whole(buffer_source(Bytes(count))); };
  expect_error(Code::TensorSizeMismatch, [&] { Tensor(DType::Float32, {2, 3}, bytes(23)); });
  expect_error(Code::TensorSizeMismatch, [&] { Tensor(DType::Float32, {2, 3}, bytes(25)); });
  expect_error(Code::TensorSizeMismatch, [&] { Tensor(DType::Int4, {3}, bytes(1)); });
  expect_error(Code::TensorSizeMismatch, [&] { Tensor(DType::String, {1}, bytes(1)); });
  expect_error(Code::TensorSizeMismatch, [&] { Tensor(DType::Undefined, {1}, bytes(1)); });
  expect_error(Code::TensorSizeMismatch, [] { Tensor::of_strings({2}, {"a"}); });
  expect_error(Code::TensorSizeMismatch,
               [] { Tensor(DType::Uint8, {1}, Tensor::of_strings({1}, {"a"}).data()); });
  expect_error(Code::DimensionOutOfRange, [&] { Tensor(DType::Float32, {-1}, bytes(0)); });
  expect_error(Code::DimensionOutOfRange,
               [&] { Tensor(DType::Float32, {max_dimension + 1}, bytes(0)); });
  expect_error(Code::DimensionOutOfRange, [&] {
    Tensor(DType::Float32, {max_dimension, max_dimension}, bytes(0));
  });
  expect_error(Code::TensorSizeMismatch, [&] {
    Tensor(DType::Complex128, {max_dimension, 1 << 14},
           bytes(0));  // the bytes overflow, not the count
  });
  EXPECT_EQ(Tensor(DType::Float6E2M3, {3}, bytes(3)).count(), 3);
  EXPECT_EQ(Tensor(DType::Float32, {max_dimension, 0, max_dimension}, bytes(0)).count(), 0);
}

TEST(Tensor, ReadingPastTheEndIsRefused) {
  const Tensor plain = f32_range({4, 3});
  const Tensor lazy = transposed(plain, Dims{1, 0});
  for (const Tensor& tensor : {plain, lazy, cast(plain, DType::Int4)}) {
    const std::uint64_t size = tensor.size_bytes();
    Bytes out(2);
    expect_error(Code::TruncatedTensor, [&] { tensor.read(size - 1, out); });
    expect_error(Code::TruncatedTensor, [&] { tensor.read(size + 1, std::span(out).first(0)); });
    expect_error(Code::TruncatedTensor, [&] { tensor.read(~std::uint64_t{0}, out); });
    tensor.read(size, std::span(out).first(0));
  }
}

TEST(Tensor, OnlyNumbersBecomeNumbers) {
  const Tensor words = Tensor::of_strings({1}, {"1"});
  const Tensor complex(DType::Complex64, {1}, whole(buffer_source(Bytes(8))));
  for (const Tensor& tensor : {words, complex}) {
    expect_error(Code::InvalidInputType, [&] { tensor.to_i64(); });
    expect_error(Code::InvalidInputType, [&] { tensor.to_f64(); });
    expect_error(Code::InvalidInputType, [&] { cast(tensor, DType::Float32); });
    expect_error(Code::InvalidInputType, [&] { cast(Tensor::scalar_f32(1), tensor.dtype()); });
  }
  expect_error(Code::InvalidInputType, [] { Tensor::scalar_f32(1).to_i64(); });
}

TEST(Tensor, ReshapingSharesTheData) {
  const Tensor tensor = f32_range({2, 6});
  const Tensor other = reshaped(tensor, {3, 1, 4});
  EXPECT_EQ(other.data(), tensor.data());
  EXPECT_EQ(other.shape(), (Dims{3, 1, 4}));
  expect_error(Code::ShapeMismatch, [&] { reshaped(tensor, {5}); });
  expect_error(Code::ShapeMismatch, [&] { reshaped(tensor, {-2, -6}); });
}

TEST(Tensor, TransposesBackAndForthAreTheSourceItself) {
  const Tensor tensor = f32_range({2, 3, 5});
  const Tensor there = transposed(tensor, Dims{2, 0, 1});
  EXPECT_EQ(there.shape(), (Dims{5, 2, 3}));
  EXPECT_FALSE(there.data()->range());
  EXPECT_EQ(transposed(there, Dims{1, 2, 0}).data(), tensor.data());
  EXPECT_EQ(transposed(f32_range({1, 6, 1}), Dims{2, 0, 1}).to_f64()[5], 5) << "only ones move";
}

TEST(Tensor, ContiguousSlicesAreRangesOfTheSource) {
  const Tensor tensor = f32_range({4, 6});
  const Tensor rows = sliced(tensor, 0, 1, 3);
  ASSERT_TRUE(rows.data()->range());
  EXPECT_EQ(rows.data()->range()->offset, 24U);
  EXPECT_EQ(rows.to_f64().front(), 6);
  EXPECT_FALSE(sliced(tensor, 1, 1, 3).data()->range());
  EXPECT_EQ(sliced(tensor, 0, 0, 4).data(), tensor.data());
  const Tensor column = sliced(sliced(tensor, -1, 2, 5), 1, 1, 2);
  EXPECT_EQ(column.to_f64(), (std::vector<double>{3, 9, 15, 21}));
  EXPECT_EQ(sliced(tensor, 1, 2, 2).shape(), (Dims{4, 0}));
  EXPECT_TRUE(sliced(tensor, 1, 2, 2).read_all().empty());
}

TEST(Tensor, ArgumentsThatDoNotFitAreRefused) {
  const Tensor tensor = f32_range({2, 3});
  expect_error(Code::InvalidAxis, [&] { transposed(tensor, Dims{0}); });
  expect_error(Code::InvalidAxis, [&] { transposed(tensor, Dims{0, 0}); });
  expect_error(Code::InvalidAxis, [&] { transposed(tensor, Dims{0, 2}); });
  expect_error(Code::InvalidAxis, [&] { sliced(tensor, 2, 0, 1); });
  expect_error(Code::IndexOutOfRange, [&] { sliced(tensor, 0, -1, 1); });
  expect_error(Code::IndexOutOfRange, [&] { sliced(tensor, 0, 2, 1); });
  expect_error(Code::IndexOutOfRange, [&] { sliced(tensor, 0, 0, 3); });
  const auto join = [](std::vector<Tensor> tensors, std::int64_t axis) {
    return concatenated(tensors, axis);
  };
  expect_error(Code::WrongInputCount, [&] { join({}, 0); });
  expect_error(Code::InvalidAxis, [&] { join({tensor, tensor}, 2); });
  expect_error(Code::InvalidAxis, [&] { join({Tensor::scalar_f32(1)}, 0); });
  expect_error(Code::ShapeMismatch, [&] { join({tensor, f32_range({3, 2})}, 0); });
  expect_error(Code::ShapeMismatch, [&] { join({tensor, f32_range({3})}, 0); });
  expect_error(Code::InvalidInputType, [&] { join({tensor, cast(tensor, DType::Float16)}, 0); });
  const Tensor wide(DType::Float32, {max_dimension, 0}, ByteRange{});
  expect_error(Code::DimensionOutOfRange, [&] { join({wide, wide}, 0); });
  const Tensor q = cast(tensor, DType::Int8);
  expect_error(Code::ShapeMismatch, [&] { dequantized(q, f32_range({2}), {}, 1); });
  expect_error(Code::ShapeMismatch, [&] { dequantized(q, f32_range({3}), f32_range({2}), 1); });
  expect_error(Code::ShapeMismatch, [&] { dequantized(q, f32_range({3, 1}), {}, 1); });
  expect_error(Code::InvalidAxis, [&] { dequantized(q, f32_range({3}), {}, 2); });
  expect_error(Code::InvalidInputType,
               [&] { dequantized(Tensor::of_strings({1}, {""}), f32_range({1}), {}, 0); });
}

TEST(Tensor, StringsMoveByIndex) {
  const Tensor words = Tensor::of_strings({2, 3}, {"a", "b", "c", "d", "e", "f"});
  using Words = std::vector<std::string>;
  EXPECT_EQ(transposed(words, Dims{1, 0}).strings(), (Words{"a", "d", "b", "e", "c", "f"}));
  EXPECT_EQ(sliced(words, 1, 1, 3).strings(), (Words{"b", "c", "e", "f"}));
  EXPECT_EQ(sliced(words, 1, 1, 1).strings(), Words());
  EXPECT_EQ(reshaped(words, {3, 2}).strings(), words.strings());
  const Tensor joined = concatenated(std::vector<Tensor>{words, sliced(words, 1, 0, 1)}, -1);
  EXPECT_EQ(joined.shape(), (Dims{2, 4}));
  EXPECT_EQ(joined.strings(), (Words{"a", "b", "c", "a", "d", "e", "f", "d"}));
  const Tensor none = Tensor::of_strings({max_dimension, 0}, {});
  EXPECT_EQ(concatenated(std::vector<Tensor>{none, none}, 1).strings(), Words());
}

TEST(Tensor, DequantizesPerTensorAndPerAxis) {
  const auto u8 = [](Dims shape, std::vector<float> values) {
    return cast(Tensor::f32(std::move(shape), values), DType::Uint8);
  };
  const Tensor q = u8({2, 3}, {0, 1, 2, 128, 254, 255});
  const auto scale = [](std::vector<float> values) {
    return Tensor::f32({static_cast<std::int64_t>(values.size())}, values);
  };
  using Numbers = std::vector<double>;
  EXPECT_EQ(dequantized(q, Tensor::scalar_f32(0.5F), {}, 7).to_f64(),
            (Numbers{0, 0.5, 1, 64, 127, 127.5}));
  EXPECT_EQ(dequantized(q, scale({1, 2}), u8({2}, {1, 128}), 0).to_f64(),
            (Numbers{-1, 0, 1, 0, 252, 254}));
  EXPECT_EQ(dequantized(q, scale({1, 2, 4}), u8({1}, {2}), -1).to_f64(),
            (Numbers{-2, -2, 0, 126, 504, 1012}));
  const Tensor wide(DType::Int32, {1},
                    whole(buffer_source(Bytes{std::byte{1}, {}, {}, std::byte{0x10}})));
  EXPECT_EQ(dequantized(wide, Tensor::scalar_f32(1), {}, 0).to_f64(), Numbers{0x1p28});
  EXPECT_EQ(dequantized(q, scale({1, 2}), {}, 0).dtype(), DType::Float32);
}

TEST(Tensor, CastFollowsTheSpecification) {
  const Tensor numbers = Tensor::f32({4}, std::vector<float>{1.5F, -2.5F, 1000, 0});
  EXPECT_EQ(cast(numbers, DType::Int32).to_i64(), (Dims{1, -2, 1000, 0}));
  EXPECT_EQ(cast(numbers, DType::Bool).to_i64(), (Dims{1, 1, 1, 0}));
  EXPECT_EQ(cast(numbers, DType::Float8E4M3FN).to_f64(), (std::vector<double>{1.5, -2.5, 448, 0}));
  EXPECT_EQ(cast(Tensor::vector_i64(Dims{200, -1}), DType::Int8).to_i64(), (Dims{-56, -1}));
  EXPECT_EQ(cast(numbers, DType::Float32).data(), numbers.data());
}

TEST(Tensor, HashesTellTensorsApart) {
  const Tensor tensor = f32_range({2, 3});
  const std::string hash = content_hash(tensor);
  EXPECT_EQ(hash.size(), 32U);
  EXPECT_EQ(hash, content_hash(transposed(transposed(f32_range({2, 3}), Dims{1, 0}), Dims{1, 0})));
  EXPECT_EQ(hash, content_hash(concatenated(
                      std::vector<Tensor>{sliced(tensor, 1, 0, 1), sliced(tensor, 1, 1, 3)}, 1)));
  EXPECT_NE(hash, content_hash(f32_range({3, 2})));
  EXPECT_NE(hash, content_hash(f32_range({6})));
  EXPECT_NE(hash, content_hash(Tensor(DType::Int32, {2, 3}, tensor.data())));
  const auto words = [](std::vector<std::string> strings) {
    return content_hash(Tensor::of_strings({static_cast<std::int64_t>(strings.size())}, strings));
  };
  EXPECT_NE(words({"ab", "c"}), words({"a", "bc"}));
  EXPECT_EQ(words({"ab"}), words({"ab"}));
}

TEST(Tensor, UnusedBitsDoNotChangeTheHash) {
  const auto packed = [](unsigned last) {
    return content_hash(
        Tensor(DType::Int4, {3},
               whole(buffer_source(Bytes{std::byte{0x21}, static_cast<std::byte>(last)}))));
  };
  EXPECT_EQ(packed(0x03), packed(0xF3));
  EXPECT_NE(packed(0x03), packed(0x04));
}

// Expressions beside what a naive computation on one cell per element gives.
struct Case {
  Tensor tensor;
  std::vector<Bytes> cells;  // expected, one per element
};

std::size_t cell_bytes(DType dtype) {
  return static_cast<std::size_t>(std::max(info(dtype).bits / 8, 1));
}

Bytes packed(DType dtype, const std::vector<Bytes>& cells) {
  Bytes flat;
  for (const Bytes& cell : cells) flat.insert(flat.end(), cell.begin(), cell.end());
  if (info(dtype).bits >= 8) return flat;
  Bytes result(*byte_size(dtype, static_cast<std::int64_t>(cells.size())));
  pack_bits(info(dtype).bits, flat, result);
  return result;
}

Case random_source(Random& random, DType dtype, Dims shape) {
  const auto count = static_cast<std::size_t>(
      std::accumulate(shape.begin(), shape.end(), std::int64_t{1}, std::multiplies<>()));
  std::vector<Bytes> cells(count);
  const std::uint64_t bound = info(dtype).bits < 8 ? std::uint64_t{1} << info(dtype).bits : 256;
  for (Bytes& cell : cells) {
    for (std::size_t i = 0; i < cell_bytes(dtype); ++i)
      cell.push_back(static_cast<std::byte>(random.below(bound)));
  }
  return {Tensor(dtype, std::move(shape), whole(buffer_source(packed(dtype, cells)))), cells};
}

// Visits every index of a shape in row-major order.
template <typename Visit>
void for_each_index(const Dims& shape, const Visit& visit) {
  if (std::ranges::find(shape, 0) != shape.end()) return;
  Dims index(shape.size(), 0);
  for (;;) {
    visit(index);
    std::size_t k = index.size();
    while (k > 0 && ++index[k - 1] == shape[k - 1]) index[--k] = 0;
    if (k == 0) return;
  }
}

std::size_t position(const Dims& shape, const Dims& index) {
  std::int64_t result = 0;
  for (std::size_t k = 0; k < shape.size(); ++k) result = result * shape[k] + index[k];
  return static_cast<std::size_t>(result);
}

Case naive_transposed(Random& random, const Case& in) {
  Dims permutation(in.tensor.shape().size());
  std::iota(permutation.begin(), permutation.end(), 0);
  for (std::size_t i = permutation.size(); i > 1; --i)
    std::swap(permutation[i - 1], permutation[random.below(i)]);
  Case out{transposed(in.tensor, permutation), {}};
  for_each_index(out.tensor.shape(), [&](const Dims& index) {
    Dims source(index.size());
    for (std::size_t k = 0; k < index.size(); ++k)
      source[static_cast<std::size_t>(permutation[k])] = index[k];
    out.cells.push_back(in.cells[position(in.tensor.shape(), source)]);
  });
  return out;
}

Case naive_sliced(Random& random, const Case& in) {
  const std::size_t axis = random.below(in.tensor.shape().size());
  const auto length = static_cast<std::uint64_t>(in.tensor.shape()[axis]);
  const auto begin = static_cast<std::int64_t>(random.below(length + 1));
  const auto end = begin + static_cast<std::int64_t>(
                               random.below(length + 1 - static_cast<std::uint64_t>(begin)));
  Case out{sliced(in.tensor, static_cast<std::int64_t>(axis), begin, end), {}};
  for_each_index(out.tensor.shape(), [&](Dims index) {
    index[axis] += begin;
    out.cells.push_back(in.cells[position(in.tensor.shape(), index)]);
  });
  return out;
}

Case naive_concatenated(Random& random, const Case& in) {
  const std::size_t axis = random.below(in.tensor.shape().size());
  std::vector<Case> parts{in};
  for (std::uint64_t i = random.below(3); i > 0; --i) {
    Dims shape = in.tensor.shape();
    shape[axis] = static_cast<std::int64_t>(random.below(6));
    parts.push_back(random_source(random, in.tensor.dtype(), shape));
  }
  std::rotate(parts.begin(),
              parts.begin() + static_cast<std::ptrdiff_t>(random.below(parts.size())), parts.end());
  std::vector<Tensor> tensors;
  for (const Case& part : parts) tensors.push_back(part.tensor);
  Case out{concatenated(tensors, static_cast<std::int64_t>(axis)), {}};
  for_each_index(out.tensor.shape(), [&](Dims index) {
    std::size_t part = 0;
    while (index[axis] >= tensors[part].shape()[axis]) index[axis] -= tensors[part++].shape()[axis];
    out.cells.push_back(parts[part].cells[position(tensors[part].shape(), index)]);
  });
  return out;
}

Case naive_reshaped(Random& random, const Case& in) {
  Dims shape = in.tensor.shape();
  if (shape.size() > 1) {
    const std::size_t k = random.below(shape.size() - 1);
    shape[k] *= shape[k + 1];
    shape.erase(shape.begin() + static_cast<std::ptrdiff_t>(k) + 1);
  }
  shape.insert(shape.begin() + static_cast<std::ptrdiff_t>(random.below(shape.size() + 1)), 1);
  return {reshaped(in.tensor, shape), in.cells};
}

Case random_case(Random& random, DType dtype, int steps) {
  Dims shape;
  for (std::uint64_t rank = 1 + random.below(4); rank > 0; --rank)
    shape.push_back(1 + static_cast<std::int64_t>(random.below(7)));
  Case current = random_source(random, dtype, shape);
  for (int i = 0; i < steps; ++i) {
    switch (random.below(4)) {
      case 0:
        current = naive_sliced(random, current);
        break;
      case 1:
        current = naive_concatenated(random, current);
        break;
      case 2:
        current = naive_reshaped(random, current);
        break;
      default:
        current = naive_transposed(random, current);
    }
  }
  return current;
}

void expect_bytes_in_any_pieces(Random& random, const Tensor& tensor, const Bytes& expected) {
  ASSERT_EQ(tensor.size_bytes(), expected.size());
  ASSERT_EQ(tensor.read_all(), expected);
  for (int i = 0; i < 6; ++i) {
    const std::size_t begin = random.below(expected.size() + 1);
    Bytes out(random.below(expected.size() - begin + 1));
    tensor.read(begin, out);
    ASSERT_TRUE(
        std::equal(out.begin(), out.end(), expected.begin() + static_cast<std::ptrdiff_t>(begin)));
  }
  Bytes joined;
  while (joined.size() < expected.size()) {
    Bytes piece(std::min<std::size_t>(1 + random.below(9), expected.size() - joined.size()));
    tensor.read(joined.size(), piece);
    joined.insert(joined.end(), piece.begin(), piece.end());
  }
  ASSERT_EQ(joined, expected);
}

class AnyDtype : public testing::TestWithParam<DType> {};

TEST_P(AnyDtype, ExpressionsMoveElementsAsANaiveComputationDoes) {
  Random random(31, static_cast<std::uint64_t>(GetParam()));
  for (int i = 0; i < 300; ++i) {
    const Case chain = random_case(random, GetParam(), 1 + static_cast<int>(random.below(5)));
    ASSERT_NO_FATAL_FAILURE(
        expect_bytes_in_any_pieces(random, chain.tensor, packed(GetParam(), chain.cells)));
  }
}

bool is_number(DType dtype) { return is_float(dtype) || is_integer(dtype) || dtype == DType::Bool; }

class AnyNumber : public testing::TestWithParam<DType> {};

TEST_P(AnyNumber, CastsReadAtAnyOffset) {
  const DType from = GetParam();
  Random random(32, static_cast<std::uint64_t>(from));
  for (int i = 1; i < dtype_count; ++i) {
    const auto to = static_cast<DType>(i);
    if (!is_number(to) || to == from) continue;
    const Case chain = random_case(random, from, 2);
    const Bytes source = packed(from, chain.cells);
    const auto count = static_cast<std::size_t>(chain.tensor.count());
    Bytes expected(*byte_size(to, chain.tensor.count()));
    if (is_float(from)) {
      std::vector<double> numbers(count);
      load_f64(from, source, numbers);
      store_f64(to, numbers, expected, Saturation::Saturate);
    } else {
      std::vector<std::int64_t> numbers(count);
      load_i64(from, source, numbers);
      if (from == DType::Uint64) {
        const std::vector<std::uint64_t> bits(numbers.begin(), numbers.end());
        store_u64(to, bits, expected, Saturation::Saturate);
      } else {
        store_i64(to, numbers, expected, Saturation::Saturate);
      }
    }
    const Tensor converted = cast(chain.tensor, to);
    ASSERT_NO_FATAL_FAILURE(expect_bytes_in_any_pieces(random, converted, expected))
        << to_string(to);
  }
}

template <typename Accepts>
std::vector<DType> dtypes(const Accepts& accepts) {
  std::vector<DType> accepted;
  for (int i = 1; i < dtype_count; ++i) {
    if (accepts(static_cast<DType>(i))) accepted.push_back(static_cast<DType>(i));
  }
  return accepted;
}

std::string name_of(const testing::TestParamInfo<DType>& test) {
  return std::string(to_string(test.param));
}

INSTANTIATE_TEST_SUITE_P(Tensor, AnyDtype, testing::ValuesIn(dtypes([](DType dtype) {
                           return dtype != DType::String;
                         })),
                         name_of);
INSTANTIATE_TEST_SUITE_P(Tensor, AnyNumber, testing::ValuesIn(dtypes(is_number)), name_of);

TEST(Tensor, ManyThreadsReadOneExpression) {
  const Tensor tensor = f32_range({700, 600});
  const Tensor turned = transposed(tensor, Dims{1, 0});
  const Bytes expected = turned.read_all();
  std::vector<std::thread> threads;
  std::atomic<int> wrong = 0;
  for (std::uint64_t i = 0; i < 4; ++i) {
    threads.emplace_back([&, i] {
      Random random(35, i);
      for (std::size_t offset = 0; offset < expected.size();) {
        Bytes piece(std::min<std::size_t>(1 + random.below(9000), expected.size() - offset));
        turned.read(offset, piece);
        if (std::memcmp(piece.data(), expected.data() + offset, piece.size()) != 0) ++wrong;
        offset += piece.size();
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(wrong, 0);
}

// 36 MB: several blocks, each made of many reads.
TEST(LargeTensor, TransposesReadRunsAndGiveTheSameBytesInAnyPieces) {
  constexpr std::size_t rows = 3000, columns = 3001;
  Bytes bytes(rows * columns * 4);
  for (std::size_t i = 0; i < rows * columns; ++i) {
    const auto value = static_cast<std::uint32_t>(i);
    std::memcpy(bytes.data() + i * 4, &value, 4);
  }
  const auto source = std::make_shared<const Counted>(std::move(bytes));
  const Tensor tensor(DType::Uint32, {rows, columns}, whole(source));
  const Tensor turned = transposed(tensor, Dims{1, 0});
  const auto expect_element = [&](std::size_t i, std::uint32_t value) {
    ASSERT_EQ(value, static_cast<std::uint32_t>(i % rows * columns + i / rows));
  };
  std::uint64_t offset = 0;
  Random random(33);
  while (offset < turned.size_bytes()) {
    std::vector<std::uint32_t> piece(
        std::min<std::uint64_t>(1 + random.below(60000), (turned.size_bytes() - offset) / 4));
    turned.read(offset, std::as_writable_bytes(std::span(piece)));
    for (std::size_t i = 0; i < piece.size(); ++i) {
      ASSERT_NO_FATAL_FAILURE(expect_element(offset / 4 + i, piece[i]));
    }
    offset += piece.size() * 4;
  }
  EXPECT_LT(source->reads, rows * columns / 50);
  EXPECT_LE(source->largest, std::size_t{4} << 20);
  const std::size_t before = source->reads;
  EXPECT_EQ(turned.read_all().size(), turned.size_bytes());
  EXPECT_LT(source->reads - before, rows * columns / 100);
}

TEST(LargeTensor, SlicesOfShortRunsReadManyAtOnce) {
  const auto source = std::make_shared<const Counted>(Bytes(std::size_t{12} << 20, std::byte{7}));
  const Tensor tensor(DType::Float32, {1 << 20, 3}, whole(source));
  EXPECT_EQ(sliced(tensor, 1, 1, 2).read_all(), Bytes(std::size_t{4} << 20, std::byte{7}));
  EXPECT_LT(source->reads, 20U);
  EXPECT_LE(source->largest, std::size_t{4} << 20);
}

TEST(LargeTensor, ConcatenationsOfShortRunsReadManyAtOnce) {
  const auto source = std::make_shared<const Counted>(Bytes(std::size_t{8} << 20, std::byte{7}));
  const Tensor column(DType::Float32, {1 << 21, 1}, whole(source));
  const Tensor joined = concatenated(std::vector<Tensor>{column, column, column}, 1);
  EXPECT_EQ(joined.read_all(), Bytes(std::size_t{24} << 20, std::byte{7}));
  EXPECT_LT(source->reads, 40U);
}

TEST(LargeTensor, PackedElementsCastAndTransposeOverManyBlocks) {
  constexpr std::int64_t rows = 1501, columns = 3003;
  Random random(34);
  Bytes codes(rows * columns);
  for (std::byte& code : codes) code = static_cast<std::byte>(random.next_u32() & 63);
  Bytes bits(*byte_size(DType::Float6E3M2, rows * columns));
  pack_bits(6, codes, bits);
  const Tensor tensor(DType::Float6E3M2, {rows, columns}, whole(buffer_source(std::move(bits))));
  const std::vector<double> plain = tensor.to_f64();
  const std::vector<double> turned = cast(transposed(tensor, Dims{1, 0}), DType::Float16).to_f64();
  for (std::size_t i = 0; i < turned.size(); ++i) {
    ASSERT_EQ(turned[i], plain[i % rows * columns + i / rows]) << i;
  }
}

}  // namespace
}  // namespace ponte::ir
