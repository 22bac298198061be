#include "formats/onnx/opset_changes.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>

#include "base/error.h"
#include "ir/inference.h"

namespace ponte::onnx {

void axes_to_input(UpDraft& draft) {
  if (const auto axes = draft.take_ints("axes")) draft.set_ints_input(1, "axes", *axes);
}

void axes_to_attribute(DownDraft& draft) {
  if (!draft.has_input(1)) return;
  const auto axes = draft.take_ints_input(1, "axes", draft.op == "ReduceMean" ? 18 : 13);
  // Without axes all are reduced, unless noop_with_empty_axes says otherwise, which no older opset
  // has.
  if (!axes.empty() || !draft.op.starts_with("Reduce")) draft.attributes["axes"] = axes;
}

namespace {

[[noreturn]] void too_old(const DownDraft& draft, std::string_view what, std::int64_t version) {
  throw Error(Code::OpsetTooOld, fmt::format("{} of `{}` needs opset {}", what, draft.op, version));
}

std::optional<double> take_float(UpDraft& draft, std::string_view name) {
  const auto attribute = draft.take(name);
  if (!attribute) return std::nullopt;
  if (const auto* value = std::get_if<float>(&*attribute)) return static_cast<double>(*value);
  throw Error(Code::InvalidAttribute, fmt::format("attribute `{}` is no number", name));
}

ir::Value& required_input(const UpDraft& draft, std::size_t index) {
  if (index < draft.inputs.size() && draft.inputs[index]) return *draft.inputs[index];
  throw Error(Code::WrongInputCount, fmt::format("input {} is missing", index));
}

// A scalar of the dtype of input 0.
ir::Value& scalar_like_input(UpDraft& draft, std::string_view name, double value) {
  const ir::TensorType* tensor = required_input(draft, 0).type().as_tensor();
  const ir::Tensor scalar = ir::Tensor::scalar_f32(static_cast<float>(value));
  const bool plain =
      !tensor || tensor->dtype == ir::DType::Undefined || tensor->dtype == ir::DType::Float32;
  return draft.reader.constant(name, plain ? scalar : ir::cast(scalar, tensor->dtype));
}

void set_input(UpDraft& draft, std::size_t index, ir::Value& value) {
  if (draft.inputs.size() <= index) draft.inputs.resize(index + 1, nullptr);
  draft.inputs[index] = &value;
}

// The float of a constant input, which is removed.
std::optional<float> take_float_input(DownDraft& draft, std::size_t index, std::string_view name,
                                      std::int64_t version) {
  if (draft.inputs.size() <= index || draft.inputs[index].empty()) return std::nullopt;
  const ir::Tensor* tensor = draft.node.input(index)->fixed_tensor();
  if (!tensor || tensor->count() != 1)
    too_old(draft, fmt::format("a computed `{}`", name), version);
  draft.inputs[index].clear();
  while (!draft.inputs.empty() && draft.inputs.back().empty()) draft.inputs.pop_back();
  return static_cast<float>(tensor->to_f64().front());
}

template <typename T>
const T* attribute(const DownDraft& draft, std::string_view name) {
  const auto it = draft.attributes.find(name);
  return it == draft.attributes.end() ? nullptr : std::get_if<T>(&it->second);
}

std::optional<std::int64_t> known_rank(const ir::Value* value) {
  const ir::TensorType* tensor = value ? value->type().as_tensor() : nullptr;
  if (!tensor || !tensor->shape) return std::nullopt;
  return static_cast<std::int64_t>(tensor->shape->size());
}

// Axes as they are counted from the front. Throws OpsetTooOld where a negative one meets an unknown
// rank.
std::vector<std::int64_t> from_front(const DownDraft& draft, std::vector<std::int64_t> axes,
                                     std::optional<std::int64_t> rank, std::int64_t version) {
  for (std::int64_t& axis : axes) {
    if (axis >= 0) continue;
    if (!rank) too_old(draft, "a negative axis of an unknown rank", version);
    axis = ir::normalized_axis(axis, *rank);
  }
  return axes;
}

}  // namespace

void slice_attributes_to_inputs(UpDraft& draft) {
  std::size_t index = 1;
  for (const std::string_view name : {"starts", "ends", "axes"}) {
    if (const auto values = draft.take_ints(name)) draft.set_ints_input(index, name, *values);
    ++index;
  }
}

void slice_inputs_to_attributes(DownDraft& draft) {
  if (draft.has_input(4)) {
    for (const std::int64_t step : draft.take_ints_input(4, "steps", 10)) {
      if (step != 1) too_old(draft, "a step", 10);
    }
  }
  if (draft.has_input(3)) {
    draft.attributes["axes"] = from_front(draft, draft.take_ints_input(3, "axes", 10),
                                          known_rank(draft.node.input(0)), 10);
  }
  draft.attributes["ends"] = draft.take_ints_input(2, "ends", 10);
  draft.attributes["starts"] = draft.take_ints_input(1, "starts", 10);
}

void shape_to_input(UpDraft& draft) {
  if (const auto shape = draft.take_ints("shape")) draft.set_ints_input(1, "shape", *shape);
}

void count_axis_from_front(DownDraft& draft) {
  // The axes of these are those of the result.
  const bool grows = draft.op == "Unsqueeze" || draft.op == "OneHot";
  const auto rank = known_rank(grows ? draft.node.output(0) : draft.node.input(0));
  if (const auto* axis = attribute<std::int64_t>(draft, "axis"))
    draft.attributes["axis"] = from_front(draft, {*axis}, rank, 11).front();
  if (const auto* axes = attribute<std::vector<std::int64_t>>(draft, "axes"))
    draft.attributes["axes"] = from_front(draft, *axes, rank, 11);
}

void rename_paddings(UpDraft& draft) {
  if (auto pads = draft.take("paddings")) draft.attributes["pads"] = std::move(*pads);
}

void pads_to_input(UpDraft& draft) {
  const auto pads = draft.take_ints("pads");
  if (!pads) throw Error(Code::MissingAttribute, "attribute `pads` is missing");
  draft.set_ints_input(1, "pads", *pads);
  if (const auto value = take_float(draft, "value"))
    set_input(draft, 2, scalar_like_input(draft, "value", *value));
}

void pads_to_attribute(DownDraft& draft) {
  if (draft.has_input(3)) too_old(draft, "`axes`", 18);
  if (const auto value = take_float_input(draft, 2, "constant_value", 11))
    draft.attributes["value"] = *value;
  draft.attributes["pads"] = draft.take_ints_input(1, "pads", 11);
}

void refuse_wrap(DownDraft& draft) {
  const auto* mode = attribute<std::string>(draft, "mode");
  if (mode && *mode == "wrap") too_old(draft, "the mode `wrap`", 19);
}

void refuse_split_input(UpDraft& draft) {
  if (draft.inputs.size() > 1)
    throw Error(Code::UnsupportedOpset, "the input `split` of opset 1 has no successor");
}

void split_to_input(UpDraft& draft) {
  if (const auto sizes = draft.take_ints("split")) draft.set_ints_input(1, "split", *sizes);
}

void split_to_attribute(DownDraft& draft) {
  if (draft.has_input(1)) draft.attributes["split"] = draft.take_ints_input(1, "split", 13);
}

void count_split_outputs(UpDraft& draft) {
  const bool has_sizes = draft.inputs.size() > 1 && draft.inputs[1];
  if (!has_sizes)
    draft.attributes["num_outputs"] = static_cast<std::int64_t>(draft.reader.node().outputs.size());
}

void drop_split_count(DownDraft& draft) {
  // Before 18 parts are equal; a smaller last one can't be said.
  const auto* count = attribute<std::int64_t>(draft, "num_outputs");
  if (!count) return;
  const ir::TensorType* input = draft.tensor_type(0);
  if (!input || !input->shape) too_old(draft, "`num_outputs` on an unknown shape", 18);
  const auto* axis_given = attribute<std::int64_t>(draft, "axis");
  const std::int64_t axis = ir::normalized_axis(axis_given ? *axis_given : 0,
                                                static_cast<std::int64_t>(input->shape->size()));
  const auto size = (*input->shape)[static_cast<std::size_t>(axis)].known();
  if (!size || *count < 1 || *size % *count != 0) too_old(draft, "an unequal `num_outputs`", 18);
  draft.attributes.erase("num_outputs");
}

void clip_to_inputs(UpDraft& draft) {
  if (const auto lowest = take_float(draft, "min"))
    set_input(draft, 1, scalar_like_input(draft, "min", *lowest));
  if (const auto highest = take_float(draft, "max"))
    set_input(draft, 2, scalar_like_input(draft, "max", *highest));
}

void clip_to_attributes(DownDraft& draft) {
  if (const auto highest = take_float_input(draft, 2, "max", 11))
    draft.attributes["max"] = *highest;
  if (const auto lowest = take_float_input(draft, 1, "min", 11)) draft.attributes["min"] = *lowest;
}

void k_to_input(UpDraft& draft) {
  if (const auto k = draft.take_int("k")) draft.set_ints_input(1, "k", std::vector{*k});
}

void k_to_attribute(DownDraft& draft) {
  const auto k = draft.take_ints_input(1, "k", 10);
  if (k.size() != 1) too_old(draft, "a list `k`", 10);
  draft.attributes["k"] = k.front();
}

void drop_number_mask(UpDraft& draft) {
  if (draft.reader.is_taken(1))
    throw Error(Code::UnsupportedOpset, "the mask of Dropout was no bool before opset 10");
  if (draft.outputs.size() > 1) draft.outputs.resize(1);  // files name it and nobody takes it
}

void ratio_to_input(UpDraft& draft) {
  const double ratio = take_float(draft, "ratio").value_or(0.5);
  draft.take("is_test");
  set_input(draft, 1,
            draft.reader.constant("ratio", ir::Tensor::scalar_f32(static_cast<float>(ratio))));
}

void ratio_to_attribute(DownDraft& draft) {
  if (draft.has_input(2)) too_old(draft, "`training_mode`", 12);
  if (const auto ratio = take_float_input(draft, 1, "ratio", 12))
    draft.attributes["ratio"] = *ratio;
}

void refuse_training_outputs(UpDraft& draft) {
  if (draft.reader.node().outputs.size() > 1) {
    throw Error(Code::UnsupportedOpset,
                "training outputs of BatchNormalization before opset 14 have no successor");
  }
}

void require_spatial(UpDraft& draft) {
  if (draft.take_int("spatial").value_or(1) != 1) {
    throw Error(Code::UnsupportedOpset, "`spatial` = 0 of BatchNormalization has no successor");
  }
}

void drop_memory_hints(UpDraft& draft) { draft.take("consumed_inputs"); }

void drop_mode_hints(UpDraft& draft) {
  draft.take("is_test");
  draft.take("output_sequence");
}

void legacy_broadcast(UpDraft& draft) {
  const bool broadcasts = draft.take_int("broadcast").value_or(0) != 0;
  const auto axis_given = draft.take_int("axis");
  if (!broadcasts || !axis_given || draft.inputs.size() < 2) return;
  const std::int64_t a = draft.rank(0), b = draft.rank(1);
  const std::int64_t axis = ir::normalized_axis(*axis_given, a);
  // B's dims lie at `axis` of A; ones are appended so that they end where A does.
  std::vector<std::int64_t> appended;
  for (std::int64_t i = axis + b; i < a; ++i)
    appended.push_back(b + static_cast<std::int64_t>(appended.size()));
  if (appended.empty()) return;
  ir::Value& axes = draft.reader.constant("axes", ir::Tensor::vector_i64(appended));
  draft.inputs[1] = &draft.reader.add("Unsqueeze", {draft.inputs[1], &axes});
}

void slope_per_channel(UpDraft& draft) {
  const ir::TensorType* slope = required_input(draft, 1).type().as_tensor();
  if (!slope || !slope->shape || slope->shape->size() != 1 || (*slope->shape)[0].known() == 1)
    return;
  std::vector<std::int64_t> appended;
  for (std::int64_t i = 2; i < draft.rank(0); ++i) appended.push_back(i - 1);
  if (appended.empty()) return;
  ir::Value& axes = draft.reader.constant("axes", ir::Tensor::vector_i64(appended));
  draft.inputs[1] = &draft.reader.add("Unsqueeze", {draft.inputs[1], &axes});
}

void dtype_by_number(UpDraft& draft) {
  const auto to = draft.take("to");
  const auto* name = to ? std::get_if<std::string>(&*to) : nullptr;
  if (!name) throw Error(Code::InvalidAttribute, "attribute `to` is no name of a dtype");
  std::string lower(*name);
  for (char& c : lower) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  const auto dtype = ir::parse_dtype(lower);
  if (!dtype) throw Error(Code::UnknownDtype, fmt::format("`{}` is no dtype", *name));
  draft.attributes["to"] = static_cast<std::int64_t>(*dtype);
}

void require_same_shapes(DownDraft& draft) {
  const ir::TensorType* first = draft.tensor_type(0);
  for (std::size_t i = 1; i < draft.inputs.size(); ++i) {
    const ir::TensorType* other = draft.tensor_type(i);
    if (!first || !other || !first->shape || first->shape != other->shape)
      too_old(draft, "broadcasting", 8);
  }
}

void refuse_batched_scan(UpDraft&) {
  throw Error(Code::UnsupportedOpset, "the batched Scan of opset 8 has no successor");
}

void refuse_unbatched_scan(DownDraft& draft) { too_old(draft, "this form", 9); }

void refuse_tiles(UpDraft&) {
  throw Error(Code::UnsupportedOpset, "Tile of opset 1 has no successor");
}

void require_one_scale(DownDraft& draft) {
  const ir::TensorType* scale = draft.tensor_type(1);
  if (!scale || !scale->shape || !scale->shape->empty())
    too_old(draft, "a scale for each channel", 13);
}

void refuse_extremes(DownDraft& draft) {
  const auto* reduction = attribute<std::string>(draft, "reduction");
  if (reduction && (*reduction == "max" || *reduction == "min"))
    too_old(draft, fmt::format("the reduction `{}`", *reduction), 18);
}

void require_whole_numbers(DownDraft& draft) {
  const auto* fmod = attribute<std::int64_t>(draft, "fmod");
  const ir::TensorType* a = draft.tensor_type(0);
  if (!(fmod && *fmod != 0) && a && ir::is_float(a->dtype))
    too_old(draft, "`fmod` = 0 for floats", 28);
}

namespace {

// How Resize 10 rounds with these scales; empty where it differs from axis to axis.
std::string_view nearest_mode(const ir::Tensor& scales) {
  const std::vector<double> numbers = scales.to_f64();
  if (std::ranges::all_of(numbers, [](double scale) { return scale >= 1; })) return "floor";
  if (std::ranges::all_of(numbers, [](double scale) { return scale <= 1; })) return "ceil";
  return "";
}

std::string word(const ir::Attributes& attributes, std::string_view name,
                 std::string_view fallback) {
  const auto given = attributes.find(name);
  const auto* text = given == attributes.end() ? nullptr : std::get_if<std::string>(&given->second);
  return text ? *text : std::string(fallback);
}

bool is_nearest(const ir::Attributes& attributes) {
  return word(attributes, "mode", "nearest") == "nearest";
}

}  // namespace

void resize_from_corner(UpDraft& draft) {
  ir::Value& scales = required_input(draft, 1);
  draft.inputs = {draft.inputs[0], nullptr, &scales};
  draft.attributes["coordinate_transformation_mode"] = std::string("asymmetric");
  if (!is_nearest(draft.attributes)) return;
  const ir::Tensor* fixed = scales.fixed_tensor();
  const std::string_view rounding = fixed ? nearest_mode(*fixed) : "";
  if (rounding.empty()) {
    throw Error(Code::UnsupportedOpset,
                "the nearest element of Resize 10 has no successor where scales are computed, or "
                "grow one axis and shrink another");
  }
  draft.attributes["nearest_mode"] = std::string(rounding);
}

void resize_by_scales(DownDraft& draft) {
  if (word(draft.attributes, "coordinate_transformation_mode", "half_pixel") != "asymmetric")
    too_old(draft, "another `coordinate_transformation_mode` than asymmetric", 11);
  if (word(draft.attributes, "mode", "nearest") == "cubic") too_old(draft, "the mode `cubic`", 11);
  if (draft.has_input(3)) too_old(draft, "`sizes`", 11);
  const auto* excludes = attribute<std::int64_t>(draft, "exclude_outside");
  if (excludes && *excludes != 0) too_old(draft, "`exclude_outside`", 11);
  const ir::Value* scales = draft.node.input(2);
  const ir::Tensor* fixed = scales ? scales->fixed_tensor() : nullptr;
  const std::string rounding = word(draft.attributes, "nearest_mode", "round_prefer_floor");
  if (is_nearest(draft.attributes) && (!fixed || nearest_mode(*fixed) != rounding))
    too_old(draft, fmt::format("`nearest_mode` = {} with these scales", rounding), 11);
  draft.inputs = {draft.inputs[0], draft.inputs[2]};
  for (const char* name : {"coordinate_transformation_mode", "cubic_coeff_a", "exclude_outside",
                           "extrapolation_value", "nearest_mode"})
    draft.attributes.erase(name);
}

void half_pixels_for_nearest(UpDraft& draft) {
  const std::string coordinates = "coordinate_transformation_mode";
  if (word(draft.attributes, coordinates, "") != "tf_half_pixel_for_nn") return;
  // Its coordinates are half an element larger, so that rounding down is rounding.
  if (!is_nearest(draft.attributes) || word(draft.attributes, "nearest_mode", "") != "floor") {
    throw Error(Code::UnsupportedOpset,
                "`tf_half_pixel_for_nn` has no successor but where the nearest element is that "
                "below");
  }
  draft.attributes[coordinates] = std::string("half_pixel");
  draft.attributes["nearest_mode"] = std::string("round_prefer_ceil");
}

void require_roi_and_scales(DownDraft& draft) {
  if (!draft.has_input(1) || !draft.has_input(2)) too_old(draft, "an absent `roi` or `scales`", 13);
}

void refuse_symmetric(DownDraft& draft) {
  if (word(draft.attributes, "coordinate_transformation_mode", "") == "half_pixel_symmetric")
    too_old(draft, "the coordinates `half_pixel_symmetric`", 19);
}

void default_axis_one(UpDraft& draft) { draft.attributes.try_emplace("axis", std::int64_t{1}); }

void flattened_softmax(UpDraft& draft) {
  std::int64_t axis = draft.take_int("axis").value_or(1);
  if (const auto rank = draft.known_rank(0)) {
    if (ir::normalized_axis(axis, *rank) == *rank - 1) axis = -1;
  }
  draft.attributes["axis"] = std::int64_t{-1};
  if (axis == -1) return;
  ir::Value& input = required_input(draft, 0);
  draft.inputs[0] = &draft.reader.add("Flatten", {&input}, {{"axis", axis}});
  draft.wraps.push_back([&reader = draft.reader, &input](ir::Value& flat) -> ir::Value& {
    ir::Value& shape = reader.add("Shape", {&input});
    return reader.add("Reshape", {&flat, &shape});
  });
}

void require_last_axis(DownDraft& draft) {
  const ir::TensorType* tensor = draft.node.input(0)->type().as_tensor();
  const auto given = draft.attributes.find("axis");
  std::int64_t axis = given == draft.attributes.end() ? -1 : std::get<std::int64_t>(given->second);
  if (!tensor || !tensor->shape) {
    throw Error(Code::OpsetTooOld, fmt::format("`{}` of an unknown rank needs opset 13", draft.op));
  }
  const auto rank = static_cast<std::int64_t>(tensor->shape->size());
  axis = ir::normalized_axis(axis, rank);
  if (axis != rank - 1) {
    throw Error(Code::OpsetTooOld,
                fmt::format("`{}` along an inner axis needs opset 13", draft.op));
  }
  draft.attributes["axis"] = axis;
}

}  // namespace ponte::onnx
