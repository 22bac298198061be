#include "verify/tolerance.h"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <cmath>

#include "base/counted.h"
#include "base/error.h"
#include "base/text.h"

namespace ponte::verify {
namespace {

struct Measure {
  std::string_view name;
  std::optional<double> Tolerance::*field;
};

constexpr auto measures = std::to_array<Measure>({
    {"bits", &Tolerance::bits},
    {"cosine", &Tolerance::cosine},
    {"top1", &Tolerance::top1},
    {"top5", &Tolerance::top5},
});

void add_one(Tolerance& tolerance, std::string_view text) {
  const auto equals = text.find('=');
  const std::string_view name = text.substr(0, equals);
  const std::string_view number =
      equals == std::string_view::npos ? std::string_view() : text.substr(equals + 1);
  double value = 0;
  const auto [end, error] = std::from_chars(number.data(), number.data() + number.size(), value);
  for (const Measure& measure : measures) {
    if (measure.name != name || error != std::errc() || end != number.data() + number.size() ||
        !(value >= 0))
      continue;
    tolerance.*measure.field = value;
    return;
  }
  throw Error(Code::UsageError,
              fmt::format("`{}` is not understood in `--accept`", escape_control(text, 60)),
              "write --accept bits=10,top1=0.99,top5=0.99,cosine=0.999, or some of these");
}

double kept_share(std::int64_t flips, std::int64_t rows) {
  return 1 - static_cast<double>(flips) / static_cast<double>(rows);
}

std::string first_element_outside(const Tolerance& tolerance, const ops::Datum& reference,
                                  const ops::Datum& given) {
  const auto* expected = std::get_if<ops::Array>(&reference.held);
  const auto* array = std::get_if<ops::Array>(&given.held);
  if (!expected || !array || expected->shape() != array->shape()) return "the shape differs";
  const std::vector<double> a = expected->to_f64(), b = array->to_f64();
  for (std::size_t i = 0; i < a.size(); ++i) {
    const double bound = tolerance.atol.value_or(0) + tolerance.rtol.value_or(0) * std::abs(a[i]);
    const bool is_same = a[i] == b[i] || (std::isnan(a[i]) && std::isnan(b[i]));
    if (is_same || std::abs(a[i] - b[i]) <= bound) continue;
    return fmt::format("element {} is {:.6g} instead of {:.6g}", i, b[i], a[i]);
  }
  return {};
}

}  // namespace

void add_acceptance(Tolerance& tolerance, const std::string& text) {
  std::size_t begin = 0;
  while (begin <= text.size()) {
    const auto comma = std::min(text.find(',', begin), text.size());
    add_one(tolerance, std::string_view(text).substr(begin, comma - begin));
    begin = comma + 1;
  }
}

std::string outside(const Tolerance& tolerance, const std::optional<TensorComparison>& comparison,
                    const RankFlips* flips, const std::vector<const ops::Datum*>& reference,
                    const std::vector<const ops::Datum*>& given) {
  const bool has_elements = tolerance.rtol || tolerance.atol;
  if (!comparison && (tolerance.bits || tolerance.cosine || !has_elements))
    return "there is nothing to compare";
  if (comparison && comparison->pattern_mismatches > 0) return "NaN or infinite on one side only";
  if (tolerance.bits && comparison->bits < *tolerance.bits)
    return fmt::format("{:.1f} bits agree", comparison->bits);
  if (tolerance.cosine && !(comparison->cosine >= *tolerance.cosine))
    return fmt::format("the cosine is {:.6g}", comparison->cosine);
  if (flips && tolerance.top1 && kept_share(flips->top1, flips->rows) < *tolerance.top1)
    return fmt::format("another first class in {} of {}", flips->top1,
                       counted(flips->rows, "row", "rows"));
  if (flips && tolerance.top5 && kept_share(flips->top5, flips->rows) < *tolerance.top5)
    return fmt::format("other first five classes in {} of {}", flips->top5,
                       counted(flips->rows, "row", "rows"));
  if (!has_elements) return {};
  for (std::size_t set = 0; set < reference.size(); ++set) {
    if (std::string why = first_element_outside(tolerance, *reference[set], *given[set]);
        !why.empty())
      return why;
  }
  return {};
}

}  // namespace ponte::verify
