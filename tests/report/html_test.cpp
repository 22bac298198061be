#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <memory>
#include <set>

#include "base/error.h"
#include "paths.h"
#include "report/assets.h"
#include "report/examples.h"
#include "report/fields.h"
#include "report/html_reader.h"
#include "report/report.h"

namespace ponte::report {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr auto page_examples =
    std::to_array<const char*>({"caffe", "onnx", "different", "undecided", "bench_only", "hostile",
                                "inspect", "convert", "verify", "advise"});

std::string page_of(std::string_view name) {
  const Json document = example(name);
  const std::vector<TrialSamples> samples = example_samples(document);
  return html(
      {document, samples, "ponte analyze det3.prototxt --weights det3.caffemodel --budget 2min"});
}

// Without printing the whole page where it is not so.
bool has(std::string_view page, std::string_view text) {
  return page.find(text) != std::string_view::npos;
}

std::string element_text(const std::vector<HtmlElement>& elements, std::string_view name) {
  const auto found = std::ranges::find(elements, name, &HtmlElement::name);
  return found == elements.end() ? "" : found->text;
}

// What `sha256sum` says, as a content security policy writes it.
std::string policy_hash_of(std::string_view text) {
  const std::filesystem::path path =
      std::filesystem::path(testing::TempDir()) / "ponte_report_asset";
  std::ofstream(path, std::ios::binary) << text;
  const std::unique_ptr<FILE, int (*)(FILE*)> pipe(
      popen(("sha256sum " + path.string()).c_str(), "r"), pclose);
  std::string bits;
  for (int i = 0; i < 64; ++i) {
    const int digit = std::fgetc(pipe.get());
    const int value = digit >= 'a' ? digit - 'a' + 10 : digit - '0';
    for (int bit = 3; bit >= 0; --bit) bits += (value >> bit & 1) != 0 ? '1' : '0';
  }
  bits += "00";
  std::string out = "sha256-";
  for (std::size_t i = 0; i < bits.size(); i += 6) {
    out += "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"[std::stoul(
        bits.substr(i, 6), nullptr, 2)];
  }
  return out + '=';
}

TEST(HtmlReport, PagesOfAllExamplesAreWrittenToTheBuildFolderAndNest) {
  const std::filesystem::path folder = test::program_folder() / "../report_pages";
  std::filesystem::create_directories(folder);
  for (const char* const name : page_examples) {
    const std::string page = page_of(name);
    std::ofstream(folder / (std::string(name) + ".html"), std::ios::binary) << page;
    EXPECT_NO_THROW(read_html(page)) << name;
  }
}

TEST(HtmlReport, TheTextOfThePageStaysAsItWas) {
  for (const char* const name : {"caffe", "onnx", "different", "undecided", "bench_only"}) {
    expect_golden(std::string(name) + ".page.txt", page_outline(page_of(name)));
  }
}

TEST(HtmlReport, ThePolicyAdmitsExactlyItsOwnStyleAndScript) {
  const std::string page = page_of("caffe");
  EXPECT_EQ(page_style.policy_hash, policy_hash_of(page_style.text));
  EXPECT_EQ(page_script.policy_hash, policy_hash_of(page_script.text));
  EXPECT_TRUE(has(page, "default-src 'none'; style-src '" + std::string(page_style.policy_hash) +
                            "'; script-src '" + std::string(page_script.policy_hash) + "'"));
  const std::vector<HtmlElement> elements = read_html(page);
  EXPECT_EQ(element_text(elements, "style"), page_style.text);
  EXPECT_EQ(elements.back().name, "script");
  EXPECT_EQ(elements.back().text, page_script.text);
}

TEST(HtmlReport, NothingInItNeedsANetwork) {
  for (const HtmlElement& element : read_html(page_of("caffe"))) {
    EXPECT_FALSE(element.attributes.contains("src"));
    const auto link = element.attributes.find("href");
    if (link != element.attributes.end()) {
      EXPECT_EQ(element.name, "a");
    }
  }
  EXPECT_THAT(std::string(page_style.text), Not(HasSubstr("url(")));
  EXPECT_THAT(std::string(page_style.text), Not(HasSubstr("@import")));
}

TEST(HtmlReport, ThePageIsUnder200KilobytesBeforeItsData) {
  const Json document = example("caffe");
  EXPECT_LT(html({document, {}, ""}).size(), 200'000u);
}

TEST(HtmlReport, TextOutOfAModelStaysText) {
  const std::string page = page_of("hostile");
  const std::vector<HtmlElement> elements =
      read_html(page);  // knows no img, no handlers, no styles
  EXPECT_EQ(std::ranges::count(elements, "script", &HtmlElement::name), 2);
  for (const HtmlElement& element : elements) {
    const auto link = element.attributes.find("href");
    if (link == element.attributes.end()) continue;
    EXPECT_TRUE(link->second.starts_with('#') || link->second.starts_with("https://"))
        << link->second;
  }
  EXPECT_TRUE(has(page, "&lt;script&gt;alert(1)&lt;/script&gt;"));
  EXPECT_TRUE(has(page, "\\x1b[31mred\\x07\\x00\\u{202e}gnp.exe"));
}

TEST(HtmlReport, NamesAreCapped) {
  Json document = example("hostile");
  const std::string page = html({document, {}, ""});
  const std::string visible = page.substr(0, page.find("<script type=\"application/json\""));
  EXPECT_FALSE(has(visible, std::string(4'001, 'A')));
  EXPECT_TRUE(has(visible, std::string(119, 'A') + "…"));
}

TEST(HtmlReport, TheEmbeddedDataIsTheDocumentAndCanNotCloseItsElement) {
  const Json document = example("hostile");
  const std::vector<TrialSamples> samples = {{"t1", {1000.4, 2000.6}, {0, 1}}};
  const std::string page = html({document, samples, "ponte </script>"});
  const std::vector<HtmlElement> elements = read_html(page);
  const auto data = std::ranges::find_if(elements, [](const HtmlElement& e) {
    return e.attributes.contains("id") && e.attributes.at("id") == "data";
  });
  ASSERT_NE(data, elements.end());
  EXPECT_EQ(data->text.find('<'), std::string::npos);
  const Json parsed = parse_json(data->text);
  EXPECT_EQ(parsed["analysis"], document);
  EXPECT_EQ(parsed["command_line"], "ponte </script>");
  EXPECT_EQ(parsed["samples"][0]["latencies_ns"], Json::parse("[1000, 2001]"));
  EXPECT_EQ(parsed["markdown"], markdown(document));
}

TEST(HtmlReport, TheFirstScreenSaysWhetherHowFastAndWhatFirst) {
  const std::string page = page_of("caffe");
  EXPECT_EQ(element_text(read_html(page), "h1"),
            "The same network, 1.84 times as fast on ONNX Runtime as on OpenCV DNN, its own "
            "runtime (1.82 to 1.85)");
  const std::size_t verdict = page.find("class=\"verdict good\"");
  const std::size_t navigation = page.find("<nav");
  ASSERT_LT(verdict, navigation);
  const std::string first = page.substr(verdict, navigation - verdict);
  EXPECT_TRUE(has(first, "at least 18.4 bits agree"));
  EXPECT_TRUE(has(first, "95 % interval"));
  EXPECT_TRUE(has(first, "Two threads are worth setting when the machine is shared"));
}

TEST(HtmlReport, ADifferentNetworkIsSaidFirstWithItsCulprit) {
  const std::string page = page_of("different");
  EXPECT_TRUE(has(page, "Not the same network; first wrong: <code>conv3</code> (Conv)</h1>"));
  EXPECT_TRUE(has(page, "37,526×"));
}

TEST(HtmlReport, AVerdictBesideAnIntervalWithoutOneSaysWhatDecides) {
  const std::string page = html({nearly_a_difference(), {}, ""});
  EXPECT_TRUE(has(page, "claims need the 99 % interval, 0.995 to 1.031</span>"));
  const std::size_t navigation = page.find("<nav");
  EXPECT_TRUE(has(page.substr(0, navigation), "claims need the 99 % interval, 0.995 to 1.031"));
}

TEST(HtmlReport, EverySampleOfASmallTrialIsADot) {
  Json document = example("bench_only");
  std::vector<TrialSamples> samples = {{"a", {}, {}}};
  for (int i = 0; i < 150; ++i) samples[0].latencies_ns.push_back(2.9e6 + 1000.0 * i);
  const std::string page = html({document, samples, ""});
  const std::vector<HtmlElement> elements = read_html(page);
  const auto dots = std::ranges::find_if(elements, [](const HtmlElement& e) {
    return e.name == "path" && e.attributes.at("class") == "dots";
  });
  ASSERT_NE(dots, elements.end());
  EXPECT_EQ(std::ranges::count(dots->attributes.at("d"), 'M'), 150);
}

TEST(HtmlReport, PicturesHaveATitleAndADescription) {
  const std::string page = page_of("caffe");
  std::size_t plots = 0;
  for (std::size_t at = page.find("role=\"img\""); at != std::string::npos;
       at = page.find("role=\"img\"", at + 1)) {
    EXPECT_EQ(page.compare(page.find('>', at) + 1, 7, "<title>"), 0) << page.substr(at, 100);
    ++plots;
  }
  EXPECT_GT(plots, 20u);
}

TEST(HtmlReport, IdsAreUniqueAndLabelsPointToThem) {
  std::set<std::string> ids;
  std::vector<std::string> labels;
  for (const HtmlElement& element : read_html(page_of("caffe"))) {
    if (element.attributes.contains("id")) {
      EXPECT_TRUE(ids.insert(element.attributes.at("id")).second);
    }
    if (element.attributes.contains("aria-labelledby"))
      labels.push_back(element.attributes.at("aria-labelledby"));
    if (element.attributes.contains("href") && element.attributes.at("href").starts_with('#'))
      labels.push_back(element.attributes.at("href").substr(1));
  }
  EXPECT_GT(labels.size(), 10u);
  for (const std::string& label : labels) EXPECT_TRUE(ids.contains(label)) << label;
}

TEST(HtmlReport, AFailedTrialIsARowWithItsReason) {
  const std::string page = page_of("onnx");
  EXPECT_TRUE(has(page, "<span class=\"badge bad\">crashed</span>"));
  EXPECT_TRUE(has(page, "signal 11 (segmentation fault)"));
}

TEST(HtmlReport, PartsOfAnyTypeAreLeftOut) {
  const Json wrong = {
      3, "text", nullptr, true, Json::array({1, "x", nullptr}), Json::object({{"a", 1}})};
  for (const char* const key :
       {"inspect", "convert", "verify", "bench", "findings", "files", "accuracy", "run"}) {
    for (const Json& value : wrong) {
      Json document = example("caffe");
      document[key] = value;
      EXPECT_NO_THROW(read_html(html({document, {}, ""}))) << key << value;
      EXPECT_NO_THROW(markdown(document));
      EXPECT_NO_THROW(csv(document));
      EXPECT_NO_THROW(terminal(document, {}));
    }
  }
}

// Every value of an example is replaced by values of other types and sizes, one at a time.
TEST(HtmlReport, NoValueOfADocumentBreaksThePage) {
  const Json original = example("different");
  const Json replacements = {
      nullptr, -1,    1e308,         5e-324,
      "",      "<b>", Json::array(), Json::object({{"x", Json::array({0})}})};
  const Json flat = original.flatten();
  std::size_t turn = 0;
  for (const auto& [pointer, value] : flat.items()) {
    if (pointer == "/schema") continue;
    Json document = original;
    document[Json::json_pointer(pointer)] = replacements[turn++ % replacements.size()];
    EXPECT_NO_THROW(read_html(html({document, {}, ""})))
        << pointer << document[Json::json_pointer(pointer)];
    EXPECT_NO_THROW(markdown(document)) << pointer;
    EXPECT_NO_THROW(csv(document)) << pointer;
    EXPECT_NO_THROW(terminal(document, {})) << pointer;
  }
}

TEST(HtmlReport, SamplesThatAreNoDurationsAreLeftOut) {
  const Json document = example("bench_only");
  const double nan = std::nan("");
  const std::vector<TrialSamples> samples = {
      {"a", {nan, -1, 0, 1e300, HUGE_VAL}, {0, 1}}, {"b", {5e6}, {}}, {"not there", {1, 2, 3}, {}}};
  EXPECT_NO_THROW(read_html(html({document, samples, ""})));
}

TEST(HtmlReport, ADocumentOfAnotherSchemaIsRefused) {
  for (const char* const schema : {"ponte/analyze/2", "ponte/ops/1", "", "<script>"}) {
    const Json document = {{"schema", schema}};
    try {
      html({document, {}, ""});
      FAIL() << schema;
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), Code::UnknownDocument);
    }
  }
}

}  // namespace
}  // namespace ponte::report
