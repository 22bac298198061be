// The views of single documents on a terminal. Each appends lines, the most important one last.
#pragma once

#include <string>

#include "base/json_fwd.h"
#include "base/terminal.h"
#include "report/report.h"
#include "report/verdict.h"

namespace ponte::report {

// What the views need to know about where their text goes.
class View {
 public:
  explicit View(const TerminalStyle& style) : styles_(style.color), columns_(style.columns) {}

  std::string bold(std::string_view text) const { return styles_.apply(Style::Bold, text); }
  std::string dim(std::string_view text) const { return styles_.apply(Style::Dim, text); }
  std::string toned(Tone tone, std::string_view text) const;
  std::size_t columns() const { return columns_; }

  // A name out of a model for a cell of a table, shorter on a narrow terminal.
  std::string name(std::string_view text) const;

  // The same for a trial, whose end says most: what is too long loses its middle.
  std::string trial_name(std::string_view text) const;

  // Prose broken into lines at spaces.
  std::string wrapped(std::string_view text, std::size_t indent) const;

 private:
  Styles styles_;
  std::size_t columns_;
};

std::string inspect_view(const Json& inspect, const View& view);
std::string convert_view(const Json& convert, const View& view);
std::string verify_view(const Json& verify, const View& view);
// What was compared and assumed, and what inputs beside the deciding ones show.
std::string verify_inputs_view(const Json& verify, const View& view);
std::string verify_further_view(const Json& verify, const View& view);
std::string bench_view(const Json& bench, const View& view);
std::string findings_view(const Json& findings, const View& view);
std::string analyze_view(const Json& analysis, const View& view);
std::string runtimes_view(const Json& document, const View& view);
std::string formats_view(const Json& document, const View& view);
std::string ops_view(const Json& document, const View& view);
std::string conformance_view(const Json& document, const View& view);
std::string comparison_view(const Json& comparison, const View& view);

// Problems, one per line, with what helps; at most 20.
std::string problems_view(const Json& problems, const View& view);

// The last line of a report: the verdict as one sentence.
std::string verdict_line(const Json& analysis, const View& view);

}  // namespace ponte::report
