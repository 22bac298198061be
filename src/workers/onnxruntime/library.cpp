#include "workers/onnxruntime/library.h"

#include <dlfcn.h>
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <string_view>
#include <utility>

#include "runtimes/protocol/engine.h"

namespace ponte::worker {
namespace {

using protocol::Refusal;

constexpr std::uint32_t oldest_api_version = 11;
constexpr std::size_t most_lines = 50;
constexpr std::size_t longest_line = 500;

// The 32 of "1.32.0": the version of the API that the library speaks.
std::uint32_t minor_version(std::string_view version) {
  const std::size_t dot = version.find('.');
  std::uint32_t minor = 0;
  if (dot != std::string_view::npos) {
    std::from_chars(version.data() + dot + 1, version.data() + version.size(), minor);
  }
  return minor;
}

std::string_view refusal_code(OrtErrorCode code, std::string_view message) {
  if (message.find("Failed to allocate memory") != std::string_view::npos ||
      message.find("bad_alloc") != std::string_view::npos) {
    return "out_of_memory";
  }
  switch (code) {
    case ORT_NO_SUCHFILE:
    case ORT_NO_MODEL:
    case ORT_INVALID_PROTOBUF:
    case ORT_INVALID_GRAPH:
      return "invalid_model";
    case ORT_NOT_IMPLEMENTED:
      return "unsupported";
    case ORT_INVALID_ARGUMENT:
      return "invalid_input";
    default:
      return "runtime_error";
  }
}

}  // namespace

void ORT_API_CALL Log::receive(void* log, OrtLoggingLevel, const char*, const char*, const char*,
                               const char* message) {
  auto& self = *static_cast<Log*>(log);
  const std::scoped_lock lock(self.mutex_);
  if (self.lines_.size() < most_lines)
    self.lines_.push_back(std::string(message).substr(0, longest_line));
}

std::vector<std::string> Log::take() {
  const std::scoped_lock lock(mutex_);
  return std::exchange(lines_, {});
}

Library::Library(const std::string& path) : log_(std::make_unique<Log>()) {
  void* handle = ::dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (handle == nullptr) throw Refusal("missing_library", ::dlerror());
  const auto get_base = reinterpret_cast<const OrtApiBase* (*)()>(::dlsym(handle, "OrtGetApiBase"));
  if (get_base == nullptr)
    throw Refusal("missing_library", fmt::format("`{}` is not ONNX Runtime", path));
  const OrtApiBase* base = get_base();
  version_ = base->GetVersionString();
  api_version_ = std::min<std::uint32_t>(ORT_API_VERSION, minor_version(version_));
  if (api_version_ < oldest_api_version) {
    throw Refusal("missing_library",
                  fmt::format("ONNX Runtime {} is too old; 1.{} is the oldest that works", version_,
                              oldest_api_version));
  }
  api_ = base->GetApi(api_version_);
  if (api_ == nullptr)
    throw Refusal("missing_library",
                  fmt::format("ONNX Runtime {} has no C API {}", version_, api_version_));
  Dl_info info{};
  path_ = ::dladdr(reinterpret_cast<const void*>(get_base), &info) != 0 ? info.dli_fname : path;
  OrtEnv* environment = nullptr;
  check(api_->CreateEnvWithCustomLogger(Log::receive, log_.get(), ORT_LOGGING_LEVEL_WARNING,
                                        "ponte", &environment));
  environment_ = {environment, api_->ReleaseEnv};
}

void Library::check(OrtStatus* status) const {
  if (status == nullptr) return;
  const std::string message = api_->GetErrorMessage(status);
  const OrtErrorCode code = api_->GetErrorCode(status);
  api_->ReleaseStatus(status);
  throw Refusal(std::string(refusal_code(code, message)), message);
}

OrtAllocator* default_allocator(const Library& library) {
  OrtAllocator* allocator = nullptr;
  library.check(library.api().GetAllocatorWithDefaultOptions(&allocator));
  return allocator;
}

std::string take_text(const Library& library, char* text) {
  std::string copy = text == nullptr ? "" : text;
  OrtAllocator* allocator = default_allocator(library);
  allocator->Free(allocator, text);
  return copy;
}

}  // namespace ponte::worker
