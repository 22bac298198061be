// `ponte runs` and `ponte report`: what the store holds.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "base/json.h"
#include "report/report.h"
#include "store/records.h"

namespace ponte::jobs {

struct RunsResult {
  std::filesystem::path store;
  std::vector<store::Run> runs;  // the latest first
};

// Where there is no store yet there are no runs; none is made.
RunsResult list_runs(const std::filesystem::path& store);
// Throws UnknownRun before anything is deleted, and RunInUse.
RunsResult delete_runs(const std::filesystem::path& store, const std::vector<std::string>& runs);

Json to_json(const RunsResult& result);

// "2025-03-01T12:34:56.789Z"
std::string to_string(store::Timestamp time);

enum class ReportForm : std::uint8_t { Html, Json, Markdown, Csv };

// A stored run: the document that says most about it, and every measured execution.
struct StoredReport {
  store::Run run;
  Json document;
  std::vector<report::TrialSamples> samples;
};

// The run with this number, or the latest one that has a document where `run` is empty. Throws
// UnknownRun, also for a run without a document.
StoredReport load_report(const std::filesystem::path& store, const std::string& run);
StoredReport load_report(const std::filesystem::path& store, store::RunId run);

std::string render(const StoredReport& report, ReportForm form);

// The second run against the first, as ponte/comparison/1. Throws UnknownRun.
Json compare_runs(const std::filesystem::path& store, const std::string& first,
                  const std::string& second);

}  // namespace ponte::jobs
