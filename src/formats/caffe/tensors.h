// Blobs: Caffe's tensors in files, and those that are drawn for networks without a file of weights.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "formats/caffe/message.h"
#include "formats/shared/wire.h"
#include "ir/tensor.h"

namespace ponte::caffe {

// A BlobProto as f32. The payload stays in the file where it is packed floats. Shapes of old files
// (num, channels, height, width) have four dimensions. Throws TensorSizeMismatch,
// DimensionOutOfRange.
ir::Tensor decode_blob(shared::WireReader reader);
ir::Tensor text_blob(const Message& blob);

// What a blob is for; decides how it is drawn.
enum class BlobRole : std::uint8_t { Weight, Bias, Mean, Variance, Factor, Scale, Slope };

struct BlobSpec {
  BlobRole role;
  std::vector<std::int64_t> shape;
  std::int64_t fan_in = 1;  // of a weight
  double gain = 1;          // of weights and scales, when they are drawn
};

// A blob of a role: weights are normal with variance 2 / fan_in (He et al. 2015), the rest is such
// that the signal keeps its size. The same seed and stream give the same values.
ir::Tensor random_blob(const BlobSpec& spec, std::uint64_t seed, std::uint64_t stream);

// The blob with the shape of the spec: old files pad shapes with leading ones. Throws
// WeightsOfAnotherNetwork.
ir::Tensor fitted_blob(const ir::Tensor& blob, const BlobSpec& spec, std::size_t index);

}  // namespace ponte::caffe
