// Markdown and CSV.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "base/error.h"
#include "report/examples.h"
#include "report/report.h"

namespace ponte::report {
namespace {

using testing::HasSubstr;
using testing::Not;

std::vector<std::string> lines_of(const std::string& text, const std::string& end) {
  std::vector<std::string> out;
  for (std::size_t start = 0; start < text.size();) {
    const std::size_t stop = std::min(text.find(end, start), text.size());
    out.push_back(text.substr(start, stop - start));
    start = stop + end.size();
  }
  return out;
}

// RFC 4180, one line.
std::vector<std::string> csv_cells(const std::string& line) {
  std::vector<std::string> out(1);
  bool inside = false;
  for (std::size_t i = 0; i < line.size(); ++i) {
    if (line[i] == '"' && inside && i + 1 < line.size() && line[i + 1] == '"') {
      out.back() += line[i++];
    } else if (line[i] == '"') {
      inside = !inside;
    } else if (line[i] == ',' && !inside) {
      out.emplace_back();
    } else {
      out.back() += line[i];
    }
  }
  return out;
}

TEST(MarkdownReport, TablesStayAsTheyWere) {
  for (const char* const name : {"caffe", "different", "bench_only"}) {
    expect_golden(std::string(name) + ".md", markdown(example(name)));
  }
}

TEST(MarkdownReport, EveryRowOfATableHasAsManyCellsAsItsTitle) {
  for (const char* const name : {"caffe", "onnx", "hostile"}) {
    std::size_t expected = 0;
    for (const std::string& line : lines_of(markdown(example(name)), "\n")) {
      if (!line.starts_with('|')) {
        expected = 0;
        continue;
      }
      std::size_t bars = 0;
      for (std::size_t i = 0; i < line.size(); ++i)
        bars += line[i] == '|' && (i == 0 || line[i - 1] != '\\');
      if (expected == 0) expected = bars;
      EXPECT_EQ(bars, expected) << line;
    }
  }
}

TEST(MarkdownReport, AVerdictBesideAnIntervalWithoutOneSaysWhatDecides) {
  EXPECT_THAT(
      markdown(nearly_a_difference()),
      HasSubstr("| 1.002 to 1.024 | no difference detected, would have found 2.40 %; claims "
                "need the 99 % interval, 0.995 to 1.031;"));
}

// An analysis with a problem of two parts, and two warnings of a trial.
Json warned() {
  Json document = example("caffe");
  const Json problem = {{"severity", "warning"},
                        {"code", "PT2999"},
                        {"message", "`conv1` has no bias"},
                        {"where", {{"node", "conv1"}}},
                        {"help", "look at it, then again"},
                        {"count", 3}};
  document["convert"]["problems"].push_back(problem);
  document["bench"]["problems"] = Json::array({problem});
  document["bench"]["trials"][0]["warnings"] = Json::array(
      {{{"code", "drift"}, {"message", "durations drift within 3 of 5 processes"}}, "a | b"});
  return document;
}

TEST(MarkdownReport, WarningsOfTrialsAndProblemsAreInIt) {
  const std::string text = markdown(warned());
  EXPECT_THAT(text, HasSubstr("| durations drift within 3 of 5 processes; a \\| b |"));
  const std::string line =
      "- warning `PT2999`: `conv1` has no bias (3 times), at `conv1`; look at it, then again\n";
  ASSERT_THAT(text, HasSubstr(line));
  EXPECT_EQ(text.find("PT2999"), text.rfind("PT2999")) << "each problem once";
}

TEST(CsvReport, WarningsOfTrialsAndProblemsAreInIt) {
  const std::string text = csv(warned());
  EXPECT_THAT(text, HasSubstr(",\"durations drift within 3 of 5 processes; a | b\","));
  EXPECT_THAT(text,
              HasSubstr(",warning,PT2999,`conv1` has no bias,3,\"look at it, then again\"\r\n"));
  EXPECT_EQ(text.find("PT2999"), text.rfind("PT2999")) << "each problem once";
  const std::vector<std::string> lines = lines_of(text, "\r\n");
  for (const std::string& line : lines)
    EXPECT_EQ(csv_cells(line).size(), csv_cells(lines[0]).size()) << line;
}

// Outside of code spans, where it would be text, no character of a name may start markup.
TEST(MarkdownReport, NamesCanNotBecomeMarkup) {
  for (const std::string& line : lines_of(markdown(example("hostile")), "\n")) {
    std::size_t fence = 0;
    for (std::size_t i = 0; i < line.size(); ++i) {
      if (line[i] == '`' && (i == 0 || line[i - 1] != '\\' || fence > 0)) {
        std::size_t run = 1;
        while (i + run < line.size() && line[i + run] == '`') ++run;
        if (fence == 0) {
          fence = run;
        } else if (fence == run) {
          fence = 0;
        }
        i += run - 1;
      } else if (fence == 0 && (line[i] == '<' || line[i] == '[')) {
        ASSERT_GT(i, 0u);
        EXPECT_EQ(line[i - 1], '\\') << line;
      } else if (fence == 0 && line[i] == '@') {
        EXPECT_EQ(line.compare(i + 1, 3, "\u200b"), 0) << line;
      }
    }
    EXPECT_EQ(fence, 0u) << line;
  }
}

TEST(CsvReport, TrialsAndComparisonsShareOneTable) {
  const std::vector<std::string> lines = lines_of(csv(example("bench_only")), "\r\n");
  ASSERT_EQ(lines.size(), 5u);
  const std::vector<std::string> titles = csv_cells(lines[0]);
  for (const std::string& line : lines) EXPECT_EQ(csv_cells(line).size(), titles.size());
  const auto cell = [&](std::size_t row, const char* title) {
    return csv_cells(
        lines[row])[static_cast<std::size_t>(std::ranges::find(titles, title) - titles.begin())];
  };
  EXPECT_EQ(cell(1, "record"), "trial");
  EXPECT_EQ(cell(1, "median_ns"), "2950000");
  EXPECT_EQ(cell(3, "status"), "timed_out");
  EXPECT_EQ(cell(3, "median_ns"), "");
  EXPECT_EQ(cell(4, "record"), "comparison");
  EXPECT_EQ(cell(4, "ratio"), "0.9878");
  EXPECT_EQ(cell(4, "median_ns"), "");
}

TEST(CsvReport, NoCellIsAFormula) {
  for (const std::string& line : lines_of(csv(example("hostile")), "\r\n")) {
    for (const std::string& cell : csv_cells(line)) {
      if (cell.empty() || cell.find_first_not_of("-+.eE0123456789") == std::string::npos) continue;
      EXPECT_EQ(std::string_view("=+-@\t\r").find(cell[0]), std::string_view::npos) << cell;
      EXPECT_EQ(std::ranges::count(cell, '\n'), 0) << cell;
    }
  }
  EXPECT_THAT(csv(example("hostile")), HasSubstr("\"'=HYPERLINK(\"\"http://x\"\")\""));
}

TEST(CsvReport, FormulasAreNeutralisedWhateverTheyStartWith) {
  for (const char* const text : {"=1+1", "+1", "-1", "@x", " =1", "＝1"}) {
    const Json document = {{"schema", "ponte/bench/1"},
                           {"trials", {{{"id", text}, {"median_ns", -1.5}}}}};
    const std::string table = csv(document);
    EXPECT_THAT(table, HasSubstr(std::string("trial,'") + text)) << text;
    EXPECT_THAT(table, HasSubstr(",-1.5,")) << "numbers stay numbers";
    EXPECT_THAT(table, Not(HasSubstr("'-1.5")));
  }
}

TEST(TableReports, ADocumentWithoutAReportIsRefused) {
  EXPECT_THROW(markdown(example("ops")), Error);
  EXPECT_THROW(csv(example("runtimes")), Error);
}

}  // namespace
}  // namespace ponte::report
