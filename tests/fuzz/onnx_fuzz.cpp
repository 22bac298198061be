// Any bytes, as an ONNX model: a coded error or a model that infers.
#include <cstdint>
#include <string_view>

#include "base/bytes.h"
#include "base/error.h"
#include "formats/onnx/read.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace ponte;
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  Diagnostics problems;
  try {
    onnx::read(buffer_source(bytes), "fuzz.onnx", {}, problems).graph->infer_all();
  } catch (const Error&) {
  }
  return 0;
}
