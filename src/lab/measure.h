// A whole measurement: a plan through worker processes into a run of the store, resumed where an
// earlier session of the same plan was interrupted.
#pragma once

#include "base/json_fwd.h"
#include "lab/measurement.h"
#include "lab/results.h"
#include "store/store.h"

namespace ponte::lab {

struct MeasureOptions {
  std::string command_line{};
  StopToken stop{};
  std::function<void(const Progress&)> on_progress{};
  // What else belongs into the document, such as assumptions about the inputs.
  std::function<void(Json& document)> complete_document{};
  // Writes what else belongs to the run, beside its complete bench document.
  std::function<void(store::RunWriter& run, const Json& document)> before_end{};
};

struct MeasureResult {
  store::RunId run{};
  std::int64_t session = 1;  // over 1: it went on with what an interrupted one had left
  bool was_interrupted = false;
  Results results{};
  Json document{};  // the bench document, which the store holds too
};

// The run is finished, or interrupted where a stop was requested: then the same plan goes on with
// it. Failed workers are rows of the result. Throws the store's errors.
MeasureResult measure(const Plan& plan, Executor& executor, store::Store& store,
                      const MeasureOptions& options = {});

}  // namespace ponte::lab
