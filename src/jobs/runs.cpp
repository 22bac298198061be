#include "jobs/runs.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <ctime>

#include "base/error.h"
#include "base/json.h"
#include "jobs/problems.h"
#include "lab/results.h"
#include "report/run_comparison.h"
#include "store/store.h"

namespace ponte::jobs {
namespace {

using store::DocumentKind;

// The one that contains the others first.
constexpr std::array documents_by_weight = {DocumentKind::Analyze, DocumentKind::Bench,
                                            DocumentKind::Verify, DocumentKind::Convert,
                                            DocumentKind::Inspect};

// What can't be looked at is there: opening it says why it can't be used.
bool is_there(const std::filesystem::path& path) {
  std::error_code error;
  return std::filesystem::exists(path, error) || error;
}

store::Store open_existing(const std::filesystem::path& path) {
  if (!is_there(path)) {
    throw Error(Code::UnknownRun, "no run is stored yet",
                "`ponte analyze` and `ponte bench` store what they measure");
  }
  return store::Store::open(path);
}

store::RunId parse_run(const std::string& text) {
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) {
    throw Error(Code::UnknownRun, fmt::format("`{}` is no number of a run", text),
                "`ponte runs` lists them");
  }
  return store::RunId{number};
}

std::optional<Json> weightiest_document(const store::RunRecord& record) {
  for (const DocumentKind kind : documents_by_weight) {
    const auto it = record.documents.find(kind);
    if (it != record.documents.end()) return parse_json(it->second, 128);
  }
  return std::nullopt;
}

// The trials are known by their place in the plan, as in the document.
std::vector<report::TrialSamples> samples_of(const store::RunRecord& record) {
  std::vector<report::TrialSamples> all;
  for (const store::Trial& trial : record.trials) {
    lab::TrialSeries series = lab::series_of(record, trial.id);
    all.push_back({fmt::format("t{}", trial.ordinal + 1), std::move(series.latencies_ns),
                   std::move(series.process)});
  }
  return all;
}

std::optional<StoredReport> find_report(store::Store& store, store::RunId run) {
  const store::RunRecord record = store.load_run(run);
  auto document = weightiest_document(record);
  if (!document) return std::nullopt;
  return StoredReport{record.run, std::move(*document), samples_of(record)};
}

StoredReport latest_report(store::Store& store) {
  for (const store::Run& run : store.list_runs()) {
    if (auto report = find_report(store, run.id)) return std::move(*report);
  }
  throw Error(Code::UnknownRun, "no stored run has a document", "`ponte runs` lists the runs");
}

}  // namespace

std::string to_string(store::Timestamp time) {
  const auto seconds = std::chrono::floor<std::chrono::seconds>(time);
  const std::time_t whole = std::chrono::system_clock::to_time_t(seconds);
  std::tm utc{};
  ::gmtime_r(&whole, &utc);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z", utc.tm_year + 1900,
                     utc.tm_mon + 1, utc.tm_mday, utc.tm_hour, utc.tm_min, utc.tm_sec,
                     (time - seconds).count());
}

RunsResult list_runs(const std::filesystem::path& path) {
  RunsResult result{path, {}};
  if (is_there(path)) result.runs = store::Store::open(path).list_runs();
  return result;
}

RunsResult delete_runs(const std::filesystem::path& path, const std::vector<std::string>& runs) {
  store::Store store = open_existing(path);
  std::vector<store::RunId> ids;
  for (const std::string& run : runs) {
    ids.push_back(parse_run(run));
    store.load_run(ids.back());
  }
  for (const store::RunId id : ids) store.delete_run(id);
  return {path, store.list_runs()};
}

namespace {

Json run_json(const store::Run& run) {
  return {{"id", static_cast<std::int64_t>(run.id)},
          {"status", store::to_string(run.status)},
          {"started_at", to_string(run.started_at)},
          {"finished_at", run.finished_at ? Json(to_string(*run.finished_at)) : Json()},
          {"command_line", run.command_line},
          {"program_version", run.program_version}};
}

}  // namespace

Json to_json(const RunsResult& result) {
  Json runs = Json::array();
  for (const store::Run& run : result.runs) runs.push_back(run_json(run));
  return {{"schema", "ponte/runs/1"}, {"store", result.store.string()}, {"runs", std::move(runs)}};
}

StoredReport load_report(const std::filesystem::path& path, const std::string& run) {
  if (!run.empty()) return load_report(path, parse_run(run));
  store::Store store = open_existing(path);
  return latest_report(store);
}

StoredReport load_report(const std::filesystem::path& path, store::RunId run) {
  store::Store store = open_existing(path);
  auto report = find_report(store, run);
  if (report) return std::move(*report);
  const bool is_running = store.load_run(run).run.status == store::RunStatus::Running;
  throw Error(Code::UnknownRun,
              fmt::format("run {} has no document", static_cast<std::int64_t>(run)),
              is_running ? "it is still running"
                         : "it was interrupted early; the same command again resumes it");
}

std::string render(const StoredReport& report, ReportForm form) {
  switch (form) {
    case ReportForm::Json:
      return json_text(report.document);
    case ReportForm::Markdown:
      return report::markdown(report.document);
    case ReportForm::Csv:
      return report::csv(report.document);
    case ReportForm::Html:
      break;
  }
  return report::html({report.document, report.samples, report.run.command_line});
}

Json compare_runs(const std::filesystem::path& path, const std::string& first,
                  const std::string& second) {
  const StoredReport a = load_report(path, first);
  const StoredReport b = load_report(path, second);
  Json comparison = report::compare_runs(a.document, b.document);
  comparison["runs"] = Json::array({run_json(a.run), run_json(b.run)});
  return comparison;
}

}  // namespace ponte::jobs
