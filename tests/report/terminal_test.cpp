#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.h"
#include "base/utf8.h"
#include "report/examples.h"
#include "report/report.h"

namespace ponte::report {
namespace {

using testing::HasSubstr;
using testing::Not;

std::string last_line(const std::string& text) {
  const std::size_t end = text.find_last_not_of('\n');
  return text.substr(text.rfind('\n', end) + 1, end - text.rfind('\n', end));
}

TEST(TerminalReport, ViewsStayAsTheyWere) {
  for (const char* const name :
       {"caffe", "onnx", "different", "undecided", "bench_only", "inspect", "convert", "verify",
        "advise", "runtimes", "formats", "ops", "conformance"}) {
    expect_golden(std::string(name) + ".terminal.txt",
                  terminal(example(name), {.color = false, .columns = 120}));
  }
}

TEST(TerminalReport, TheMostImportantLineComesLast) {
  const TerminalStyle style{.color = false, .columns = 200};
  EXPECT_EQ(last_line(terminal(example("caffe"), style)),
            "✓ The same network, 1.84 times as fast on ONNX Runtime as on OpenCV DNN, its own "
            "runtime (1.82 to 1.85)");
  EXPECT_EQ(last_line(terminal(example("onnx"), style)),
            "✓ The same network, 7.8 % faster with allow spinning 0 than with ONNX Runtime's "
            "defaults (7.0 to 8.7 %)");
  EXPECT_EQ(last_line(terminal(example("different"), style)),
            "✗ Not the same network; first wrong: `conv3` (Conv)");
  EXPECT_EQ(last_line(terminal(example("conformance"), style)),
            "ONNX Runtime 1.32.0 passes 884 of 953 cases, 60 failed, 1 crashed, 1 timed out, 4 not "
            "implemented, 2 type unsupported, 1 skipped");
}

TEST(TerminalReport, ColourIsUsedOnlyWhereAskedFor) {
  EXPECT_THAT(terminal(example("caffe"), {.color = false, .columns = 80}), Not(HasSubstr("\x1b")));
  EXPECT_THAT(terminal(example("caffe"), {.color = true, .columns = 80}), HasSubstr("\x1b[32m"));
}

TEST(TerminalReport, ControlBytesOfAModelDoNotReachTheTerminal) {
  const std::string text = terminal(example("hostile"), {.color = false, .columns = 80});
  for (const char c : text)
    EXPECT_TRUE(static_cast<unsigned char>(c) >= 0x20 || c == '\n') << static_cast<int>(c);
  EXPECT_THAT(text, Not(HasSubstr("\u202e")));
  EXPECT_THAT(text, Not(HasSubstr(std::string(1'001, 'A'))));
}

TEST(TerminalReport, ProseIsBrokenAtTheWidthOfTheTerminal) {
  const std::string text = terminal(example("advise"), {.color = false, .columns = 50});
  std::size_t start = 0;
  for (std::size_t end = text.find('\n'); end != std::string::npos;
       start = end + 1, end = text.find('\n', start)) {
    const std::string line = text.substr(start, end - start);
    if (line.starts_with("      ")) {
      EXPECT_LE(display_width(line), 50u) << line;
    }
  }
}

TEST(TerminalReport, TrialsStayDistinctOnANarrowTerminal) {
  const std::string text = terminal(example("caffe"), {.color = false, .columns = 80});
  EXPECT_THAT(text, HasSubstr("graph optimization all "));
  EXPECT_THAT(text, HasSubstr("graph optimization basic "));
}

TEST(TerminalReport, AVerdictBesideAnIntervalWithoutOneSaysWhatDecides) {
  const TerminalStyle style{.color = false, .columns = 200};
  EXPECT_THAT(terminal(nearly_a_difference(), style),
              HasSubstr("against ONNX Runtime 1.20.0: claims need the 99 % "
                        "interval, 0.995 to 1.031"));
  EXPECT_THAT(terminal(nearly_a_difference(), style), HasSubstr("95 % interval"));
}

TEST(TerminalReport, ProblemsOfAStoredRunAreShownOnce) {
  const Json problems = Json::parse(
      R"([{"severity": "warning", "code": "PT2999", "message": "no bias", "count": 1}])");
  for (const char* const part : {"verify", "bench"}) {
    Json document = example(part == std::string("bench") ? "bench_only" : part);
    document["problems"] = problems;
    EXPECT_THAT(terminal(document, {}), HasSubstr("warning[PT2999]: no bias")) << part;
  }
  Json analysis = example("caffe");
  analysis["inspect"]["problems"] = problems;
  analysis["bench"]["problems"] = problems;
  analysis["problems"] = problems;
  const std::string text = terminal(analysis, {});
  EXPECT_THAT(text, HasSubstr("warning[PT2999]: no bias"));
  EXPECT_EQ(text.find("PT2999"), text.rfind("PT2999"));
}

TEST(TerminalReport, OneIsNoPlural) {
  const TerminalStyle style{.color = false, .columns = 200};
  const Json inspect = {{"schema", "ponte/inspect/1"}, {"nodes", 1}, {"parameters", 1}};
  EXPECT_EQ(last_line(terminal(inspect, style)), "1 node, 1 parameter");
  const Json convert = {{"schema", "ponte/convert/1"}, {"nodes", 1}, {"transposes", 1}};
  EXPECT_THAT(last_line(terminal(convert, style)), HasSubstr("1 node, 1 transpose left"));
  const Json verify = Json::parse(R"({"schema": "ponte/verify/1",
      "inputs": {"names": ["zeros"], "perturbed_runs": 1, "seed": 0},
      "overflows": [{"value": "y", "elements": 1}],
      "outputs": [{"name": "y", "ranking": {"top1_flips": 1, "rows": 2}}]})");
  const std::string text = terminal(verify, style);
  EXPECT_THAT(text, HasSubstr("1 perturbed run of the judge each"));
  EXPECT_THAT(text, HasSubstr("overflows its dtype in 1 element\n"));
  EXPECT_THAT(text, HasSubstr("1 of 2 rows has another first class"));
  const Json conformance = {{"schema", "ponte/conformance/1"}, {"passed", 1}, {"total", 1}};
  EXPECT_THAT(terminal(conformance, style), HasSubstr("passes 1 of 1 case\n"));
}

TEST(TerminalReport, AnUnknownSchemaIsRefused) {
  EXPECT_THROW(terminal(Json{{"schema", "ponte/bench/9"}}, {}), Error);
  EXPECT_THROW(terminal(Json(3), {}), Error);
}

}  // namespace
}  // namespace ponte::report
