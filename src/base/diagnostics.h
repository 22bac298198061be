// Diagnostics: problems found while going on, collected so that the user sees all of them in one
// run.
#pragma once

#include <string>
#include <vector>

#include "base/error.h"

namespace ponte {

enum class Severity : std::uint8_t { Note, Warning, Error };

std::string_view to_string(Severity severity);

struct Diagnostic {
  Severity severity = Severity::Error;
  Code code = Code::InternalError;
  std::string message;
  Location where;
  std::string help;
  int count = 1;  // how many equal ones this one stands for
};

// A list in the order of discovery. Equal problems (same severity, code, op and message) are one
// entry with a count and the place of the first.
class Diagnostics {
 public:
  void add(Diagnostic diagnostic);
  void add(const Error& error, const Location& where = {});
  void warn(Code code, std::string message, Location where = {}, std::string help = {});
  void note(Code code, std::string message, Location where = {}, std::string help = {});
  void append(const Diagnostics& other);

  bool has_errors() const;
  bool empty() const { return entries_.empty(); }
  const std::vector<Diagnostic>& entries() const { return entries_; }

 private:
  std::vector<Diagnostic> entries_;
};

}  // namespace ponte
