// ponte runs
#include "jobs/runs.h"

#include <fmt/format.h>

#include <array>

#include "base/counted.h"
#include "base/error.h"
#include "base/json.h"
#include "base/text.h"
#include "base/text_table.h"
#include "cli/invocation.h"
#include "cli/stored_run.h"
#include "report/report.h"
#include "store/store.h"

namespace ponte::cli {
namespace {

std::string view(const jobs::RunsResult& result) {
  TextTable table({{"run", Align::Right},
                   {"started", Align::Left},
                   {"status", Align::Left},
                   {"", Align::Left}});
  for (const store::Run& run : result.runs) {
    table.add_row({std::to_string(static_cast<std::int64_t>(run.id)),
                   jobs::to_string(run.started_at).substr(0, 19),
                   std::string(store::to_string(run.status)),
                   escape_control(run.command_line, 100)});
  }
  return (table.empty() ? "" : table.text()) + counted(result.runs.size(), "run", "runs") + " in " +
         escape_control(result.store.string()) + '\n';
}

int list(Invocation& invocation, const jobs::RunsResult& result) {
  return invocation.finish(jobs::to_json(result), {}, [&] { return view(result); });
}

std::vector<std::string> actions() { return {"list", "show", "delete"}; }

int run(Invocation& invocation) {
  const auto& words = invocation.arguments.positionals;
  const std::string action = words.empty() ? "list" : words.front();
  const std::vector<std::string> runs(words.begin() + (words.empty() ? 0 : 1), words.end());
  const auto store = store::default_path();
  if (action == "list" && runs.empty()) return list(invocation, jobs::list_runs(store));
  if (action == "show" && runs.size() < 2) {
    return show_stored(invocation, jobs::load_report(store, runs.empty() ? "" : runs.front()));
  }
  if (action == "delete" && !runs.empty()) {
    const jobs::RunsResult result = jobs::delete_runs(store, runs);
    invocation.console.message(fmt::format("deleted {}", shell_words(runs)));
    return list(invocation, result);
  }
  const auto near = closest(action, actions());
  throw Error(
      Code::UsageError,
      fmt::format("`ponte runs {}` is not understood", escape_control(shell_words(words), 200)),
      near && *near != action ? fmt::format("did you mean `ponte runs {}`?", *near)
                              : "write ponte runs [list | show RUN | delete RUN...]");
}

constexpr auto positionals = std::to_array<Positional>({
    {.name = "list|show|delete",
     .help = "list all (the default), show one on the terminal, delete some",
     .takes = Takes::Choice,
     .minimum = 0,
     .choices = actions},
    {.name = "RUN",
     .help = "the number of a run; for show the latest by default",
     .takes = Takes::Text,
     .minimum = 0,
     .maximum = 1000},
});
constexpr auto examples = std::to_array<Example>({
    {"ponte runs", "all stored runs, the latest first"},
    {"ponte runs show 12", "what run 12 found"},
    {"ponte runs delete 3 4", "remove these two and what was measured in them"},
});

}  // namespace

extern constinit const Command runs_command{
    .name = "runs",
    .summary = "the stored runs: list them, show one, delete some",
    .positionals = positionals,
    .examples = examples,
    .run = run,
};

}  // namespace ponte::cli
