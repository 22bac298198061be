// Ownership of file descriptors, and the words for what the operating system says.
#pragma once

#include <string>
#include <string_view>
#include <utility>

#include "base/error_codes.h"

namespace ponte {

// Owns one file descriptor, or none (-1).
class Descriptor {
 public:
  Descriptor() = default;
  explicit Descriptor(int number) : number_(number) {}
  Descriptor(Descriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
  Descriptor& operator=(Descriptor&& other) noexcept;
  ~Descriptor() { reset(); }

  int get() const { return number_; }
  explicit operator bool() const { return number_ >= 0; }
  int release() { return std::exchange(number_, -1); }
  void reset();

 private:
  int number_ = -1;
};

// What an errno value means, in words; unlike strerror it may be called from any thread.
std::string system_message(int error);

// Throws Error(code) with "`action`: reason".
[[noreturn]] void throw_system_error(Code code, std::string_view action, int error);

}  // namespace ponte
