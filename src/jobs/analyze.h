// `ponte analyze`: what a model is, what it becomes, whether it stays the same network, how fast it
// is, and one report about all of it.
#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "jobs/accuracy.h"
#include "jobs/bench.h"
#include "jobs/convert.h"
#include "jobs/inspect.h"
#include "jobs/runs.h"
#include "jobs/verify.h"

namespace ponte::jobs {

// What is going to happen, told before it does.
struct AnalyzePlan {
  const lab::Plan& trials;      // none: nothing can be measured
  bool has_conversion = false;  // to ONNX
  bool has_accuracy = false;
  std::size_t trials_left_out = 0;  // settings that the budget has no room to vary
};

struct AnalyzeOptions {
  // The one model, runtimes, rules, inputs, store and so on. Settings are varied where none is
  // given. Samples with labels show the accuracy of each runtime.
  BenchOptions bench;
  UndecidedIs undecided = UndecidedIs::Failure;
  std::filesystem::path report = {};  // the file to write; empty: none
  ReportForm form = ReportForm::Html;
  std::function<void(const AnalyzePlan&)> on_plan = {};
  std::function<void(std::string_view step)> on_step = {};
};

struct AnalyzeResult {
  InspectResult inspect;
  std::optional<ConvertResult> convert;  // none for ONNX
  std::optional<VerifyJobResult> verify;
  std::vector<Accuracy> accuracy;
  std::optional<BenchResult> bench;
  Json findings = Json::array();    // as in ponte/advise/1
  std::optional<store::RunId> run;  // under which it is stored
  std::vector<convert::WrittenFile> files;
  Diagnostics problems;  // of all steps, each one once
};

// A step that fails has its reason in its part, and the others go on; only a model that can't be
// read ends it, and, before anything long begins, labels that are not there and a store or report
// that can't be written. After a stop the report has what there is. Throws nothing that a file, a
// runtime or the store can cause: it is in `problems`.
AnalyzeResult analyze(const AnalyzeOptions& options);

// How grave a finding is, the least grave first.
std::vector<std::string> finding_severities();

// That of the gravest problem; else 1 where the networks differ, or nobody could decide, and for a
// finding at least as grave as `fail_on` (empty: for none).
int exit_code(const AnalyzeResult& result, const std::string& fail_on);

Json to_json(const AnalyzeResult& result);

}  // namespace ponte::jobs
