#include "workers/onnxruntime/values.h"

#include <fmt/format.h>

#include <cstring>

#include "base/checked.h"
#include "runtimes/protocol/engine.h"

namespace ponte::worker {
namespace {

using protocol::HostTensor;
using protocol::Part;
using protocol::Refusal;

// ONNX Runtime numbers its element types as ONNX does, up to 23; after that it puts f8e8m0 behind
// the 2-bit integers.
constexpr int ort_uint2 = 24;
constexpr int ort_int2 = 25;
constexpr int ort_f8e8m0 = 26;

ONNXTensorElementDataType to_ort(ir::DType dtype) {
  switch (dtype) {
    case ir::DType::Uint2:
      return static_cast<ONNXTensorElementDataType>(ort_uint2);
    case ir::DType::Int2:
      return static_cast<ONNXTensorElementDataType>(ort_int2);
    case ir::DType::Float8E8M0:
      return static_cast<ONNXTensorElementDataType>(ort_f8e8m0);
    default:
      return static_cast<ONNXTensorElementDataType>(dtype);
  }
}

ir::DType from_ort(ONNXTensorElementDataType type) {
  switch (static_cast<int>(type)) {
    case ort_uint2:
      return ir::DType::Uint2;
    case ort_int2:
      return ir::DType::Int2;
    case ort_f8e8m0:
      return ir::DType::Float8E8M0;
    default:
      return ir::dtype_from_number(type).value_or(ir::DType::Undefined);
  }
}

Owned<OrtValue> make_tensor(const Library& library, const HostTensor& tensor) {
  const OrtApi& api = library.api();
  OrtValue* raw = nullptr;
  library.check(api.CreateTensorAsOrtValue(default_allocator(library), tensor.shape.data(),
                                           tensor.shape.size(), to_ort(tensor.dtype), &raw));
  Owned<OrtValue> value = own(library, raw);
  if (tensor.dtype == ir::DType::String) {
    const auto count = static_cast<std::uint64_t>(element_count(tensor.shape).value_or(0));
    const auto strings = protocol::decode_strings(tensor.bytes, count);
    std::vector<const char*> pointers;
    for (const std::string& text : strings) pointers.push_back(text.c_str());
    library.check(api.FillStringTensor(raw, pointers.data(), pointers.size()));
  } else if (!tensor.bytes.empty()) {
    void* data = nullptr;
    library.check(api.GetTensorMutableData(raw, &data));
    std::memcpy(data, tensor.bytes.data(), tensor.bytes.size());
  }
  return value;
}

Owned<OrtValue> make_sequence(const Library& library, std::span<const HostTensor> parts) {
  std::vector<Owned<OrtValue>> elements;
  std::vector<const OrtValue*> raw;
  for (const HostTensor& part : parts) {
    elements.push_back(make_tensor(library, part));
    raw.push_back(elements.back().get());
  }
  OrtValue* sequence = nullptr;
  library.check(library.api().CreateValue(raw.data(), raw.size(), ONNX_TYPE_SEQUENCE, &sequence));
  return own(library, sequence);
}

std::vector<std::byte> string_bytes(const Library& library, const OrtValue* value,
                                    std::size_t count) {
  std::size_t length = 0;
  library.check(library.api().GetStringTensorDataLength(value, &length));
  std::vector<char> text(length + 1);
  std::vector<std::size_t> offsets(count + 1);
  if (count > 0) {
    library.check(
        library.api().GetStringTensorContent(value, text.data(), length, offsets.data(), count));
  }
  offsets[count] = length;
  std::vector<std::string> strings;
  for (std::size_t i = 0; i < count; ++i) {
    strings.emplace_back(text.data() + offsets[i], offsets[i + 1] - offsets[i]);
  }
  return protocol::encode_strings(strings);
}

HostTensor read_tensor(const Library& library, const OrtValue* value, const std::string& name) {
  const OrtApi& api = library.api();
  OrtTensorTypeAndShapeInfo* raw = nullptr;
  library.check(api.GetTensorTypeAndShape(value, &raw));
  const Owned<OrtTensorTypeAndShapeInfo> info(raw, api.ReleaseTensorTypeAndShapeInfo);
  ONNXTensorElementDataType type = ONNX_TENSOR_ELEMENT_DATA_TYPE_UNDEFINED;
  std::size_t rank = 0;
  std::size_t count = 0;
  library.check(api.GetTensorElementType(raw, &type));
  library.check(api.GetDimensionsCount(raw, &rank));
  library.check(api.GetTensorShapeElementCount(raw, &count));
  HostTensor tensor{.name = name, .dtype = from_ort(type)};
  tensor.shape.resize(rank);
  library.check(api.GetDimensions(raw, tensor.shape.data(), rank));
  if (tensor.dtype == ir::DType::String) {
    tensor.bytes = string_bytes(library, value, count);
    return tensor;
  }
  const auto size = ir::byte_size(tensor.dtype, static_cast<std::int64_t>(count));
  if (!size)
    throw Refusal("unsupported",
                  fmt::format("`{}` has an element type that ponte does not know", name));
  if (*size > 0) {
    void* data = nullptr;
    library.check(api.GetTensorMutableData(const_cast<OrtValue*>(value), &data));
    const auto* bytes = static_cast<const std::byte*>(data);
    tensor.bytes.assign(bytes, bytes + *size);
  }
  return tensor;
}

void append_sequence(const Library& library, const OrtValue* value, const std::string& name,
                     std::vector<HostTensor>& out) {
  std::size_t count = 0;
  library.check(library.api().GetValueCount(value, &count));
  if (count == 0) out.push_back({.name = name, .shape = {0}, .part = Part::EmptySequence});
  for (std::size_t i = 0; i < count; ++i) {
    OrtValue* raw = nullptr;
    library.check(
        library.api().GetValue(value, static_cast<int>(i), default_allocator(library), &raw));
    const Owned<OrtValue> element = own(library, raw);
    append_tensors(library, raw, name, out);
    out.back().part = Part::Element;
  }
}

void fill_tensor_type(const Library& library, const OrtTypeInfo* type, protocol::ValueInfo& value) {
  const OrtApi& api = library.api();
  const OrtTensorTypeAndShapeInfo* info = nullptr;
  library.check(api.CastTypeInfoToTensorInfo(type, &info));
  if (info == nullptr) return;
  ONNXTensorElementDataType element = ONNX_TENSOR_ELEMENT_DATA_TYPE_UNDEFINED;
  std::size_t rank = 0;
  library.check(api.GetTensorElementType(info, &element));
  library.check(api.GetDimensionsCount(info, &rank));
  value.dtype = from_ort(element);
  value.shape.emplace(rank);
  library.check(api.GetDimensions(info, value.shape->data(), rank));
}

std::string_view kind_name(ONNXType type) {
  switch (type) {
    case ONNX_TYPE_TENSOR:
      return "tensor";
    case ONNX_TYPE_SEQUENCE:
      return "sequence";
    case ONNX_TYPE_MAP:
      return "map";
    case ONNX_TYPE_OPTIONAL:
      return "optional";
    case ONNX_TYPE_SPARSETENSOR:
      return "sparse";
    default:
      return "unknown";
  }
}

}  // namespace

Owned<OrtValue> to_value(const Library& library, std::span<const HostTensor> parts) {
  switch (parts.front().part) {
    case Part::Whole:
      return make_tensor(library, parts.front());
    case Part::Element:
      return make_sequence(library, parts);
    default:
      throw Refusal("unsupported",
                    fmt::format("the C API can't make the empty value `{}`", parts.front().name));
  }
}

void append_tensors(const Library& library, const OrtValue* value, const std::string& name,
                    std::vector<HostTensor>& out) {
  int has_value = 0;
  library.check(library.api().HasValue(value, &has_value));
  if (has_value == 0) {
    out.push_back({.name = name, .part = Part::Absent});
    return;
  }
  ONNXType type = ONNX_TYPE_UNKNOWN;
  library.check(library.api().GetValueType(value, &type));
  switch (type) {
    case ONNX_TYPE_TENSOR:
      out.push_back(read_tensor(library, value, name));
      return;
    case ONNX_TYPE_SEQUENCE:
      append_sequence(library, value, name, out);
      return;
    default:
      throw Refusal("unsupported",
                    fmt::format("output `{}` is a {}, which the protocol can't carry", name,
                                kind_name(type)));
  }
}

std::vector<protocol::ValueInfo> session_values(const Library& library, const OrtSession* session,
                                                Side side) {
  const OrtApi& api = library.api();
  const bool inputs = side == Side::Inputs;
  std::size_t count = 0;
  library.check(inputs ? api.SessionGetInputCount(session, &count)
                       : api.SessionGetOutputCount(session, &count));
  std::vector<protocol::ValueInfo> values(count);
  for (std::size_t i = 0; i < count; ++i) {
    char* name = nullptr;
    OrtTypeInfo* raw = nullptr;
    OrtAllocator* allocator = default_allocator(library);
    library.check(inputs ? api.SessionGetInputName(session, i, allocator, &name)
                         : api.SessionGetOutputName(session, i, allocator, &name));
    values[i].name = take_text(library, name);
    library.check(inputs ? api.SessionGetInputTypeInfo(session, i, &raw)
                         : api.SessionGetOutputTypeInfo(session, i, &raw));
    const Owned<OrtTypeInfo> info = own(library, raw);
    ONNXType type = ONNX_TYPE_UNKNOWN;
    library.check(api.GetOnnxTypeFromTypeInfo(raw, &type));
    values[i].kind = kind_name(type);
    fill_tensor_type(library, raw, values[i]);
  }
  return values;
}

}  // namespace ponte::worker
