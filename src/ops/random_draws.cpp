#include "ops/random_draws.h"

#include <fmt/format.h>

#include <bit>

namespace ponte::ops {

ir::DType drawn_dtype(const ir::AttributeReader& attributes, ir::DType fallback) {
  const ir::DType dtype = attributes.has("dtype") ? attributes.dtype("dtype") : fallback;
  if (dtype != ir::DType::Undefined && !ir::types::floats.has(dtype)) {
    throw Error(Code::InvalidAttribute,
                fmt::format("random numbers can't be {}", to_string(dtype)));
  }
  return dtype;
}

Dims drawn_shape(const ir::AttributeReader& attributes) {
  Dims shape = attributes.ints("shape");
  for (const std::int64_t dim : shape) {
    if (dim < 0) throw Error(Code::ShapeMismatch, "`shape` has a negative dim");
  }
  return shape;
}

Array drawn(Evaluation& e, ir::DType dtype, const Dims& shape,
            const std::function<double(Random&)>& draw) {
  Array out = e.allocate(dtype, shape);
  e.charge_steps(out.count());
  Random random =
      e.attributes().has("seed")
          ? Random(std::bit_cast<std::uint32_t>(static_cast<float>(e.attributes().f("seed"))))
          : e.random();
  const auto fill = [&](auto elements) {
    using T = typename decltype(elements)::element_type;
    for (T& element : elements) element = static_cast<T>(draw(random));
  };
  out.holds<double>() ? fill(out.mutable_as<double>()) : fill(out.mutable_as<float>());
  return out;
}

Array drawn_normal(Evaluation& e, ir::DType dtype, const Dims& shape) {
  const double mean = e.attributes().f("mean"), scale = e.attributes().f("scale");
  return drawn(e, dtype, shape, [=](Random& random) { return mean + scale * random.normal(); });
}

Array drawn_uniform(Evaluation& e, ir::DType dtype, const Dims& shape) {
  const double low = e.attributes().f("low"), high = e.attributes().f("high");
  return drawn(e, dtype, shape,
               [=](Random& random) { return low + (high - low) * random.uniform(); });
}

}  // namespace ponte::ops
