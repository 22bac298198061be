// Pad. Spec: onnx.ai/onnx/operators/onnx__Pad.html.
// C1: pads has two elements for each axis of axes. C2: axes in [-r, r-1], none twice. C3: mode is
// constant, reflect, edge or wrap. C4: no dim becomes negative. C5: an axis without elements can't
// be reflected, continued or wrapped. Negative pads remove elements before the others are added.
#include <fmt/format.h>

#include <algorithm>

#include "base/checked.h"
#include "ops/broadcast.h"
#include "ops/known_values.h"
#include "ops/strides.h"

namespace ponte::ops {
namespace {

enum class PadMode : std::uint8_t { Constant, Reflect, Edge, Wrap };

PadMode pad_mode(const ir::AttributeReader& attributes) {
  const std::string mode = attributes.s("mode");
  if (mode == "constant") return PadMode::Constant;
  if (mode == "reflect") return PadMode::Reflect;
  if (mode == "edge") return PadMode::Edge;
  if (mode == "wrap") return PadMode::Wrap;
  throw Error(Code::InvalidAttribute, fmt::format("`mode` = \"{}\" is no way to pad", mode));  // C3
}

constexpr std::int64_t from_constant = -1;

// The source coordinate of each output coordinate of one axis.
Dims axis_sources(std::int64_t size, std::int64_t begin, std::int64_t end, PadMode mode) {
  const std::int64_t first = std::max<std::int64_t>(-begin, 0);
  const std::int64_t kept = size - first - std::max<std::int64_t>(-end, 0);
  Dims sources;
  sources.reserve(static_cast<std::size_t>(size + begin + end));
  for (std::int64_t i = -std::max<std::int64_t>(begin, 0);
       i < kept + std::max<std::int64_t>(end, 0); ++i) {
    if (i >= 0 && i < kept) {
      sources.push_back(first + i);
    } else if (mode == PadMode::Constant) {
      sources.push_back(from_constant);
    } else if (kept <= 0) {
      throw Error(Code::InvalidInputValue, "an axis without elements can't be continued");  // C5
    } else if (mode == PadMode::Edge) {
      sources.push_back(first + std::clamp<std::int64_t>(i, 0, kept - 1));
    } else if (mode == PadMode::Wrap) {
      sources.push_back(first + ((i % kept) + kept) % kept);
    } else {
      const std::int64_t period = std::max<std::int64_t>(2 * (kept - 1), 1);
      const std::int64_t phase = ((i % period) + period) % period;
      sources.push_back(first + std::min(phase, period - phase) % kept);
    }
  }
  return sources;
}

std::vector<std::int64_t> padded_axes(std::vector<std::int64_t> axes, std::int64_t rank) {
  ir::normalized_axes(axes, rank);  // C2
  for (std::int64_t& axis : axes) axis = ir::normalized_axis(axis, rank, "axes");
  return axes;
}

std::vector<std::int64_t> all_axes(std::int64_t rank) {
  std::vector<std::int64_t> axes;
  for (std::int64_t i = 0; i < rank; ++i) axes.push_back(i);
  return axes;
}

void infer_pad(ir::Inference& c) {
  pad_mode(c.attributes());
  ir::Shape shape = c.shape(0);
  const auto pads = c.value(1);
  const auto axes = c.has_input(3) ? known_numbers(c, 3) : all_axes(c.rank(0));
  if (!axes) return c.set_shape(0, fresh_shape(c, c.rank(0)));
  const auto wanted = padded_axes(*axes, c.rank(0));
  c.require(!pads || pads->elements.size() == 2 * wanted.size(), Code::ShapeMismatch,
            "`pads` needs two elements for each axis");  // C1
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    ir::Dim& dim = shape[static_cast<std::size_t>(wanted[i])];
    dim = pads ? dim + pads->elements[i] + pads->elements[i + wanted.size()] : c.fresh_dim();
    c.require(dim.range().highest >= 0, Code::ShapeMismatch, "a dim becomes negative");  // C4
  }
  c.set_shape(0, shape);
}

// One row of the output: `sources` of the last axis; null where the row lies in the padding of
// another axis.
template <typename T>
void pad_row(const T* row, const Dims& sources, std::int64_t run_begin, std::int64_t run_end,
             const T& constant, T* target) {
  const auto length = static_cast<std::int64_t>(sources.size());
  if (!row) {
    std::fill_n(target, length, constant);
    return;
  }
  const auto element = [&](std::int64_t i) {
    const std::int64_t source = sources[static_cast<std::size_t>(i)];
    target[i] = source == from_constant ? constant : row[source];
  };
  for (std::int64_t i = 0; i < run_begin; ++i) element(i);
  if (run_end > run_begin) {
    std::copy_n(row + sources[static_cast<std::size_t>(run_begin)], run_end - run_begin,
                target + run_begin);
  }
  for (std::int64_t i = run_end; i < length; ++i) element(i);
}

template <typename T>
void pad_elements(Evaluation& e, const Array& data, const std::vector<Dims>& sources,
                  std::int64_t run_begin, std::int64_t run_end, const T& constant, Array& out) {
  const Dims strides = row_major_strides(data.shape());
  const Dims outer(out.shape().begin(), out.shape().end() - 1);
  const std::int64_t length = out.shape().back();
  const T* source = data.as<T>().data();
  T* target = out.mutable_as<T>().data();
  e.parallel_for(out.count() / length, std::max<std::int64_t>(1, elementwise_grain / length),
                 [&](std::int64_t begin, std::int64_t end) {
                   Walk<0> walk(outer, {}, begin);
                   for (std::int64_t row = begin; row < end; ++row, walk.advance()) {
                     std::int64_t offset = 0;
                     bool inside = true;
                     for (std::size_t i = 0; i < outer.size(); ++i) {
                       const std::int64_t at =
                           sources[i][static_cast<std::size_t>(walk.coordinates()[i])];
                       inside = inside && at != from_constant;
                       offset += at * strides[i];
                     }
                     pad_row(inside ? source + offset : nullptr, sources.back(), run_begin, run_end,
                             constant, target + row * length);
                   }
                 });
}

struct PadAmounts {
  Dims begin;
  Dims end;
};

PadAmounts pad_amounts(Evaluation& e, std::int64_t rank) {
  const std::vector<std::int64_t> pads = e.input(1).to_i64();
  const auto axes = padded_axes(e.has_input(3) ? e.input(3).to_i64() : all_axes(rank), rank);
  e.require(pads.size() == 2 * axes.size(), Code::ShapeMismatch,
            "`pads` needs two elements for each axis");
  PadAmounts amounts{Dims(static_cast<std::size_t>(rank)), Dims(static_cast<std::size_t>(rank))};
  for (std::size_t i = 0; i < axes.size(); ++i) {
    amounts.begin[static_cast<std::size_t>(axes[i])] = pads[i];
    amounts.end[static_cast<std::size_t>(axes[i])] = pads[i + axes.size()];
  }
  return amounts;
}

Dims padded_shape(const Dims& shape, const PadAmounts& amounts) {
  Dims result;
  for (std::size_t i = 0; i < shape.size(); ++i) {
    const std::int64_t begin = amounts.begin[i], end = amounts.end[i];
    if (std::max(begin, end) > max_dimension)
      throw Error(Code::ElementCountTooLarge, "a pad is too large");
    if (std::min(begin, end) < -max_dimension ||
        shape[i] + std::min<std::int64_t>(begin, 0) + std::min<std::int64_t>(end, 0) < 0) {
      throw Error(Code::ShapeMismatch, "a dim becomes negative");  // C4
    }
    result.push_back(shape[i] + begin + end);
  }
  return result;
}

void evaluate_pad(Evaluation& e) {
  const Array data = e.take(0);
  const PadMode mode = pad_mode(e.attributes());
  const PadAmounts amounts = pad_amounts(e, data.rank());
  Array out = e.allocate(data.dtype(), padded_shape(data.shape(), amounts));
  if (data.rank() == 0) return e.set(0, data);
  if (out.count() > 0) {
    e.charge_steps(out.count());
    std::vector<Dims> sources;
    for (std::size_t i = 0; i < data.shape().size(); ++i) {
      sources.push_back(axis_sources(data.shape()[i], amounts.begin[i], amounts.end[i], mode));
    }
    const std::int64_t run_begin = std::max<std::int64_t>(amounts.begin.back(), 0);
    const std::int64_t run_end = out.shape().back() - std::max<std::int64_t>(amounts.end.back(), 0);
    data.visit([&](auto elements) {
      using T = std::remove_cv_t<typename decltype(elements)::element_type>;
      T constant{};
      if (e.has_input(2) && mode == PadMode::Constant) {
        e.require(e.input(2).count() == 1, Code::ShapeMismatch,
                  "`constant_value` must have one element");
        constant = e.input(2).as<T>()[0];
      }
      pad_elements<T>(e, data, sources, run_begin, run_end, constant, out);
    });
  }
  e.set(0, std::move(out));
}

}  // namespace

extern constinit const ir::Op pad_op{
    .name = "Pad",
    .since = 25,
    .inputs = {{"data", ir::types::any_tensor, "T"},
               {"pads", ir::types::i64},
               {"constant_value", ir::types::any_tensor, "T", ir::Arity::Optional},
               {"axes", ir::types::i32 | ir::types::i64, "", ir::Arity::Optional}},
    .outputs = {{"output", ir::types::any_tensor, "T"}},
    .attributes = {{"mode", ir::AttributeKind::String, "constant"}},
    .exactness = ir::Exactness::Moves,
    .infer = infer_pad,
    .evaluate = evaluate_pad};

}  // namespace ponte::ops
