// Checked access to the fields of a message's header: everything throws WorkerProtocol when it is
// missing or wrong.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json_fwd.h"

namespace ponte::protocol {

struct Limits;

// A header's text as an object; depth and size are bounded.
Json parse_header(std::string_view text, const Limits& limits);

// One object of a header. Does not own it.
class Fields {
 public:
  // `what` names the object in messages.
  Fields(const Json& object, std::string_view what);

  bool has(std::string_view key) const { return find(key) != nullptr; }
  std::string text(std::string_view key) const;
  std::string text_or(std::string_view key, std::string_view fallback) const;
  std::int64_t integer(std::string_view key) const;
  std::uint64_t count(std::string_view key) const;  // an integer that is not negative
  std::uint64_t count_or(std::string_view key, std::uint64_t fallback) const;
  double number(std::string_view key) const;
  bool flag_or(std::string_view key, bool fallback) const;
  std::vector<std::int64_t> integers(std::string_view key, std::uint64_t most) const;
  // Absent lists and maps are empty ones.
  std::vector<std::string> texts(std::string_view key) const;
  std::map<std::string, std::string> text_map(std::string_view key) const;
  const Json& list(std::string_view key) const;
  const Json& object(std::string_view key) const;

 private:
  const Json* find(std::string_view key) const;
  const Json& get(std::string_view key) const;
  [[noreturn]] void refuse(std::string_view key, std::string_view why) const;

  const Json& object_;
  std::string_view what_;
};

}  // namespace ponte::protocol
