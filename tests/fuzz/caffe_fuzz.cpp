// Any bytes, as a prototxt or a caffemodel: a coded error or a model that infers.
#include <cstdint>
#include <string_view>

#include "base/bytes.h"
#include "base/error.h"
#include "formats/caffe/read.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace ponte;
  if (size == 0) return 0;
  // The first byte says which of the two.
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  Diagnostics problems;
  try {
    caffe::Network network = data[0] % 2 == 0
                                 ? caffe::parse_network(bytes, 64)
                                 : caffe::decode_network(whole(buffer_source(bytes)), 64);
    caffe::read_network(std::move(network), "fuzz", {.random_weights = 1}, problems)
        .model.graph->infer_all();
  } catch (const Error&) {
  }
  return 0;
}
