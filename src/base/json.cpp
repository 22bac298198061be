#include "base/json.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <unordered_set>
#include <utility>
#include <vector>

#include "base/error.h"

namespace ponte {
namespace {

// Builds the value itself: the library's own builder looks up every key among all before it, which
// takes a file of many keys minutes, and lets the last of duplicate keys win.
class Builder {
 public:
  Builder(std::string_view text, int max_depth) : text_(text), max_depth_(max_depth) {}

  Json take() { return std::move(root_); }

  bool null() { return add(nullptr); }
  bool boolean(bool value) { return add(value); }
  bool number_integer(Json::number_integer_t value) { return add(value); }
  bool number_unsigned(Json::number_unsigned_t value) { return add(value); }
  bool number_float(Json::number_float_t value, const std::string&) { return add(value); }
  bool string(std::string& value) { return add(std::move(value)); }
  bool binary(Json::binary_t& value) { return add(std::move(value)); }

  bool start_object(std::size_t) { return open(Json::object()); }
  bool start_array(std::size_t) { return open(Json::array()); }
  bool end_object() { return close(); }
  bool end_array() { return close(); }

  bool key(std::string& name) {
    Level& level = levels_.back();
    if (!level.keys.insert(name).second) {
      throw Error(Code::InvalidText,
                  fmt::format("the key `{}` occurs twice in one object", name.substr(0, 100)));
    }
    level.key = std::move(name);
    return true;
  }

  bool parse_error(std::size_t position, const std::string&,
                   const nlohmann::detail::exception& error) {
    const std::string_view before = text_.substr(0, std::min(position, text_.size()));
    const auto line = std::ranges::count(before, '\n') + 1;
    const std::size_t line_start = before.rfind('\n') + 1;  // npos + 1 is 0
    throw Error(Code::InvalidText, fmt::format("line {}, column {}: {}", line,
                                               before.size() - line_start, reason(error.what())))
        .at({.file = {}, .node = {}, .op = {}, .byte = before.size()});
  }

 private:
  struct Level {
    Json* value;
    std::string key;
    std::unordered_set<std::string> keys;
  };

  // The library's words without its own prefix and place.
  static std::string reason(std::string_view text) {
    if (const auto end = text.find("] "); end != std::string_view::npos)
      text.remove_prefix(end + 2);
    if (text.starts_with("parse error"))
      text.remove_prefix(std::min(text.find(": ") + 2, text.size()));
    return std::string(text.substr(0, 160));
  }

  Json* place(Json&& value) {
    if (levels_.empty()) {
      root_ = std::move(value);
      return &root_;
    }
    Level& level = levels_.back();
    if (level.value->is_array()) {
      auto& elements = level.value->get_ref<Json::array_t&>();
      return &elements.emplace_back(std::move(value));
    }
    auto& members = level.value->get_ref<Json::object_t&>();
    return &members.emplace_back(std::move(level.key), std::move(value)).second;
  }

  bool add(Json value) {
    place(std::move(value));
    return true;
  }

  bool open(Json container) {
    if (levels_.size() >= static_cast<std::size_t>(max_depth_)) {
      throw Error(Code::NestingTooDeep,
                  fmt::format("JSON nested deeper than {} levels", max_depth_));
    }
    Json* const value = place(std::move(container));
    levels_.push_back({value, {}, {}});
    return true;
  }

  bool close() {
    levels_.pop_back();
    return true;
  }

  std::string_view text_;
  int max_depth_;
  Json root_;
  std::vector<Level> levels_;
};

}  // namespace

Json number(double value) { return std::isfinite(value) ? Json(value) : Json(nullptr); }

Json parse_json(std::string_view text, int max_depth) {
  Builder builder(text, max_depth);
  Json::sax_parse(text, &builder);
  return builder.take();
}

std::string json_text(const Json& json) {
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + '\n';
}

std::string json_line(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace ponte
