// Text and tables in GitHub's Markdown.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace ponte::report {

// Text that nothing in it can turn into markup, a link or a mention.
std::string markdown_text(std::string_view text);

// An identifier out of a model.
std::string markdown_code(std::string_view name);

// Prose with identifiers in backticks.
std::string markdown_prose(std::string_view text);

class MarkdownTable {
 public:
  // A title that starts with ">" is aligned to the right.
  explicit MarkdownTable(const std::vector<std::string>& titles);

  void add_row(const std::vector<std::string>& cells);

  // At most 60 rows, with a note of how many more there are; nothing without rows.
  std::string text() const;

 private:
  std::string text_;
  std::size_t rows_ = 0;
};

}  // namespace ponte::report
