// ponte explain
#include "jobs/explain.h"

#include <fmt/format.h>

#include <array>

#include "base/json.h"
#include "base/text_table.h"
#include "cli/help.h"
#include "cli/invocation.h"

namespace ponte::cli {
namespace {

std::string page_text(const CodePage& page, const Styles& styles, std::size_t columns) {
  return fmt::format("{}: {}\n\n", styles.apply(Style::Bold, to_string(page.code)), page.title) +
         wrapped(page.explanation, 2, columns) +
         fmt::format("\n  exit code {} ({})\n", exit_code(page.kind), jobs::to_string(page.kind));
}

std::string list_text(const std::vector<CodePage>& pages) {
  TextTable table({{"code", Align::Left}, {"exit", Align::Right}, {"what", Align::Left}});
  for (const CodePage& page : pages) {
    table.add_row(
        {to_string(page.code), std::to_string(exit_code(page.kind)), std::string(page.title)});
  }
  return table.text();
}

std::vector<std::string> codes() {
  std::vector<std::string> names;
  for (const CodePage& page : code_pages()) names.push_back(to_string(page.code));
  return names;
}

int run(Invocation& invocation) {
  const auto& names = invocation.arguments.positionals;
  const jobs::ExplainResult result = jobs::explain(names.empty() ? "" : names.front());
  return invocation.finish(jobs::to_json(result), {}, [&] {
    return names.empty() ? list_text(result.pages)
                         : page_text(result.pages.front(), invocation.console.output_styles(),
                                     invocation.console.output_columns());
  });
}

constexpr auto positionals = std::to_array<Positional>({{.name = "CODE",
                                                         .help = "as in an error: PT2103",
                                                         .takes = Takes::Choice,
                                                         .minimum = 0,
                                                         .choices = codes}});
constexpr auto examples = std::to_array<Example>({
    {"ponte explain PT2103", "what the error means, and what to do"},
    {"ponte explain", "all codes"},
});

}  // namespace

extern constinit const Command explain_command{
    .name = "explain",
    .summary = "what an error code means, and what to do",
    .positionals = positionals,
    .examples = examples,
    .run = run,
};

}  // namespace ponte::cli
