#include "base/diagnostics.h"

#include <algorithm>
#include <utility>

namespace ponte {

std::string_view to_string(Severity severity) {
  switch (severity) {
    case Severity::Note:
      return "note";
    case Severity::Warning:
      return "warning";
    case Severity::Error:
      return "error";
  }
  return "error";
}

void Diagnostics::add(Diagnostic diagnostic) {
  const auto same = std::ranges::find_if(entries_, [&](const Diagnostic& entry) {
    return entry.severity == diagnostic.severity && entry.code == diagnostic.code &&
           entry.where.op == diagnostic.where.op && entry.message == diagnostic.message;
  });
  if (same == entries_.end()) {
    entries_.push_back(std::move(diagnostic));
  } else {
    same->count += diagnostic.count;
  }
}

void Diagnostics::add(const Error& error, const Location& where) {
  Diagnostic diagnostic{Severity::Error, error.code(), error.what(), error.where(), error.help()};
  diagnostic.where.fill_from(where);
  add(std::move(diagnostic));
}

void Diagnostics::warn(Code code, std::string message, Location where, std::string help) {
  add({Severity::Warning, code, std::move(message), std::move(where), std::move(help)});
}

void Diagnostics::note(Code code, std::string message, Location where, std::string help) {
  add({Severity::Note, code, std::move(message), std::move(where), std::move(help)});
}

void Diagnostics::append(const Diagnostics& other) {
  for (const Diagnostic& entry : other.entries_) add(entry);
}

bool Diagnostics::has_errors() const {
  return std::ranges::any_of(entries_,
                             [](const Diagnostic& d) { return d.severity == Severity::Error; });
}

}  // namespace ponte
