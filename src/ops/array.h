// Tensors during evaluation: a declared dtype over one of few computing types.
#pragma once

#include <atomic>
#include <complex>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "base/check.h"
#include "ir/dtype.h"
#include "ir/tensor.h"

namespace ponte::ops {

// Judge: floats of any dtype are doubles, and only range, quantisation and casts to integers see
// the declared dtype. Exact: every op rounds to its own dtype, as a runtime does.
enum class Arithmetic : std::uint8_t { Judge, Exact };

using Dims = std::vector<std::int64_t>;

// A bool of a tensor; std::vector<bool> has no elements to point at.
enum class Bool : std::uint8_t { False, True };

// How elements of the dtypes are held: f64 as double (and in judge mode every float and, as
// complex<double>, every complex), narrower floats as float, u64 as uint64, all other integers as
// int64.
using Elements = std::variant<std::vector<double>, std::vector<float>, std::vector<std::int64_t>,
                              std::vector<std::uint64_t>, std::vector<Bool>,
                              std::vector<std::string>, std::vector<std::complex<double>>>;

// Bytes in use by the arrays of one evaluation.
class MemoryMeter {
 public:
  explicit MemoryMeter(std::int64_t limit_bytes) : limit_(limit_bytes) {}
  void take(std::int64_t bytes);  // throws BudgetExceeded
  void give_back(std::int64_t bytes) { used_ -= bytes; }
  std::int64_t used() const { return used_; }
  std::int64_t peak() const { return peak_; }

 private:
  std::int64_t limit_;
  std::atomic<std::int64_t> used_ = 0;
  std::atomic<std::int64_t> peak_ = 0;
};

// A tensor of known shape. Copies share their elements until one of them is written.
class Array {
 public:
  Array() : Array(ir::DType::Float32, {0}, std::vector<float>{}) {}
  // The number of elements must be the product of the dims.
  Array(ir::DType dtype, Dims shape, Elements elements,
        std::shared_ptr<MemoryMeter> meter = nullptr);
  // Zeros (empty strings), charged to the meter before they are made.
  static Array zeros(ir::DType dtype, Dims shape, Arithmetic arithmetic,
                     std::shared_ptr<MemoryMeter> meter = nullptr);

  ir::DType dtype() const { return dtype_; }
  const Dims& shape() const { return shape_; }
  std::int64_t rank() const { return static_cast<std::int64_t>(shape_.size()); }
  std::int64_t count() const { return count_; }
  std::int64_t dim(std::int64_t axis) const { return shape_[static_cast<std::size_t>(axis)]; }

  template <typename T>
  bool holds() const {
    return std::holds_alternative<std::vector<T>>(buffer_->elements);
  }
  template <typename T>
  std::span<const T> as() const {
    PONTE_CHECK(holds<T>());
    return std::get<std::vector<T>>(buffer_->elements);
  }
  // Copies first when the elements are shared.
  template <typename T>
  std::span<T> mutable_as() {
    PONTE_CHECK(holds<T>());
    make_unique();
    return std::get<std::vector<T>>(buffer_->elements);
  }
  const Elements& elements() const { return buffer_->elements; }
  // Calls f with a span of const elements of whatever type they are held in.
  template <typename F>
  decltype(auto) visit(F&& f) const {
    return std::visit([&](const auto& v) -> decltype(auto) { return f(std::span(v)); },
                      buffer_->elements);
  }

  Array reshaped(Dims shape) const;          // shares the elements; the count must stay
  Array with_dtype(ir::DType dtype) const;   // shares; the computing type must be the same
  std::vector<std::int64_t> to_i64() const;  // integers and bools
  std::vector<double> to_f64() const;        // any number

 private:
  struct Buffer {
    Buffer(Elements e, std::shared_ptr<MemoryMeter> m, std::int64_t charged_bytes);
    ~Buffer();
    Buffer(const Buffer&) = delete;
    Buffer& operator=(const Buffer&) = delete;
    Elements elements;
    std::shared_ptr<MemoryMeter> meter;
    std::int64_t bytes;
  };
  void make_unique();

  ir::DType dtype_;
  Dims shape_;
  std::int64_t count_;
  std::shared_ptr<Buffer> buffer_;
};

std::int64_t count_of(std::span<const std::int64_t> shape);  // throws ElementCountTooLarge

// The one place where declared dtypes meet computing types.
Array load(const ir::Tensor& tensor, Arithmetic arithmetic,
           std::shared_ptr<MemoryMeter> meter = nullptr);
ir::Tensor store(const Array& array);
// Rounds what a kernel computed to the declared dtype: Exact rounds floats and wraps integers;
// Judge only wraps integers, saturates f8, f6 and f4 to their grid, and makes inf of what is
// outside the dtype's range. Answers the number of finite elements that became infinite.
std::int64_t round_to_dtype(Array& array, Arithmetic arithmetic);

}  // namespace ponte::ops
