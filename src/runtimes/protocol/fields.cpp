#include "runtimes/protocol/fields.h"

#include <fmt/format.h>

#include <limits>

#include "base/error.h"
#include "base/json.h"
#include "runtimes/protocol/message.h"

namespace ponte::protocol {
namespace {

std::optional<std::int64_t> to_integer(const Json& json) {
  if (!json.is_number_integer()) return std::nullopt;
  if (json.is_number_unsigned() &&
      json.get<std::uint64_t>() > std::uint64_t{std::numeric_limits<std::int64_t>::max()}) {
    return std::nullopt;
  }
  return json.get<std::int64_t>();
}

}  // namespace

Json parse_header(std::string_view text, const Limits& limits) {
  try {
    Json json = parse_json(text, limits.depth);
    if (json.is_object()) return json;
  } catch (const Error& error) {
    throw Error(Code::WorkerProtocol, fmt::format("a message's header: {}", error.what()));
  }
  throw Error(Code::WorkerProtocol, "a message's header is no JSON object");
}

Fields::Fields(const Json& object, std::string_view what) : object_(object), what_(what) {
  if (!object.is_object()) throw Error(Code::WorkerProtocol, fmt::format("{} is no object", what));
}

std::string Fields::text(std::string_view key) const {
  const Json& value = get(key);
  if (!value.is_string()) refuse(key, "is no text");
  return value.get<std::string>();
}

std::string Fields::text_or(std::string_view key, std::string_view fallback) const {
  return has(key) ? text(key) : std::string(fallback);
}

std::int64_t Fields::integer(std::string_view key) const {
  const auto value = to_integer(get(key));
  if (!value) refuse(key, "is no integer");
  return *value;
}

std::uint64_t Fields::count(std::string_view key) const {
  const Json& value = get(key);
  if (!value.is_number_unsigned() &&
      !(value.is_number_integer() && value.get<std::int64_t>() >= 0)) {
    refuse(key, "is no count");
  }
  return value.get<std::uint64_t>();
}

std::uint64_t Fields::count_or(std::string_view key, std::uint64_t fallback) const {
  return has(key) ? count(key) : fallback;
}

double Fields::number(std::string_view key) const {
  const Json& value = get(key);
  if (!value.is_number()) refuse(key, "is no number");
  return value.get<double>();
}

bool Fields::flag_or(std::string_view key, bool fallback) const {
  const Json* value = find(key);
  if (value == nullptr) return fallback;
  if (!value->is_boolean()) refuse(key, "is neither true nor false");
  return value->get<bool>();
}

std::vector<std::int64_t> Fields::integers(std::string_view key, std::uint64_t most) const {
  const Json& values = get(key);
  if (!values.is_array() || values.size() > most) refuse(key, "is no list of integers");
  std::vector<std::int64_t> result;
  result.reserve(values.size());
  for (const Json& item : values) {
    const auto value = to_integer(item);
    if (!value) refuse(key, "is no list of integers");
    result.push_back(*value);
  }
  return result;
}

std::vector<std::string> Fields::texts(std::string_view key) const {
  const Json* values = find(key);
  if (values == nullptr) return {};
  if (!values->is_array()) refuse(key, "is no list of texts");
  std::vector<std::string> result;
  result.reserve(values->size());
  for (const Json& item : *values) {
    if (!item.is_string()) refuse(key, "is no list of texts");
    result.push_back(item.get<std::string>());
  }
  return result;
}

std::map<std::string, std::string> Fields::text_map(std::string_view key) const {
  const Json* values = find(key);
  if (values == nullptr) return {};
  if (!values->is_object()) refuse(key, "is no object of texts");
  std::map<std::string, std::string> result;
  for (const auto& [name, value] : values->items()) {
    if (!value.is_string()) refuse(key, "is no object of texts");
    result.emplace(name, value.get<std::string>());
  }
  return result;
}

const Json& Fields::list(std::string_view key) const {
  const Json& value = get(key);
  if (!value.is_array()) refuse(key, "is no list");
  return value;
}

const Json& Fields::object(std::string_view key) const {
  const Json& value = get(key);
  if (!value.is_object()) refuse(key, "is no object");
  return value;
}

const Json* Fields::find(std::string_view key) const {
  const auto it = object_.find(std::string(key));
  return it == object_.end() || it->is_null() ? nullptr : &*it;
}

const Json& Fields::get(std::string_view key) const {
  const Json* value = find(key);
  if (value == nullptr) refuse(key, "is missing");
  return *value;
}

void Fields::refuse(std::string_view key, std::string_view why) const {
  throw Error(Code::WorkerProtocol, fmt::format("`{}` of {} {}", key, what_, why));
}

}  // namespace ponte::protocol
