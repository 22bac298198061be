// Tables of the page.
#pragma once

#include <string_view>
#include <vector>

#include "report/markup.h"

namespace ponte::report {

enum class Cell { Text, Number, Picture };

struct HtmlColumn {
  std::string_view title;
  Cell kind = Cell::Text;
};

class HtmlTable {
 public:
  // The caption is what a screen reader announces.
  HtmlTable(std::string_view caption, std::vector<HtmlColumn> columns);

  // One cell per column; the first one is the row's header.
  void add_row(const std::vector<Markup>& cells, std::string_view row_class = {});
  void set_foot(const std::vector<Markup>& cells);
  bool empty() const { return rows_.empty(); }
  Markup markup() const;

 private:
  Markup cells_markup(const std::vector<Markup>& cells) const;

  std::string_view caption_;
  std::vector<HtmlColumn> columns_;
  Markup rows_;
  Markup foot_;
};

// Names with values; entries without a value are left out.
class FactList {
 public:
  void add(std::string_view name, const Markup& value, std::string_view note = {});
  void add(std::string_view name, std::string_view value, std::string_view note = {});
  bool empty() const { return entries_.empty(); }
  Markup markup() const;

 private:
  Markup entries_;
};

// A part of the page that opens on demand.
Markup details(std::string_view summary, const Markup& content);

}  // namespace ponte::report
