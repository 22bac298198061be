// The loaded library, and ownership of what its C API hands out.
#pragma once

#include <onnxruntime_c_api.h>

#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace ponte::worker {

// Collects what the runtime logs, from any of its threads.
class Log {
 public:
  static void ORT_API_CALL receive(void* log, OrtLoggingLevel severity, const char* category,
                                   const char* id, const char* place, const char* message);
  // What has come since the last call; at most 50 lines, each cut at 500 bytes.
  std::vector<std::string> take();

 private:
  std::mutex mutex_;
  std::vector<std::string> lines_;
};

class Library {
 public:
  // Throws Refusal("missing_library").
  explicit Library(const std::string& path);

  const OrtApi& api() const { return *api_; }
  OrtEnv* environment() const { return environment_.get(); }
  const std::string& version() const { return version_; }
  const std::string& path() const { return path_; }  // where the loader found it
  std::uint32_t api_version() const { return api_version_; }
  Log& log() { return *log_; }

  // Throws Refusal for a status that is an error, and releases it.
  void check(OrtStatus* status) const;

 private:
  const OrtApi* api_ = nullptr;
  std::string version_;
  std::string path_;
  std::uint32_t api_version_ = 0;
  std::unique_ptr<Log> log_;
  std::unique_ptr<OrtEnv, void (*)(OrtEnv*)> environment_{nullptr, nullptr};
};

template <typename T>
using Owned = std::unique_ptr<T, void (*)(T*)>;

inline Owned<OrtValue> own(const Library& library, OrtValue* value) {
  return {value, library.api().ReleaseValue};
}
inline Owned<OrtSession> own(const Library& library, OrtSession* session) {
  return {session, library.api().ReleaseSession};
}
inline Owned<OrtTypeInfo> own(const Library& library, OrtTypeInfo* info) {
  return {info, library.api().ReleaseTypeInfo};
}
inline Owned<OrtSessionOptions> own(const Library& library, OrtSessionOptions* options) {
  return {options, library.api().ReleaseSessionOptions};
}

// A text that the API's default allocator has made.
std::string take_text(const Library& library, char* text);
OrtAllocator* default_allocator(const Library& library);

}  // namespace ponte::worker
