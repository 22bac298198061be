#include "base/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

#include "base/utf8.h"

namespace ponte {
namespace {

constexpr std::size_t longest_suggestion = 128;

std::string three_digits(double value) {
  const double magnitude = std::abs(value);
  const int decimals = magnitude < 9.995 ? 2 : magnitude < 99.95 ? 1 : 0;
  return fmt::format("{:.{}f}", value, decimals);
}

std::string lower_case(std::string_view text) {
  std::string lower(text);
  std::ranges::transform(lower, lower.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  return lower;
}

// In a short name one edit more makes every name near.
std::size_t largest_distance(std::string_view name) {
  const std::size_t letters = name.size() - std::min(name.find_first_not_of('-'), name.size());
  if (letters < 3) return 0;
  return letters < 6 ? 1 : std::min<std::size_t>(letters / 3, 3);
}

// A piece of the output and the columns that it takes.
struct Piece {
  std::string text;
  std::size_t width;
};

Piece escaped_piece(std::string_view text, std::size_t& position) {
  const std::size_t start = position;
  const auto character = decode_utf8(text, position);
  std::string piece;
  if (!character || *character < 0x20 || *character == 0x7F) {
    piece = fmt::format("\\x{:02x}", static_cast<unsigned char>(text[start]));
  } else if (is_hostile_to_terminals(*character)) {
    piece = fmt::format("\\u{{{:04x}}}", static_cast<std::uint32_t>(*character));
  } else {
    const int width = display_width(*character);
    return {std::string(text.substr(start, position - start)),
            static_cast<std::size_t>(std::max(width, 1))};
  }
  const std::size_t width = piece.size();
  return {std::move(piece), width};
}

Piece plain_piece(std::string_view text, std::size_t& position) {
  const std::size_t start = position;
  const auto character = decode_utf8(text, position);
  const int width = character ? display_width(*character) : 1;
  return {std::string(text.substr(start, position - start)), static_cast<std::size_t>(width)};
}

template <typename NextPiece>
std::string capped(std::string_view text, std::size_t max_length, NextPiece next_piece) {
  std::string out;
  std::size_t width = 0;
  std::size_t room_for_ellipsis = 0;  // length of `out` at which one more column is free
  for (std::size_t position = 0; position < text.size();) {
    const Piece piece = next_piece(text, position);
    if (width + piece.width > max_length) {
      out.resize(room_for_ellipsis);
      if (max_length > 0) out += "…";
      return out;
    }
    width += piece.width;
    out += piece.text;
    if (width < max_length) room_for_ellipsis = out.size();
  }
  return out;
}

}  // namespace

std::string group_digits(std::string digits) {
  const std::size_t first = digits.starts_with('-') ? 1 : 0;
  for (std::size_t i = digits.size(); i > first + 3;) {
    i -= 3;
    digits.insert(i, 1, ',');
  }
  return digits;
}

std::string escape_control(std::string_view text, std::size_t max_length) {
  return capped(text, max_length, escaped_piece);
}

std::string shorten(std::string_view text, std::size_t max_length) {
  return capped(text, max_length, plain_piece);
}

std::string format_size(std::uint64_t bytes) {
  if (bytes < 1000) return fmt::format("{} B", bytes);
  constexpr std::array units = {"kB", "MB", "GB", "TB", "PB", "EB"};
  double value = static_cast<double>(bytes) / 1000;
  std::size_t unit = 0;
  while (value >= 999.5 && unit + 1 < units.size()) {
    value /= 1000;
    ++unit;
  }
  return fmt::format("{} {}", three_digits(value), units[unit]);
}

std::string format_duration(std::chrono::duration<double> duration) {
  const double seconds = duration.count();
  if (!std::isfinite(seconds)) return "n/a";
  if (seconds < 0) return "-" + format_duration(-duration);
  if (seconds == 0) return "0 s";
  if (seconds < 999.5e-9) return three_digits(seconds * 1e9) + " ns";
  if (seconds < 999.5e-6) return three_digits(seconds * 1e6) + " µs";
  if (seconds < 999.5e-3) return three_digits(seconds * 1e3) + " ms";
  if (seconds < 99.95) return three_digits(seconds) + " s";
  if (seconds >= 1e15) return fmt::format("{:.3g} s", seconds);
  const auto whole = static_cast<std::int64_t>(std::llround(seconds));
  if (whole < 3600) return fmt::format("{} min {:02} s", whole / 60, whole % 60);
  return fmt::format("{} h {:02} min", grouped(whole / 3600), whole / 60 % 60);
}

std::string format_percent(double fraction) {
  return std::isfinite(fraction) ? three_digits(fraction * 100) + " %" : "n/a";
}

std::string format_ratio(double ratio) {
  return std::isfinite(ratio) ? three_digits(ratio) + "x" : "n/a";
}

std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> before_previous(b.size() + 1);
  std::vector<std::size_t> previous(b.size() + 1);
  std::vector<std::size_t> current(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) current[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    before_previous.swap(previous);
    previous.swap(current);
    current[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t replaced = previous[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
      current[j] = std::min({previous[j] + 1, current[j - 1] + 1, replaced});
      const bool swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
      if (swapped) current[j] = std::min(current[j], before_previous[j - 2] + 1);
    }
  }
  return current[b.size()];
}

NearestName::NearestName(std::string_view wanted)
    : wanted_(lower_case(wanted.substr(0, longest_suggestion + 1))),
      limit_(largest_distance(wanted_) + 1) {}

void NearestName::consider(std::string_view candidate) {
  if (wanted_.size() > longest_suggestion || candidate.size() > longest_suggestion) return;
  const std::size_t shorter = std::min(wanted_.size(), candidate.size());
  const std::size_t longer = std::max(wanted_.size(), candidate.size());
  if (longer - shorter >= limit_) return;
  const std::size_t distance = edit_distance(wanted_, lower_case(candidate));
  if (distance >= limit_) return;
  limit_ = distance;
  best_ = std::string(candidate);
}

}  // namespace ponte
