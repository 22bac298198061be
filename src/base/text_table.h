// Tables of text with aligned columns.
#pragma once

#include <string>
#include <vector>

namespace ponte {

enum class Align { Left, Right };

struct TableColumn {
  std::string title;
  Align align = Align::Left;
};

// Rows of cells under titles, columns as wide as their widest cell on a terminal, two spaces apart.
// Cells may carry styles. No line ends in spaces.
class TextTable {
 public:
  explicit TextTable(std::vector<TableColumn> columns);

  // A row may have fewer cells than there are columns.
  void add_row(std::vector<std::string> cells);
  bool empty() const { return rows_.empty(); }

  // Each line starts with `indent` spaces and ends with a line feed; a line of titles unless all
  // are empty.
  std::string text(std::size_t indent = 0) const;

 private:
  std::string line(const std::vector<std::string>& cells, const std::vector<std::size_t>& widths,
                   std::size_t indent) const;

  std::vector<TableColumn> columns_;
  std::vector<std::vector<std::string>> rows_;
};

}  // namespace ponte
