// ponte::Error: this job can't go on.
#pragma once

#include <stdexcept>
#include <string>
#include <vector>

#include "base/error_codes.h"

namespace ponte {

// Where a problem lies. Empty fields are not known; `node` and `op` speak the source file's names.
struct Location {
  std::string file;
  std::string node;
  std::string op;
  std::optional<std::uint64_t> byte;

  // Takes from `outer` what is not known here.
  void fill_from(const Location& outer);
};

// An exception with a code, a message and a place. The message is matter of fact, without a full
// stop, with identifiers in backticks. Whoever knows the place fills it in, in exactly one catch
// per loop.
class Error : public std::runtime_error {
 public:
  Error(Code code, const std::string& message, std::string help = {});

  Code code() const { return code_; }
  ErrorKind kind() const { return code_page(code_).kind; }
  const std::string& help() const { return help_; }
  const Location& where() const { return where_; }

  Error&& at(const Location& where) &&;
  void fill_where(const Location& where) { where_.fill_from(where); }

 private:
  Code code_;
  std::string help_;
  Location where_;
};

}  // namespace ponte
