#include "verify/interfaces.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>

#include "base/error.h"
#include "base/text.h"
#include "ir/shapes.h"
#include "verify/inputs.h"

namespace ponte::verify {
namespace {

using ValueList = std::vector<const ir::Value*>;
using Compatible = bool (*)(const ir::Value&, const ir::Value&);

bool same_dtype(ir::DType a, ir::DType b) { return a == b; }

bool same_kind(ir::DType a, ir::DType b) {
  return a == b || (ir::is_float(a) && ir::is_float(b)) || (ir::is_integer(a) && ir::is_integer(b));
}

ops::Dims without_ones(ops::Dims dims) {
  std::erase(dims, 1);
  return dims;
}

// Whether two shapes are one tensor as two programs may write it down: with other axes of length 1,
// or, with another number of axes, flattened. The same number of elements in as many axes of other
// lengths is another tensor.
bool are_alike(const ops::Dims& a, const ops::Dims& b) {
  if (without_ones(a) == without_ones(b)) return true;
  return a.size() != b.size() && ponte::element_count(a) == ponte::element_count(b);
}

bool may_be_alike(const ir::Shape& a, const ir::Shape& b) {
  const auto left = ir::known_dims(a), right = ir::known_dims(b);
  return left && right ? are_alike(*left, *right) : ir::may_be_equal(a, b);
}

template <bool (*same)(ir::DType, ir::DType)>
bool fit(const ir::Value& a, const ir::Value& b) {
  const ir::TensorType *left = a.type().as_tensor(), *right = b.type().as_tensor();
  if (!left || !right) return !left && !right;
  if (!same(left->dtype, right->dtype)) return false;
  return !left->shape || !right->shape || may_be_alike(*left->shape, *right->shape);
}

std::string_view source_name(const ir::Value& value) {
  return value.origin ? std::string_view(value.origin->name) : std::string_view(value.name());
}

// Pairs of two lists; what is matched once is out.
class Matcher {
 public:
  Matcher(ValueList left, ValueList right) : left_(std::move(left)), right_(std::move(right)) {
    partners_.resize(left_.size());
  }

  // The user's names: both must be there.
  void by_names(const std::map<std::string, std::string>& names, std::string_view flag) {
    for (const auto& [left, right] : names) {
      const std::size_t a = named(left_, left, flag), b = named(right_, right, flag);
      partners_[a] = right_[b];
      right_[b] = nullptr;
    }
  }

  void where(const std::function<bool(const ir::Value&, const ir::Value&)>& same) {
    for (std::size_t a = 0; a < left_.size(); ++a) {
      if (partners_[a]) continue;
      const auto found = std::ranges::find_if(
          right_, [&](const ir::Value* value) { return value && same(*left_[a], *value); });
      if (found == right_.end()) continue;
      partners_[a] = *found;
      *found = nullptr;
    }
  }

  // Where a left one has one candidate, which has no other.
  void where_unique(Compatible fits) {
    std::vector<std::pair<std::size_t, std::size_t>> pairs;
    for (std::size_t a = 0; a < left_.size(); ++a) {
      const auto candidates = candidates_of(a, fits);
      if (candidates.size() == 1 && rivals_of(candidates.front(), fits) == 1)
        pairs.emplace_back(a, candidates.front());
    }
    for (const auto& [a, b] : pairs) pair(a, b);
  }

  // The rest in order, where both sides have as many and all fit.
  void by_position(Compatible fits) {
    std::vector<std::size_t> a, b;
    for (std::size_t i = 0; i < left_.size(); ++i) {
      if (!partners_[i]) a.push_back(i);
    }
    for (std::size_t i = 0; i < right_.size(); ++i) {
      if (right_[i]) b.push_back(i);
    }
    if (a.size() != b.size()) return;
    for (std::size_t i = 0; i < a.size(); ++i) {
      if (!fits(*left_[a[i]], *right_[b[i]])) return;
    }
    for (std::size_t i = 0; i < a.size(); ++i) pair(a[i], b[i]);
  }

  const ValueList& partners() const { return partners_; }
  ValueList left_over() const {
    ValueList rest;
    std::ranges::copy_if(right_, std::back_inserter(rest), [](const auto* v) { return v; });
    return rest;
  }

 private:
  static std::size_t named(const ValueList& values, const std::string& name,
                           std::string_view flag) {
    std::vector<std::string> names;
    for (std::size_t i = 0; i < values.size(); ++i) {
      if (values[i] && (values[i]->name() == name || source_name(*values[i]) == name)) return i;
      if (values[i]) names.push_back(values[i]->name());
    }
    const auto near = closest(name, names);
    throw Error(Code::UnknownName, fmt::format("`{}` in `{}` is not there", name, flag),
                near ? fmt::format("did you mean `{}`?", *near)
                     : fmt::format("there are {}", fmt::join(names, ", ")));
  }
  std::vector<std::size_t> candidates_of(std::size_t a, Compatible fits) const {
    std::vector<std::size_t> found;
    for (std::size_t b = 0; !partners_[a] && b < right_.size(); ++b) {
      if (right_[b] && fits(*left_[a], *right_[b])) found.push_back(b);
    }
    return found;
  }
  std::size_t rivals_of(std::size_t b, Compatible fits) const {
    std::size_t count = 0;
    for (std::size_t a = 0; a < left_.size(); ++a)
      count += !partners_[a] && fits(*left_[a], *right_[b]) ? 1 : 0;
    return count;
  }
  void pair(std::size_t a, std::size_t b) {
    partners_[a] = right_[b];
    right_[b] = nullptr;
  }

  ValueList left_, right_, partners_;
};

Matcher matched(ValueList left, ValueList right, const std::map<std::string, std::string>& names,
                std::string_view flag, Compatible fits) {
  Matcher matcher(std::move(left), std::move(right));
  matcher.by_names(names, flag);
  matcher.where([](const auto& a, const auto& b) { return a.name() == b.name(); });
  matcher.where([](const auto& a, const auto& b) { return source_name(a) == source_name(b); });
  matcher.where_unique(fits);
  matcher.by_position(fits);
  return matcher;
}

// What goes into one model must go into the other.
void require_room(const ir::Value& judged, const ir::Value& subject) {
  const ir::TensorType *left = judged.type().as_tensor(), *right = subject.type().as_tensor();
  if (!left || !right || !left->shape || !right->shape) return;
  if (may_be_alike(*left->shape, *right->shape)) return;
  throw Error(Code::ShapeMismatch,
              fmt::format("input `{}` is {} in the first model, and input `{}` is {} in this one",
                          judged.name(), ir::to_string(judged.type()), subject.name(),
                          ir::to_string(subject.type())),
              "give them one shape with --input-shape, or match others with --map-input");
}

// The array in another shape of as many elements; as it is where that can't be.
ops::Datum reshaped(const ops::Datum& datum, const ops::Dims& shape) {
  const auto* array = std::get_if<ops::Array>(&datum.held);
  if (!array || array->shape() == shape || array->count() != ops::count_of(shape)) return datum;
  return {array->reshaped(shape)};
}

ops::Dims without_trailing_ones(ops::Dims dims) {
  while (!dims.empty() && dims.back() == 1) dims.pop_back();
  return dims;
}

}  // namespace

Interface::Interface(const ir::Graph& judged, const ir::Graph& subject, const NameMaps& names,
                     Shapes shapes)
    : shapes_(shapes) {
  const ValueList inputs = open_inputs(judged);
  const Matcher input_matcher =
      matched(inputs, open_inputs(subject), names.inputs, "--map-input", fit<same_dtype>);
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    const ir::Value* partner = input_matcher.partners()[i];
    if (!partner) continue;
    require_room(*inputs[i], *partner);
    inputs_.emplace_back(inputs[i], partner);
    assume("input", *inputs[i], *partner);
  }
  if (const ValueList rest = input_matcher.left_over(); !rest.empty()) {
    throw Error(Code::MissingModelInput,
                fmt::format("nothing of the first model matches input `{}` ({})",
                            rest.front()->name(), ir::to_string(rest.front()->type())),
                fmt::format("say it with --map-input NAME={}", rest.front()->name()));
  }
  const ValueList outputs(judged.outputs().begin(), judged.outputs().end());
  const Matcher output_matcher =
      matched(outputs, {subject.outputs().begin(), subject.outputs().end()}, names.outputs,
              "--map-output", fit<same_kind>);
  outputs_ = output_matcher.partners();
  further_outputs_ = output_matcher.left_over();
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    if (outputs_[i]) assume("output", *outputs[i], *outputs_[i]);
  }
}

void Interface::assume(const char* what, const ir::Value& judged, const ir::Value& subject) {
  const ir::TensorType *a = judged.type().as_tensor(), *b = subject.type().as_tensor();
  const bool same_name =
      judged.name() == subject.name() || source_name(judged) == source_name(subject);
  const bool same_type =
      !a || !b ||
      (a->dtype == b->dtype && (!a->shape || !b->shape || ir::may_be_equal(*a->shape, *b->shape)));
  if (same_name && same_type) return;
  assumptions_.push_back(fmt::format("{} `{}` ({}) is `{}` ({})", what, judged.name(),
                                     ir::to_string(judged.type()), subject.name(),
                                     ir::to_string(subject.type())));
}

Inputs Interface::for_subject(const Inputs& inputs) const {
  Inputs result;
  for (const auto& [judged, subject] : inputs_) {
    const auto value = inputs.find(judged->name());
    if (value == inputs.end()) continue;
    const ir::TensorType* type = subject->type().as_tensor();
    const auto dims = type && type->shape ? ir::known_dims(*type->shape) : std::nullopt;
    result[subject->name()] = dims ? reshaped(value->second, *dims) : value->second;
  }
  return result;
}

ops::Datum Interface::output(std::size_t index, const Values& values,
                             const ops::Datum& reference) const {
  const ir::Value* value = outputs_.at(index);
  if (!value) return {};
  const ops::Datum* given = nullptr;
  for (const std::string& name : names_of_result(*value)) {
    const auto it = given ? values.end() : values.find(name);
    if (it != values.end()) given = &it->second;
  }
  if (!given) return {};
  if (shapes_ == Shapes::MustBeEqual) return in_shape_of(*given, reference);
  const auto* array = std::get_if<ops::Array>(&given->held);
  const auto* wanted = std::get_if<ops::Array>(&reference.held);
  const bool is_same = array && wanted && are_alike(array->shape(), wanted->shape());
  return is_same ? reshaped(*given, wanted->shape()) : *given;
}

std::vector<std::string> names_in_source(const ir::Value& value) {
  std::vector<std::string> names;
  if (value.origin) names.push_back(value.origin->name);
  const auto shares_node = [&](const ir::Value* other) { return other && other != &value; };
  if (value.producer() && std::ranges::none_of(value.producer()->outputs(), shares_node)) {
    for (const ir::NodeOrigin& origin : value.producer()->origins) names.push_back(origin.name);
  }
  return names;
}

std::vector<std::string> names_of_result(const ir::Value& value) {
  std::vector<std::string> names = names_in_source(value);
  names.insert(names.begin(), value.name());
  return names;
}

ops::Datum in_shape_of(const ops::Datum& given, const ops::Datum& reference) {
  const auto* array = std::get_if<ops::Array>(&given.held);
  const auto* wanted = std::get_if<ops::Array>(&reference.held);
  if (!array || !wanted) return given;
  const bool is_same =
      without_trailing_ones(array->shape()) == without_trailing_ones(wanted->shape());
  return is_same ? reshaped(given, wanted->shape()) : given;
}

}  // namespace ponte::verify
