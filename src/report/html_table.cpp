#include "report/html_table.h"

#include <utility>

#include "base/check.h"
#include "report/figures.h"

namespace ponte::report {
namespace {

std::string_view kind_class(Cell kind) {
  switch (kind) {
    case Cell::Text:
      return "text";
    case Cell::Number:
      return "number";
    case Cell::Picture:
      return "picture";
  }
  return "text";
}

}  // namespace

HtmlTable::HtmlTable(std::string_view caption, std::vector<HtmlColumn> columns)
    : caption_(caption), columns_(std::move(columns)) {}

Markup HtmlTable::cells_markup(const std::vector<Markup>& cells) const {
  PONTE_CHECK(cells.size() == columns_.size());
  Markup out;
  for (std::size_t i = 0; i < cells.size(); ++i) {
    const std::string_view kind = kind_class(columns_[i].kind);
    if (i == 0) {
      out += report::markup(R"(<th scope="row" class="{}">{}</th>)", kind, cells[i]);
    } else {
      out += report::markup(R"(<td class="{}">{}</td>)", kind, cells[i]);
    }
  }
  return out;
}

void HtmlTable::add_row(const std::vector<Markup>& cells, std::string_view row_class) {
  const Markup content = cells_markup(cells);
  rows_ += row_class.empty() ? report::markup("<tr>{}</tr>\n", content)
                             : report::markup("<tr class=\"{}\">{}</tr>\n", row_class, content);
}

void HtmlTable::set_foot(const std::vector<Markup>& cells) {
  foot_ = report::markup("<tfoot><tr>{}</tr></tfoot>", cells_markup(cells));
}

Markup HtmlTable::markup() const {
  if (rows_.empty()) return {};
  Markup head;
  for (const HtmlColumn& column : columns_) {
    head += report::markup(R"(<th scope="col" class="{}">{}</th>)", kind_class(column.kind),
                           column.title);
  }
  return report::markup(
      "<div class=\"scroll\" role=\"region\" aria-label=\"{}\" "
      "tabindex=\"0\"><table class=\"columns-{}\"><caption>{}</caption>"
      "<thead><tr>{}</tr></thead>\n<tbody>{}</tbody>{}</table></div>\n",
      caption_, columns_.size(), caption_, head, rows_, foot_);
}

void FactList::add(std::string_view name, const Markup& value, std::string_view note) {
  if (value.empty()) return;
  const Markup remark =
      note.empty() ? Markup() : report::markup(R"(<span class="quiet">{}</span>)", note);
  entries_ += report::markup("<div><dt>{}</dt><dd>{}{}</dd></div>\n", name, value, remark);
}

void FactList::add(std::string_view name, std::string_view value, std::string_view note) {
  if (value.empty() || value == missing) return;
  add(name, report::markup("{}", value), note);
}

Markup FactList::markup() const {
  return entries_.empty() ? Markup() : report::markup("<dl class=\"facts\">{}</dl>\n", entries_);
}

Markup details(std::string_view summary, const Markup& content) {
  return content.empty() ? Markup()
                         : markup("<details><summary>{}</summary>{}</details>\n", summary, content);
}

}  // namespace ponte::report
