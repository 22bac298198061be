#include "cli/run.h"

#include <fmt/format.h>

#include <algorithm>
#include <csignal>
#include <new>

#include "base/error.h"
#include "base/json.h"
#include "cli/configuration.h"
#include "cli/help.h"
#include "cli/internal_error.h"
#include "cli/invocation.h"
#include "jobs/problems.h"
#include "jobs/program.h"

namespace ponte::cli {
namespace {

// What a mistake in the command line must already respect.
void look_ahead(const std::vector<std::string>& words, Console& console) {
  const auto end = std::ranges::find(words, "--");
  if (std::find(words.begin(), end, "--json") != end) console.form = OutputForm::Json;
  for (auto it = words.begin(); it != end; ++it) {
    std::string when;
    if (it->starts_with("--color=")) when = it->substr(8);
    if (*it == "--color" && it + 1 != end) when = *(it + 1);
    if (const auto choice = parse_color_choice(when)) console.color = *choice;
  }
}

void set_up(const Arguments& arguments, Console& console) {
  console.form = arguments.has("--json") ? OutputForm::Json : OutputForm::Text;
  if (arguments.has("--verbose")) console.verbosity = Verbosity::Verbose;
  if (arguments.has("--quiet")) console.verbosity = Verbosity::Quiet;
  if (const auto when = arguments.text("--color")) console.color = *parse_color_choice(*when);
}

std::string schema_of(const Arguments& arguments) {
  return fmt::format("ponte/{}/1", arguments.command ? arguments.command->name : "error");
}

int run_command(const std::vector<std::string>& words, Arguments& arguments, Console& console) {
  parse_command_line(words, arguments);
  if (arguments.help != HelpLevel::None) {
    console.print(help_text(arguments.command, arguments.help, console.output_columns()));
    return 0;
  }
  if (arguments.has("--version")) {
    console.print(console.is_json() ? json_text({{"schema", "ponte/version/1"},
                                                 {"version", jobs::program_version()}})
                                    : fmt::format("ponte {}\n", jobs::program_version()));
    return 0;
  }
  if (!arguments.command) {
    console.print(overview());
    return 0;
  }
  Diagnostics warnings;
  apply_configuration(find_configuration(), arguments, warnings);
  set_up(arguments, console);
  console.problems(warnings);
  require_complete(arguments);
  Invocation invocation{arguments, console};
  return arguments.command->run(invocation);
}

int answer_for(const Error& error, Console& console, const std::string& schema) {
  Diagnostics problems;
  problems.add(error);
  console.problems(problems);
  if (console.is_json())
    console.print(json_text({{"schema", schema}, {"problems", jobs::problems_json(problems)}}));
  return jobs::exit_code(problems);
}

// The error that stands for whatever is being thrown.
Error current_error(const std::vector<std::string>& words) {
  try {
    throw;
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::Internal) return error;
    return internal_error("ponte::Error", error.what(), words);
  } catch (const std::bad_alloc&) {
    return {Code::SystemCallFailed, "there is not enough memory"};
  } catch (const std::exception& error) {
    return internal_error(typeid(error).name(), error.what(), words);
  } catch (...) {
    return internal_error("unknown", "something was thrown that is no exception", words);
  }
}

}  // namespace

int guarded(Console& console, const std::string& schema, const std::vector<std::string>& words,
            const std::function<int()>& work) {
  try {
    return work();
  } catch (...) {
    const Error error = current_error(words);
    try {
      return answer_for(error, console, schema);
    } catch (const Error&) {
      return exit_code(error.kind());  // standard output is gone; the message came before it
    }
  }
}

int run(const std::vector<std::string>& words) {
  // A reader that has seen enough closes the pipe: that shows where it is written to.
  std::signal(SIGPIPE, SIG_IGN);
  std::signal(SIGXFSZ, SIG_IGN);  // a file above the limit is an error of writing
  Console console;
  Arguments arguments;
  look_ahead(words, console);
  try {
    return run_command(words, arguments, console);
  } catch (...) {
    return guarded(console, schema_of(arguments), words, []() -> int { throw; });
  }
}

}  // namespace ponte::cli
