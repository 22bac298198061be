// Reading the files of $PONTE_MODELS, each beside reading its bytes alone.
#include <benchmark/benchmark.h>

#include <cstdlib>

#include "base/bytes.h"
#include "convert/convert.h"
#include "formats/caffe/network.h"
#include "formats/onnx/read.h"

namespace {

std::filesystem::path model(benchmark::State& state, const char* name) {
  const char* folder = std::getenv("PONTE_MODELS");
  const std::filesystem::path path = std::filesystem::path(folder ? folder : "") / name;
  std::error_code ignored;
  if (!std::filesystem::exists(path, ignored))
    state.SkipWithError("$PONTE_MODELS has no such file");
  return path;
}

constexpr const char* onnx_model = "onnx/ultraface-slim/version-slim-320.onnx";
constexpr const char* caffe_weights = "caffe/mtcnn-det3/det3.caffemodel";

void read_bytes(benchmark::State& state, const char* name) {
  const auto path = model(state, name);
  for (auto _ : state)
    benchmark::DoNotOptimize(ponte::whole(ponte::open_file(path)).read_all().data());
}

void read_onnx(benchmark::State& state) {
  const auto path = model(state, onnx_model);
  for (auto _ : state) {
    ponte::Diagnostics problems;
    benchmark::DoNotOptimize(ponte::onnx::read(path, {}, problems).graph.get());
  }
}
BENCHMARK(read_onnx);

void read_onnx_peer(benchmark::State& state) { read_bytes(state, onnx_model); }
BENCHMARK(read_onnx_peer);

void decode_caffemodel(benchmark::State& state) {
  const auto path = model(state, caffe_weights);
  for (auto _ : state)
    benchmark::DoNotOptimize(
        ponte::caffe::decode_network(ponte::whole(ponte::open_file(path)), 64).layers.data());
}
BENCHMARK(decode_caffemodel);

void decode_caffemodel_peer(benchmark::State& state) { read_bytes(state, caffe_weights); }
BENCHMARK(decode_caffemodel_peer);

}  // namespace
