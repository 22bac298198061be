#include "jobs/runs.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <ctime>

#include "base/error.h"
#include "base/json.h"
#include "jobs/problems.h"
#include "report/report.h"
#include "store/store.h"

namespace ponte::jobs {
namespace {

using store::DocumentKind;

// The one that contains the others first.
constexpr std::array documents_by_weight = {DocumentKind::Analyze, DocumentKind::Bench,
                                            DocumentKind::Verify, DocumentKind::Convert,
                                            DocumentKind::Inspect};

store::Store open_existing(const std::filesystem::path& path) {
  if (!std::filesystem::exists(path)) {
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

StoredReport latest_report(store::Store& store) {
  for (const store::Run& run : store.list_runs()) {
    StoredReport report{store.load_run(run.id), {}};
    if (auto document = weightiest_document(report.record)) {
      report.document = std::move(*document);
      return report;
    }
  }
  throw Error(Code::UnknownRun, "no stored run has a document", "`ponte runs` lists the runs");
}

void add_samples(const store::Process& process, report::TrialSamples& samples) {
  for (const store::Block& block : process.blocks) {
    if (block.phase != store::Phase::Measure) continue;
    const auto executions =
        static_cast<double>(std::max<std::uint64_t>(block.executions_per_sample, 1));
    for (const std::uint64_t sample : block.samples_ns) {
      samples.latencies_ns.push_back(static_cast<double>(sample) / executions);
      samples.process.push_back(static_cast<int>(process.id));
    }
  }
}

std::vector<report::TrialSamples> samples_of(const store::RunRecord& record) {
  std::vector<report::TrialSamples> all;
  for (const store::Trial& trial : record.trials) {
    report::TrialSamples samples{fmt::format("{}", static_cast<std::int64_t>(trial.id)), {}, {}};
    for (const store::ProcessPair& pair : record.pairs) {
      for (const store::Process& process : pair.processes) {
        if (pair.complete && process.trial == trial.id) add_samples(process, samples);
      }
    }
    all.push_back(std::move(samples));
  }
  return all;
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
  if (std::filesystem::exists(path)) result.runs = store::Store::open(path).list_runs();
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

Json to_json(const RunsResult& result) {
  Json runs = Json::array();
  for (const store::Run& run : result.runs) {
    runs.push_back({{"id", static_cast<std::int64_t>(run.id)},
                    {"status", store::to_string(run.status)},
                    {"started_at", to_string(run.started_at)},
                    {"finished_at", run.finished_at ? Json(to_string(*run.finished_at)) : Json()},
                    {"command_line", run.command_line},
                    {"program_version", run.program_version}});
  }
  return {{"schema", "ponte/runs/1"}, {"store", result.store.string()}, {"runs", std::move(runs)}};
}

StoredReport load_report(const std::filesystem::path& path, const std::string& run) {
  store::Store store = open_existing(path);
  if (run.empty()) return latest_report(store);
  StoredReport report{store.load_run(parse_run(run)), {}};
  auto document = weightiest_document(report.record);
  if (!document) {
    throw Error(Code::UnknownRun, fmt::format("run {} has no document", run),
                "it was interrupted early; the same command again resumes it");
  }
  report.document = std::move(*document);
  return report;
}

std::string render(const StoredReport& report, ReportForm form) {
  if (form == ReportForm::Markdown) return report::markdown(report.document);
  if (form == ReportForm::Csv) return report::csv(report.document);
  const auto samples = samples_of(report.record);
  return report::html({report.document, samples, report.record.run.command_line});
}

}  // namespace ponte::jobs
