#include "base/error.h"

#include <fmt/format.h>

#include <utility>

#include "base/check.h"

namespace ponte {

void Location::fill_from(const Location& outer) {
  if (file.empty()) file = outer.file;
  if (node.empty()) node = outer.node;
  if (op.empty()) op = outer.op;
  if (!byte) byte = outer.byte;
}

Error::Error(Code code, const std::string& message, std::string help)
    : std::runtime_error(message), code_(code), help_(std::move(help)) {}

Error&& Error::at(const Location& where) && {
  where_.fill_from(where);
  return std::move(*this);
}

void check_failed(const char* condition, const char* file, int line) {
  throw Error(Code::InternalError,
              fmt::format("`{}` does not hold at {}:{}", condition, file, line));
}

}  // namespace ponte
