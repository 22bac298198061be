#include "base/descriptor.h"

#include <fmt/format.h>
#include <unistd.h>

#include <system_error>

#include "base/error.h"

namespace ponte {

Descriptor& Descriptor::operator=(Descriptor&& other) noexcept {
  if (this != &other) {
    reset();
    number_ = std::exchange(other.number_, -1);
  }
  return *this;
}

void Descriptor::reset() {
  if (number_ >= 0) ::close(number_);
  number_ = -1;
}

std::string system_message(int error) { return std::generic_category().message(error); }

void throw_system_error(Code code, std::string_view action, int error) {
  throw Error(code, fmt::format("{}: {}", action, system_message(error)));
}

}  // namespace ponte
