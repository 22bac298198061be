// PONTE_CHECK: programmer errors, unreachable from any input file.
#pragma once

namespace ponte {

// Throws Error(Code::InternalError) that names the condition and its place.
[[noreturn]] void check_failed(const char* condition, const char* file, int line);

}  // namespace ponte

#define PONTE_CHECK(condition) \
  ((condition) ? static_cast<void>(0) : ::ponte::check_failed(#condition, __FILE__, __LINE__))
