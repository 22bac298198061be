// Files that are cut short or have a flipped bit: a coded error, or a model that infers.
#include <gtest/gtest.h>

#include <functional>

#include "base/bytes.h"
#include "base/temporary_folder.h"
#include "formats/caffe/run.h"

namespace ponte::test {
namespace {

const caffe::ReadOptions drawn{.random_weights = 1};

// Whether the network reads; what it throws must be a coded error.
bool reads(const std::function<caffe::Network()>& decode) {
  Diagnostics problems;
  try {
    const caffe::ReadResult result = caffe::read_network(decode(), "damaged", drawn, problems);
    result.model.graph->infer_all();
    return !problems.has_errors();
  } catch (const Error&) {
    return false;
  }
}

bool text_reads(std::string_view text) {
  return reads([&] { return caffe::parse_network(text, 64); });
}

bool binary_reads(std::string_view bytes) {
  return reads([&] { return caffe::decode_network(whole(buffer_source(bytes)), 64); });
}

void damage(const std::string& original, bool (*still_reads)(std::string_view)) {
  ASSERT_TRUE(still_reads(original));
  for (std::size_t size = 0; size < original.size(); ++size)
    still_reads(std::string_view(original).substr(0, size));
  for (std::size_t bit = 0; bit < original.size() * 8; ++bit) {
    std::string changed = original;
    changed[bit / 8] = static_cast<char>(changed[bit / 8] ^ (1 << (bit % 8)));
    still_reads(changed);
  }
}

TEST(CaffeDamage, OfATextIsAnErrorOrAnotherNetwork) {
  for (const char* name : {"small.prototxt", "v1.prototxt", "v0.prototxt"}) {
    SCOPED_TRACE(name);
    damage(text_of(caffe_data() / name), text_reads);
  }
}

TEST(CaffeDamage, OfACaffemodelIsAnErrorOrAnotherNetwork) {
  for (const char* name : {"small.caffemodel", "v1.caffemodel"}) {
    SCOPED_TRACE(name);
    damage(text_of(caffe_data() / name), binary_reads);
  }
}

TEST(CaffeDamage, OfDetectionLayersIsAnErrorOrAnotherNetwork) {
  const std::string text =
      "layer { name: 'i' type: 'Input' top: 'd' top: 'x' top: 'l' top: 'c' input_param { "
      "shape { dim: 1 dim: 3 dim: 20 dim: 20 } shape { dim: 1 dim: 2 dim: 2 dim: 2 } "
      "shape { dim: 1 dim: 32 } shape { dim: 1 dim: 16 } } } "
      "layer { name: 'p' type: 'PriorBox' bottom: 'x' bottom: 'd' top: 'p' prior_box_param { "
      "min_size: 4 max_size: 9 step: 10 } } "
      "layer { name: 'o' type: 'DetectionOutput' bottom: 'l' bottom: 'c' bottom: 'p' top: 'o' "
      "detection_output_param { num_classes: 2 keep_top_k: 3 nms_param { top_k: 4 } } }";
  damage(text, text_reads);
}

TEST(CaffeDamage, OfTheWeightsOfANetworkIsNeverReadAsSound) {
  const TemporaryFolder folder;
  const std::string weights = text_of(caffe_data() / "small.caffemodel");
  const auto network = folder.write("net.prototxt", text_of(caffe_data() / "small.prototxt"));
  for (std::size_t size = 0; size < weights.size(); ++size) {
    const auto file = folder.write("cut.caffemodel", weights.substr(0, size));
    Diagnostics problems;
    bool sound = false;
    try {
      caffe::read(network, {.weights = file}, problems);
      sound = !problems.has_errors();
    } catch (const Error&) {
    }
    // The last layer, Softmax, has no weights: without it nothing is missing.
    if (sound) {
      EXPECT_GE(size, weights.size() - 32) << size;
    }
  }
}

TEST(CaffeDamage, OfSizesIsRefusedBeforeAnythingIsReserved) {
  const auto with_shape = [](const std::string& dims) {
    return "layer { name: 'i' type: 'Input' top: 'x' input_param { shape { " + dims + " } } } ";
  };
  const std::string huge = "dim: 1 dim: 281474976710656 dim: 64 dim: 64";
  for (const char* layer :
       {"type: 'BatchNorm'",
        "type: 'Pooling' pooling_param { kernel_size: 3 stride: 2 pad: 1 pool: AVE }",
        "type: 'Convolution' convolution_param { num_output: 16777216 kernel_size: 16777216 pad: "
        "16777216 }",
        "type: 'InnerProduct' inner_product_param { num_output: 281474976710656 }", "type: 'PReLU'",
        "type: 'Im2col' convolution_param { kernel_size: 3 }",
        "type: 'Tile' tile_param { tiles: 2147483647 }",
        "type: 'SPP' spp_param { pyramid_height: 16 }"}) {
    SCOPED_TRACE(layer);
    for (const std::string& shape :
         {huge, std::string("dim: 1 dim: 2 dim: 281474976710656 dim: 281474976710656")}) {
      text_reads(with_shape(shape) + "layer { name: 'y' bottom: 'x' top: 'y' " + layer + " }");
    }
  }
}

}  // namespace
}  // namespace ponte::test
