#include "ops/array.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "base/checked.h"
#include "base/error.h"
#include "base/text.h"
#include "ir/narrow_floats.h"

namespace ponte::ops {
namespace {

using ir::DType;

std::int64_t element_bytes(const Elements& elements) {
  return std::visit([](const auto& v) { return static_cast<std::int64_t>(sizeof(v[0])); },
                    elements);
}

Elements empty_elements(DType dtype, Arithmetic arithmetic) {
  if (dtype == DType::String) return std::vector<std::string>{};
  if (dtype == DType::Bool) return std::vector<Bool>{};
  if (dtype == DType::Uint64) return std::vector<std::uint64_t>{};
  if (ir::is_integer(dtype)) return std::vector<std::int64_t>{};
  if (ir::is_complex(dtype)) return std::vector<std::complex<double>>{};
  PONTE_CHECK(ir::is_float(dtype));
  if (dtype == DType::Float64 || arithmetic == Arithmetic::Judge) return std::vector<double>{};
  return std::vector<float>{};
}

std::int64_t wrapped(std::int64_t value, DType dtype) {
  const int bits = ir::info(dtype).bits;
  if (bits >= 64) return value;
  const auto shifted = static_cast<std::uint64_t>(value) << (64 - bits);
  return ir::is_signed_integer(dtype) ? static_cast<std::int64_t>(shifted) >> (64 - bits)
                                      : static_cast<std::int64_t>(shifted >> (64 - bits));
}

bool is_coarse(DType dtype) { return ir::info(dtype).bits <= 8; }

template <typename T>
std::int64_t round_floats(std::span<T> elements, DType dtype, Arithmetic arithmetic) {
  std::int64_t overflows = 0;
  const ir::Range range = ir::range(dtype);
  const bool to_grid = arithmetic == Arithmetic::Exact
                           ? dtype != DType::Float64 && dtype != DType::Float32
                           : is_coarse(dtype);
  if (!to_grid && (std::is_same_v<T, float> || dtype == DType::Float64)) return 0;
  // Half a unit beyond the largest finite number is where rounding to nearest gives infinity.
  const double limit = range.highest * (1 + ir::unit_roundoff(dtype) / 2);
  for (T& element : elements) {
    if (to_grid) {
      const double rounded = ir::round_to(dtype, static_cast<double>(element));
      if (std::isfinite(element) && !std::isfinite(rounded)) ++overflows;
      element = static_cast<T>(rounded);
    } else if (std::isfinite(element) && std::abs(static_cast<double>(element)) >= limit) {
      element = std::copysign(std::numeric_limits<T>::infinity(), element);
      ++overflows;
    }
  }
  return overflows;
}

}  // namespace

void MemoryMeter::take(std::int64_t bytes) {
  const std::int64_t used = used_ += bytes;
  if (used > limit_) {
    used_ -= bytes;
    throw Error(Code::BudgetExceeded, fmt::format("evaluation needs {} bytes, and {} are allowed",
                                                  grouped(used), grouped(limit_)));
  }
  std::int64_t peak = peak_;
  while (used > peak && !peak_.compare_exchange_weak(peak, used)) {
  }
}

Array::Buffer::Buffer(Elements e, std::shared_ptr<MemoryMeter> m, std::int64_t charged_bytes)
    : elements(std::move(e)), meter(std::move(m)), bytes(charged_bytes) {}

Array::Buffer::~Buffer() {
  if (meter) meter->give_back(bytes);
}

Array::Array(DType dtype, Dims shape, Elements elements, std::shared_ptr<MemoryMeter> meter)
    : dtype_(dtype), shape_(std::move(shape)), count_(count_of(shape_)) {
  const auto size = std::visit([](const auto& v) { return v.size(); }, elements);
  PONTE_CHECK(static_cast<std::int64_t>(size) == count_);
  const std::int64_t bytes = count_ * element_bytes(elements);
  if (meter) meter->take(bytes);
  buffer_ = std::make_shared<Buffer>(std::move(elements), std::move(meter), bytes);
}

Array Array::zeros(DType dtype, Dims shape, Arithmetic arithmetic,
                   std::shared_ptr<MemoryMeter> meter) {
  const std::int64_t count = count_of(shape);
  Elements elements = empty_elements(dtype, arithmetic);
  const auto bytes = checked_mul(count, element_bytes(elements));
  if (!bytes)
    throw Error(Code::ElementCountTooLarge,
                fmt::format("{} elements are too many", grouped(count)));
  if (meter) meter->take(*bytes);
  try {
    std::visit([&](auto& v) { v.resize(static_cast<std::size_t>(count)); }, elements);
  } catch (const std::exception&) {
    if (meter) meter->give_back(*bytes);
    throw Error(Code::BudgetExceeded, fmt::format("no memory for {} bytes", grouped(*bytes)));
  }
  Array array;
  array.dtype_ = dtype;
  array.shape_ = std::move(shape);
  array.count_ = count;
  array.buffer_ = std::make_shared<Buffer>(std::move(elements), std::move(meter), *bytes);
  return array;
}

void Array::make_unique() {
  if (buffer_.use_count() == 1) return;
  const std::int64_t bytes = buffer_->bytes;
  if (buffer_->meter) buffer_->meter->take(bytes);
  buffer_ = std::make_shared<Buffer>(buffer_->elements, buffer_->meter, bytes);
}

Array Array::reshaped(Dims shape) const {
  Array result = *this;
  result.shape_ = std::move(shape);
  PONTE_CHECK(count_of(result.shape_) == count_);
  return result;
}

Array Array::with_dtype(DType dtype) const {
  Array result = *this;
  result.dtype_ = dtype;
  return result;
}

std::vector<std::int64_t> Array::to_i64() const {
  return visit([](auto elements) {
    using T = std::remove_cv_t<typename decltype(elements)::element_type>;
    std::vector<std::int64_t> result;
    if constexpr (std::is_integral_v<T> || std::is_same_v<T, Bool>) {
      result.reserve(elements.size());
      for (const T element : elements) result.push_back(static_cast<std::int64_t>(element));
    } else {
      throw Error(Code::InvalidInputType, "integers are needed here");
    }
    return result;
  });
}

std::vector<double> Array::to_f64() const {
  return visit([](auto elements) {
    using T = std::remove_cv_t<typename decltype(elements)::element_type>;
    std::vector<double> result;
    if constexpr (std::is_arithmetic_v<T> || std::is_same_v<T, Bool>) {
      result.reserve(elements.size());
      for (const T element : elements) result.push_back(static_cast<double>(element));
    } else {
      throw Error(Code::InvalidInputType, "numbers are needed here");
    }
    return result;
  });
}

std::int64_t count_of(std::span<const std::int64_t> shape) {
  const auto count = element_count(shape);
  if (!count) throw Error(Code::ElementCountTooLarge, "the number of elements overflows");
  return *count;
}

Array load(const ir::Tensor& tensor, Arithmetic arithmetic, std::shared_ptr<MemoryMeter> meter) {
  if (tensor.dtype() == DType::String) {
    return Array(DType::String, tensor.shape(), tensor.strings(), std::move(meter));
  }
  Array array = Array::zeros(tensor.dtype(), tensor.shape(), arithmetic, std::move(meter));
  const std::vector<std::byte> bytes = tensor.read_all();
  const DType dtype = tensor.dtype();
  if (array.holds<double>()) {
    ir::load_f64(dtype, bytes, array.mutable_as<double>());
  } else if (array.holds<float>()) {
    ir::load_f32(dtype, bytes, array.mutable_as<float>());
  } else if (array.holds<std::int64_t>()) {
    ir::load_i64(dtype, bytes, array.mutable_as<std::int64_t>());
  } else if (array.holds<std::uint64_t>()) {
    ir::load_u64(dtype, bytes, array.mutable_as<std::uint64_t>());
  } else if (array.holds<Bool>()) {
    std::ranges::transform(bytes, array.mutable_as<Bool>().begin(), [](std::byte b) {
      return b != std::byte{0} ? Bool::True : Bool::False;
    });
  } else {
    const DType part = dtype == DType::Complex64 ? DType::Float32 : DType::Float64;
    std::vector<double> parts(static_cast<std::size_t>(array.count()) * 2);
    ir::load_f64(part, bytes, parts);
    std::size_t i = 0;
    for (auto& element : array.mutable_as<std::complex<double>>()) {
      element = {parts[i], parts[i + 1]};
      i += 2;
    }
  }
  return array;
}

ir::Tensor store(const Array& array) {
  const DType dtype = array.dtype();
  if (dtype == DType::String) {
    const auto strings = array.as<std::string>();
    return ir::Tensor::of_strings(array.shape(), {strings.begin(), strings.end()});
  }
  const auto size = ir::byte_size(dtype, array.count());
  if (!size) throw Error(Code::ElementCountTooLarge, "the number of bytes overflows");
  std::vector<std::byte> bytes(*size);
  if (array.holds<double>()) {
    ir::store_f64(dtype, array.as<double>(), bytes);
  } else if (array.holds<float>()) {
    ir::store_f32(dtype, array.as<float>(), bytes);
  } else if (array.holds<std::int64_t>()) {
    ir::store_i64(dtype, array.as<std::int64_t>(), bytes);
  } else if (array.holds<std::uint64_t>()) {
    ir::store_u64(dtype, array.as<std::uint64_t>(), bytes);
  } else if (array.holds<Bool>()) {
    std::ranges::transform(array.as<Bool>(), bytes.begin(),
                           [](Bool b) { return static_cast<std::byte>(b); });
  } else {
    const DType part = dtype == DType::Complex64 ? DType::Float32 : DType::Float64;
    std::vector<double> parts;
    for (const auto& element : array.as<std::complex<double>>()) {
      parts.push_back(element.real());
      parts.push_back(element.imag());
    }
    ir::store_f64(part, parts, bytes);
  }
  return ir::Tensor(dtype, array.shape(), whole(buffer_source(std::move(bytes))));
}

std::int64_t round_to_dtype(Array& array, Arithmetic arithmetic) {
  const DType dtype = array.dtype();
  if (array.holds<double>() && dtype != DType::Float64) {
    return round_floats(array.mutable_as<double>(), dtype, arithmetic);
  }
  if (array.holds<float>() && dtype != DType::Float32) {
    return round_floats(array.mutable_as<float>(), dtype, arithmetic);
  }
  if (array.holds<std::int64_t>() && dtype != DType::Int64) {
    for (std::int64_t& element : array.mutable_as<std::int64_t>())
      element = wrapped(element, dtype);
  }
  if (dtype == DType::Complex64) {
    for (auto& element : array.mutable_as<std::complex<double>>()) {
      if (arithmetic == Arithmetic::Exact) {
        element = {static_cast<float>(element.real()), static_cast<float>(element.imag())};
      }
    }
  }
  return 0;
}

}  // namespace ponte::ops
