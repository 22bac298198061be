// Any bytes, as a prototxt and as a caffemodel: a coded error or a model that infers.
#include <cstdint>
#include <string_view>

#include "base/bytes.h"
#include "base/error.h"
#include "formats/caffe/read.h"

namespace {

template <typename Parse>
void read(const Parse& parse) {
  using namespace ponte;
  Diagnostics problems;
  try {
    caffe::read_network(parse(), "fuzz", {.random_weights = 1}, problems).model.graph->infer_all();
  } catch (const Error&) {
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace ponte;
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  read([&] { return caffe::parse_network(bytes, 64); });
  read([&] { return caffe::decode_network(whole(buffer_source(bytes)), 64); });
  return 0;
}
