#include "workers/opencv/mats.h"

#include <fmt/format.h>

#include <array>
#include <cstring>
#include <limits>

#include "runtimes/protocol/engine.h"

namespace ponte::worker {
namespace {

struct Row {
  ir::DType dtype;
  int depth;
};

constexpr auto rows = std::to_array<Row>({
    {ir::DType::Float32, CV_32F},
    {ir::DType::Uint8, CV_8U},
    {ir::DType::Int8, CV_8S},
    {ir::DType::Int32, CV_32S},
    {ir::DType::Float16, CV_16F},
    {ir::DType::Float64, CV_64F},
});

bool is_input_dtype(ir::DType dtype) {
  return dtype == ir::DType::Float32 || dtype == ir::DType::Uint8 || dtype == ir::DType::Int8;
}

}  // namespace

cv::Mat to_mat(const protocol::HostTensor& tensor) {
  if (!is_input_dtype(tensor.dtype) || tensor.part != protocol::Part::Whole) {
    throw protocol::Refusal(
        "unsupported", fmt::format("OpenCV's networks take f32, u8 and i8; `{}` is {}", tensor.name,
                                   ir::to_string(tensor.dtype)));
  }
  std::vector<int> shape;
  for (const std::int64_t dim : tensor.shape) {
    if (dim > std::numeric_limits<int>::max()) {
      throw protocol::Refusal("unsupported",
                              fmt::format("`{}` is too large for OpenCV", tensor.name));
    }
    shape.push_back(static_cast<int>(dim));
  }
  while (shape.size() < 2) shape.push_back(1);
  const auto* const row = std::ranges::find(rows, tensor.dtype, &Row::dtype);
  cv::Mat mat(static_cast<int>(shape.size()), shape.data(), CV_MAKETYPE(row->depth, 1));
  if (!tensor.bytes.empty()) std::memcpy(mat.data, tensor.bytes.data(), tensor.bytes.size());
  return mat;
}

protocol::HostTensor to_tensor(const cv::Mat& mat, const std::string& name) {
  const auto* const row = std::ranges::find(rows, mat.depth(), &Row::depth);
  if (row == rows.end())
    throw protocol::Refusal("unsupported", fmt::format("`{}` has an unknown depth", name));
  protocol::HostTensor tensor{.name = name, .dtype = row->dtype};
  for (int i = 0; i < mat.dims; ++i) tensor.shape.push_back(mat.size[i]);
  if (mat.channels() > 1) tensor.shape.push_back(mat.channels());
  if (mat.dims == 0) tensor.shape = {0};
  const cv::Mat whole = mat.isContinuous() ? mat : mat.clone();
  const auto* bytes = reinterpret_cast<const std::byte*>(whole.data);
  tensor.bytes.assign(bytes, bytes + whole.total() * whole.elemSize());
  return tensor;
}

}  // namespace ponte::worker
