#include "cli/stored_run.h"

#include <fmt/format.h>

#include "base/text.h"
#include "report/names.h"
#include "report/report.h"

namespace ponte::cli {
namespace {

// "run 12: det3.onnx, started 2025-03-01T12:34:56"
std::string heading(const jobs::StoredReport& stored) {
  std::string text = fmt::format("run {}", static_cast<std::int64_t>(stored.run.id));
  if (const std::string models = report::model_names(stored.document); !models.empty())
    text += ": " + models;
  text += ", started " + jobs::to_string(stored.run.started_at).substr(0, 19);
  if (stored.run.status != store::RunStatus::Finished)
    text += fmt::format(", {}", store::to_string(stored.run.status));
  return escape_control(text, 300);
}

}  // namespace

int show_stored(Invocation& invocation, const jobs::StoredReport& stored) {
  return invocation.finish(stored.document, {}, [&] {
    const Styles styles = invocation.console.output_styles();
    return styles.apply(Style::Bold, heading(stored)) + "\n\n" +
           report::terminal(stored.document, invocation.terminal_style());
  });
}

}  // namespace ponte::cli
