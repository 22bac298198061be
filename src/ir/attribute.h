// Attributes of nodes. Subgraphs stand beside them, in the node.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "ir/tensor.h"
#include "ir/type.h"

namespace ponte::ir {

// The numbers of ONNX's AttributeProto.AttributeType.
enum class AttributeKind : std::uint8_t {
  Undefined = 0,
  Float = 1,
  Int = 2,
  String = 3,
  Tensor = 4,
  Graph = 5,
  Floats = 6,
  Ints = 7,
  Strings = 8,
  Tensors = 9,
  Graphs = 10,
  SparseTensor = 11,
  SparseTensors = 12,
  Type = 13,
  Types = 14,
};

std::string_view to_string(AttributeKind kind);

// Coordinates and values of the elements that are not zero, as ONNX's SparseTensorProto keeps them:
// indices are i64[nnz] (row-major) or i64[nnz, rank].
struct SparseTensor {
  std::vector<std::int64_t> shape;
  Tensor values;
  Tensor indices;
};

// Inside a function's body: takes the value of the function's own attribute at each call.
struct AttributeReference {
  std::string name;
  AttributeKind kind = AttributeKind::Undefined;
};

using Attribute =
    std::variant<float, std::int64_t, std::string, Tensor, SparseTensor, Type, std::vector<float>,
                 std::vector<std::int64_t>, std::vector<std::string>, std::vector<Tensor>,
                 std::vector<SparseTensor>, std::vector<Type>, AttributeReference>;

AttributeKind kind_of(const Attribute& attribute);

using Attributes = std::map<std::string, Attribute, std::less<>>;

}  // namespace ponte::ir
