#include "runtimes/protocol/memory_file.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "base/error.h"

namespace ponte::protocol {
namespace {

constexpr int all_seals = F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE;

void write_all(int file, std::uint64_t offset, std::span<const std::byte> bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::pwrite(file, bytes.data(), bytes.size(), static_cast<off_t>(offset));
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) {
      throw_system_error(Code::SystemCallFailed, "writing a memory file",
                         written == 0 ? ENOSPC : errno);
    }
    bytes = bytes.subspan(static_cast<std::size_t>(written));
    offset += static_cast<std::uint64_t>(written);
  }
}

}  // namespace

std::vector<std::uint64_t> tensor_offsets(std::span<const HostTensor> tensors) {
  std::vector<std::uint64_t> offsets;
  offsets.reserve(tensors.size());
  std::uint64_t end = 0;
  for (const HostTensor& tensor : tensors) {
    end = (end + tensor_alignment - 1) / tensor_alignment * tensor_alignment;
    offsets.push_back(end);
    end += tensor.bytes.size();
  }
  return offsets;
}

Descriptor write_memory_file(std::span<const HostTensor> tensors,
                             std::span<const std::uint64_t> offsets) {
  Descriptor file(::memfd_create("ponte-tensors", MFD_CLOEXEC | MFD_ALLOW_SEALING));
  if (!file) throw_system_error(Code::SystemCallFailed, "memfd_create", errno);
  for (std::size_t i = 0; i < tensors.size(); ++i) {
    write_all(file.get(), offsets[i], tensors[i].bytes);
  }
  if (::fcntl(file.get(), F_ADD_SEALS, all_seals) != 0) {
    throw_system_error(Code::SystemCallFailed, "sealing a memory file", errno);
  }
  return file;
}

std::uint64_t checked_size(const Descriptor& file) {
  const int seals = ::fcntl(file.get(), F_GET_SEALS);
  if (seals < 0) throw Error(Code::WorkerProtocol, "the tensors don't come in a memory file");
  if ((seals & all_seals) != all_seals) {
    throw Error(Code::WorkerProtocol, "the memory file with the tensors is not sealed");
  }
  struct stat status {};
  if (::fstat(file.get(), &status) != 0) {
    throw_system_error(Code::SystemCallFailed, "fstat of a memory file", errno);
  }
  const auto size = static_cast<std::uint64_t>(status.st_size);
  if (static_cast<std::uint64_t>(status.st_blocks) < size / 512) {
    throw Error(Code::WorkerProtocol, "the memory file with the tensors has holes");
  }
  return size;
}

void read_memory_file(const Descriptor& file, std::uint64_t offset, std::span<std::byte> out) {
  while (!out.empty()) {
    const ssize_t count = ::pread(file.get(), out.data(), out.size(), static_cast<off_t>(offset));
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) throw Error(Code::WorkerProtocol, "the memory file can't be read");
    out = out.subspan(static_cast<std::size_t>(count));
    offset += static_cast<std::uint64_t>(count);
  }
}

}  // namespace ponte::protocol
