#include "ops/einsum_equation.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <string>

#include "base/counted.h"
#include "base/error.h"

namespace ponte::ops {
namespace {

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

[[noreturn]] void refuse_equation(std::string_view text) {
  throw Error(Code::InvalidAttribute, fmt::format("`equation` = \"{}\" is no equation", text));
}

// A term before it is known how many axes the ellipsis has: letters, and 0 for the ellipsis.
constexpr EinsumLabel ellipsis = 0;

EinsumLabels parse_term(std::string_view term) {
  EinsumLabels labels;
  for (std::size_t i = 0; i < term.size(); ++i) {
    if (is_letter(term[i])) {
      labels.push_back(term[i]);
    } else if (term.substr(i, 3) == "..." && std::ranges::count(labels, ellipsis) == 0) {
      labels.push_back(ellipsis);
      i += 2;
    } else {
      refuse_equation(term);
    }
  }
  return labels;
}

std::string without_spaces(std::string_view text) {
  std::string result;
  std::ranges::copy_if(text, std::back_inserter(result), [](char c) { return c != ' '; });
  return result;
}

EinsumLabels with_ellipsis_axes(const EinsumLabels& term, std::size_t axes) {
  EinsumLabels labels;
  for (const EinsumLabel label : term) {
    if (label != ellipsis) {
      labels.push_back(label);
      continue;
    }
    for (std::size_t i = 0; i < axes; ++i)
      labels.push_back(static_cast<int>(i) - static_cast<int>(axes));
  }
  return labels;
}

// The letters that stand exactly once, in ASCII order, after the ellipsis.
EinsumLabels implicit_output(const std::vector<EinsumLabels>& inputs) {
  std::map<EinsumLabel, int> uses;
  for (const EinsumLabels& term : inputs) {
    for (const EinsumLabel label : term) ++uses[label];
  }
  EinsumLabels output;
  for (const auto& [label, count] : uses) {
    if (count == 1 || label == ellipsis) output.push_back(label);
  }
  return output;
}

}  // namespace

EinsumEquation parse_einsum(std::string_view text, const std::vector<std::size_t>& ranks) {
  const std::string equation = without_spaces(text);
  const std::size_t arrow = equation.find("->");
  std::vector<EinsumLabels> inputs;
  std::string left = equation.substr(0, arrow);
  for (std::size_t begin = 0;;) {
    const std::size_t comma = left.find(',', begin);
    inputs.push_back(parse_term(std::string_view(left).substr(begin, comma - begin)));
    if (comma == std::string::npos) break;
    begin = comma + 1;
  }
  if (inputs.size() != ranks.size()) {
    throw Error(Code::InvalidAttribute,
                fmt::format("`equation` has {} for {}", counted(inputs.size(), "term", "terms"),
                            counted(ranks.size(), "input", "inputs")));
  }
  const EinsumLabels output = arrow == std::string::npos
                                  ? implicit_output(inputs)
                                  : parse_term(std::string_view(equation).substr(arrow + 2));
  std::optional<std::size_t> axes;
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    const bool has_ellipsis = std::ranges::count(inputs[i], ellipsis) > 0;
    const std::size_t letters = inputs[i].size() - (has_ellipsis ? 1 : 0);
    const bool fits = has_ellipsis ? ranks[i] >= letters && (!axes || *axes == ranks[i] - letters)
                                   : ranks[i] == letters;
    if (!fits)
      throw Error(Code::ShapeMismatch,
                  fmt::format("term {} of `equation` does not fit its input's rank", i));
    if (has_ellipsis) axes = ranks[i] - letters;
  }
  EinsumEquation result;
  for (const EinsumLabels& term : inputs)
    result.inputs.push_back(with_ellipsis_axes(term, axes.value_or(0)));
  result.output = with_ellipsis_axes(output, axes.value_or(0));
  for (const EinsumLabel label : result.output) {
    const bool is_used = std::ranges::any_of(result.inputs, [&](const EinsumLabels& term) {
      return std::ranges::count(term, label) > 0;
    });
    if (!is_used || std::ranges::count(result.output, label) > 1) refuse_equation(text);
  }
  return result;
}

std::map<EinsumLabel, ir::Dim> einsum_sizes(const EinsumEquation& equation,
                                            const std::vector<ir::Shape>& shapes) {
  std::map<EinsumLabel, ir::Dim> sizes;
  for (std::size_t i = 0; i < shapes.size(); ++i) {
    for (std::size_t k = 0; k < shapes[i].size(); ++k) {
      const ir::Dim& dim = shapes[i][k];
      const auto [it, inserted] = sizes.try_emplace(equation.inputs[i][k], dim);
      ir::Dim& size = it->second;
      if (inserted || dim.known() == 1) continue;
      if (size.known() != 1 && compare(size, dim) == ir::Comparison::Different) {
        throw Error(Code::ShapeMismatch, fmt::format("an axis of `equation` is both {} and {}",
                                                     size.to_string(), dim.to_string()));
      }
      if (!size.is_known() || size.known() == 1) size = dim;
    }
  }
  return sizes;
}

}  // namespace ponte::ops
