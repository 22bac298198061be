#include "report/markdown_table.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"

namespace ponte::report {
namespace {

constexpr std::size_t most_rows = 60;
constexpr std::size_t longest_text = 600;
constexpr std::size_t longest_name = 80;

}  // namespace

std::string markdown_text(std::string_view text) {
  std::string out;
  for (const char c : escape_control(text, longest_text)) {
    if (std::string_view("\\`*_[]<>|~#&!").find(c) != std::string_view::npos) out += '\\';
    out += c;
    if (c == '@') out += "\u200b";
  }
  return out;
}

std::string markdown_code(std::string_view name) {
  std::string text = escape_control(name, longest_name);
  if (text.empty()) return {};
  std::size_t longest_run = 0;
  for (std::size_t i = 0, run = 0; i < text.size(); ++i) {
    run = text[i] == '`' ? run + 1 : 0;
    longest_run = std::max(longest_run, run);
  }
  const std::string fence(longest_run + 1, '`');
  const std::string space = longest_run > 0 ? " " : "";
  std::string escaped;
  for (const char c : text) escaped += c == '|' ? std::string("\\|") : std::string(1, c);
  return fence + space + escaped + space + fence;
}

std::string markdown_prose(std::string_view text) {
  std::string out;
  const std::string shown = shorten(text, longest_text);
  std::string_view rest = shown;
  while (true) {
    const auto start = rest.find('`');
    const auto end = start == std::string_view::npos ? start : rest.find('`', start + 1);
    if (end == std::string_view::npos) return out + markdown_text(rest);
    out += markdown_text(rest.substr(0, start)) +
           markdown_code(rest.substr(start + 1, end - start - 1));
    rest.remove_prefix(end + 1);
  }
}

MarkdownTable::MarkdownTable(const std::vector<std::string>& titles) {
  std::string rule = "|";
  text_ = "|";
  for (std::string_view title : titles) {
    const bool right = title.starts_with('>');
    if (right) title.remove_prefix(1);
    text_ += fmt::format(" {} |", title);
    rule += right ? " ---: |" : " --- |";
  }
  text_ += "\n" + rule + "\n";
}

void MarkdownTable::add_row(const std::vector<std::string>& cells) {
  if (++rows_ > most_rows) return;
  text_ += "|";
  for (const std::string& cell : cells) text_ += fmt::format(" {} |", cell);
  text_ += "\n";
}

std::string MarkdownTable::text() const {
  if (rows_ == 0) return {};
  return text_ + (rows_ > most_rows ? fmt::format("\n{} more.\n", rows_ - most_rows) : "") + "\n";
}

}  // namespace ponte::report
