#include "ops/conversion.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>

#include "ops/broadcast.h"
#include "ops/text_numbers.h"

namespace ponte::ops {
namespace {

using ir::DType;

// Pieces that are stored as packed elements and loaded again, so that there is one place where
// dtypes are encoded.
constexpr std::int64_t conversion_piece = 1 << 14;

void store_elements(DType dtype, std::span<const double> v, std::span<std::byte> out,
                    ir::Saturation s) {
  ir::store_f64(dtype, v, out, s);
}
void store_elements(DType dtype, std::span<const float> v, std::span<std::byte> out,
                    ir::Saturation s) {
  ir::store_f32(dtype, v, out, s);
}
void store_elements(DType dtype, std::span<const std::int64_t> v, std::span<std::byte> out,
                    ir::Saturation s) {
  ir::store_i64(dtype, v, out, s);
}
void store_elements(DType dtype, std::span<const std::uint64_t> v, std::span<std::byte> out,
                    ir::Saturation s) {
  ir::store_u64(dtype, v, out, s);
}
void load_elements(DType dtype, std::span<const std::byte> in, std::span<double> v) {
  ir::load_f64(dtype, in, v);
}
void load_elements(DType dtype, std::span<const std::byte> in, std::span<float> v) {
  ir::load_f32(dtype, in, v);
}
void load_elements(DType dtype, std::span<const std::byte> in, std::span<std::int64_t> v) {
  ir::load_i64(dtype, in, v);
}
void load_elements(DType dtype, std::span<const std::byte> in, std::span<std::uint64_t> v) {
  ir::load_u64(dtype, in, v);
}

template <typename From, typename To>
void convert_through(DType dtype, std::span<const From> in, std::span<To> out,
                     ir::Saturation saturation) {
  std::vector<std::byte> packed(*ir::byte_size(dtype, static_cast<std::int64_t>(in.size())));
  store_elements(dtype, in, packed, saturation);
  load_elements(dtype, packed, out);
}

template <typename From, typename To>
void convert_scales(std::span<const From> in, std::span<To> out, const ConversionRules& rules) {
  std::ranges::transform(in, out.begin(), [&](From x) {
    return static_cast<To>(ir::decode_float(
        DType::Float8E8M0,
        ir::encode_scale(static_cast<double>(x), rules.scale_rounding, rules.saturation)));
  });
}

bool keeps_numbers(DType dtype, Arithmetic arithmetic) {
  if (dtype == DType::Float64) return true;
  if (arithmetic == Arithmetic::Exact) return dtype == DType::Float32;
  return dtype == DType::Float32 || dtype == DType::Float16 || dtype == DType::Bfloat16;
}

// Numbers to numbers, both in the types they are held in.
template <typename From, typename To>
void convert_numbers(Evaluation& e, DType dtype, std::span<const From> in, std::span<To> out,
                     const ConversionRules& rules) {
  const bool is_plain = std::is_floating_point_v<To> && keeps_numbers(dtype, e.arithmetic());
  e.parallel_for(
      static_cast<std::int64_t>(in.size()), conversion_piece,
      [&](std::int64_t begin, std::int64_t end) {
        for (std::int64_t at = begin; at < end; at += conversion_piece) {
          const auto first = static_cast<std::size_t>(at);
          const auto count = static_cast<std::size_t>(std::min(conversion_piece, end - at));
          const auto part = in.subspan(first, count);
          const auto target = out.subspan(first, count);
          if (is_plain) {
            std::ranges::transform(part, target.begin(), [](From x) { return static_cast<To>(x); });
          } else if (dtype == DType::Float8E8M0) {
            convert_scales(part, target, rules);
          } else if (ir::is_integer(dtype) && ir::info(dtype).bits < 8 &&
                     std::is_floating_point_v<From>) {
            // Truncated; what is too large for the dtype wraps around when it is stored.
            convert_through(DType::Int64, part, target, rules.saturation);
          } else {
            convert_through(dtype, part, target, rules.saturation);
          }
        }
      });
}

template <typename From>
void convert_to_bool(std::span<const From> in, std::span<Bool> out) {
  std::ranges::transform(in, out.begin(),
                         [](From x) { return x != From{0} ? Bool::True : Bool::False; });
}

template <typename From>
void convert_to_text(DType dtype, std::span<const From> in, std::span<std::string> out) {
  std::ranges::transform(in, out.begin(), [&](From x) { return number_text(dtype, x); });
}

// Bools as integers and strings as numbers, so that what follows only sees numbers.
Array as_numbers(Evaluation& e, const Array& source, DType dtype) {
  if (source.holds<Bool>()) {
    Array numbers = e.allocate(DType::Int64, source.shape());
    std::ranges::transform(source.as<Bool>(), numbers.mutable_as<std::int64_t>().begin(),
                           [](Bool b) { return static_cast<std::int64_t>(b); });
    return numbers;
  }
  if (!source.holds<std::string>()) return source;
  const auto strings = source.as<std::string>();
  if (dtype == DType::Uint64) {
    Array numbers = e.allocate(DType::Uint64, source.shape());
    std::ranges::transform(strings, numbers.mutable_as<std::uint64_t>().begin(), parse_unsigned);
    return numbers;
  }
  if (ir::is_integer(dtype) || dtype == DType::Bool) {
    Array numbers = e.allocate(DType::Int64, source.shape());
    std::ranges::transform(strings, numbers.mutable_as<std::int64_t>().begin(), parse_integer);
    return numbers;
  }
  Array numbers = e.allocate(DType::Float64, source.shape());
  std::ranges::transform(strings, numbers.mutable_as<double>().begin(), parse_real);
  return numbers;
}

Array bools_as_text(Evaluation& e, const Array& source) {
  Array text = e.allocate(DType::String, source.shape());
  std::ranges::transform(source.as<Bool>(), text.mutable_as<std::string>().begin(),
                         [](Bool b) { return b == Bool::True ? "1" : "0"; });
  return text;
}

}  // namespace

ConversionRules conversion_rules(const ir::AttributeReader& attributes) {
  ConversionRules rules;
  if (attributes.i("saturate") == 0) rules.saturation = ir::Saturation::Overflow;
  const std::string mode = attributes.s("round_mode");
  if (mode == "down") {
    rules.scale_rounding = ir::ScaleRounding::Down;
  } else if (mode == "nearest") {
    rules.scale_rounding = ir::ScaleRounding::Nearest;
  } else if (mode != "up") {
    throw Error(Code::InvalidAttribute, fmt::format("`round_mode` = \"{}\" is no rounding", mode));
  }
  return rules;
}

Array converted(Evaluation& e, const Array& source, DType dtype, const ConversionRules& rules) {
  if (source.dtype() == dtype) return source;
  e.charge_steps(source.count());
  if (dtype == DType::String && source.holds<Bool>()) return bools_as_text(e, source);
  const Array numbers = as_numbers(e, source, dtype);
  Array out = e.allocate(dtype, source.shape());
  numbers.visit([&](auto in) {
    using From = std::remove_cv_t<typename decltype(in)::element_type>;
    if constexpr (std::is_arithmetic_v<From>) {
      out.visit([&](auto target) {
        using To = std::remove_cv_t<typename decltype(target)::element_type>;
        if constexpr (std::is_arithmetic_v<To>) {
          convert_numbers<From, To>(e, dtype, in, out.mutable_as<To>(), rules);
        } else if constexpr (std::is_same_v<To, Bool>) {
          convert_to_bool<From>(in, out.mutable_as<Bool>());
        } else if constexpr (std::is_same_v<To, std::string>) {
          convert_to_text<From>(source.dtype(), in, out.mutable_as<std::string>());
        } else {
          throw Error(Code::InvalidInputType, "complex numbers can't be cast");
        }
      });
    } else {
      throw Error(Code::InvalidInputType, "complex numbers can't be cast");
    }
  });
  return out;
}

void infer_conversion(ir::Inference& c, DType dtype) {
  c.set_dtype(0, dtype);
  c.set_shape(0, c.shape(0));
  auto known = c.value(0);
  if (!known) return;
  const bool to_bool = dtype == DType::Bool;
  if (!to_bool && !ir::is_integer(dtype)) return;
  const ir::Range range = ir::range(dtype);
  for (ir::Dim& element : known->elements) {
    const auto [lowest, highest] = element.range();
    if (to_bool) {
      if (lowest <= 0 && highest >= 0 && !element.is_known()) return;
      element = element.known() == 0 ? 0 : 1;
    } else if (element.is_known() && (static_cast<double>(lowest) < range.lowest ||
                                      static_cast<double>(highest) > range.highest)) {
      return;  // it wraps around
    }
  }
  c.set_value(0, std::move(*known));
}

void scale_conversion(ErrorScale& s) {
  const DType from = s.input(0).dtype(), to = s.output(0).dtype();
  if (!ir::is_float(to)) return;
  const bool may_round = !ir::is_float(from) || ir::unit_roundoff(to) > ir::unit_roundoff(from);
  if (may_round) scale_one_rounding(s);
}

}  // namespace ponte::ops
