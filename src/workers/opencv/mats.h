// Tensors between the protocol's form and OpenCV's, which knows no shape with fewer than two
// dimensions.
#pragma once

#include <opencv2/core.hpp>

#include "runtimes/protocol/host_tensor.h"

namespace ponte::worker {

// A matrix that owns its memory. Throws Refusal for dtypes that OpenCV's networks don't take.
cv::Mat to_mat(const protocol::HostTensor& tensor);

// The shape is OpenCV's own: [3] comes back as [3, 1], a scalar as [1, 1].
protocol::HostTensor to_tensor(const cv::Mat& mat, const std::string& name);

}  // namespace ponte::worker
