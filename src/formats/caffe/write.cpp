#include "formats/caffe/write.h"

#include <utility>

#include "base/error.h"
#include "base/file_writer.h"
#include "formats/caffe/prototxt.h"
#include "formats/shared/wire.h"

namespace ponte::caffe {
namespace {

using shared::WireMessage;

// The numbers of BlobShape, BlobProto, LayerParameter and NetParameter in caffe.proto.
WireMessage encode_blob(const ir::Tensor& tensor) {
  WireMessage shape;
  shape.integers(1, tensor.shape());
  WireMessage blob;
  blob.tensor_data(5, tensor.data());
  blob.message(7, std::move(shape));
  return blob;
}

}  // namespace

void write_weights(std::string_view network_name, std::span<const LayerBlobs> layers,
                   const std::filesystem::path& path, const StopToken& stop) {
  WireMessage network;
  network.text(1, network_name);
  for (const LayerBlobs& blobs : layers) {
    WireMessage layer;
    layer.text(1, blobs.layer);
    layer.text(2, blobs.type);
    for (const ir::Tensor& tensor : blobs.blobs) layer.message(7, encode_blob(tensor));
    network.message(100, std::move(layer));
  }
  FileWriter file(path, stop);
  network.write_to(file);
  file.commit();
}

NetworkFiles write_deployed(const std::filesystem::path& source, const ReadOptions& options,
                            const std::filesystem::path& target, const StopToken& stop) {
  Diagnostics problems;
  const ReadResult read = read_with_blobs(source, options, problems);
  for (const Diagnostic& problem : problems.entries()) {
    if (problem.severity == Severity::Error)
      throw Error(problem.code, problem.message, problem.help).at(problem.where);
  }
  NetworkFiles files{.network = target, .weights = target};
  files.weights.replace_extension(".caffemodel");
  write_weights(read.model.graph->name, read.blobs, files.weights, stop);
  write_file(files.network, print_prototxt(read.network));
  return files;
}

}  // namespace ponte::caffe
