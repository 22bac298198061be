#include "report/fields.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "base/error.h"
#include "base/text.h"

namespace ponte::report {
namespace {

constexpr auto kinds =
    std::to_array<std::string_view>({"analyze", "inspect", "convert", "verify", "bench", "advise",
                                     "runtimes", "formats", "ops", "conformance", "comparison"});
constexpr auto parts = std::to_array<std::string_view>({"inspect", "convert", "verify", "bench"});

}  // namespace

const Json& field(const Json& object, std::string_view key) {
  static const Json nothing;
  if (!object.is_object()) return nothing;
  for (const auto& [name, value] : object.get_ref<const Json::object_t&>()) {
    if (name == key) return value;
  }
  return nothing;
}

std::string text_of(const Json& value) {
  if (value.is_null()) return {};
  if (value.is_string()) return value.get<std::string>();
  return json_line(value);
}

std::string list_text(const Json& value) {
  if (!value.is_array()) return text_of(value);
  std::string text;
  for (const Json& entry : value) {
    if (!text.empty()) text += ", ";
    text += text_of(entry);
  }
  return text;
}

std::string text_field(const Json& object, std::string_view key) {
  return text_of(field(object, key));
}

std::optional<double> number_of(const Json& value) {
  if (!value.is_number()) return std::nullopt;
  const double result = value.get<double>();
  return std::isfinite(result) ? std::optional(result) : std::nullopt;
}

std::optional<double> number_field(const Json& object, std::string_view key) {
  return number_of(field(object, key));
}

const Json::array_t& items(const Json& array) {
  static const Json::array_t none;
  return array.is_array() ? array.get_ref<const Json::array_t&>() : none;
}

const Json::object_t& members(const Json& object) {
  static const Json::object_t none;
  return object.is_object() ? object.get_ref<const Json::object_t&>() : none;
}

std::string schema_kind(const Json& document) {
  const std::string schema = text_field(document, "schema");
  for (const std::string_view kind : kinds) {
    if (schema == fmt::format("ponte/{}/1", kind)) return std::string(kind);
  }
  throw Error(Code::UnknownDocument,
              fmt::format("no view for a document of the schema `{}`", escape_control(schema, 60)),
              "a newer version of ponte may have written it");
}

Json as_analysis(const Json& document) {
  const std::string kind = schema_kind(document);
  if (kind == "analyze") return document;
  Json analysis = {{"schema", "ponte/analyze/1"}, {"run", field(document, "run")}};
  if (kind == "advise") {
    analysis["findings"] = field(document, "findings");
  } else if (std::ranges::find(parts, kind) != parts.end()) {
    analysis[kind] = document;
  } else {
    throw Error(Code::UnknownDocument, fmt::format("a `ponte/{}/1` document has no report", kind),
                "reports show analyses and their parts: inspect, convert, verify, bench, advise");
  }
  return analysis;
}

}  // namespace ponte::report
