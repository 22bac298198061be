// What a subcommand is given: its arguments, and where its output goes.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json_fwd.h"
#include "cli/arguments.h"
#include "cli/console.h"
#include "jobs/model_options.h"
#include "report/report.h"

namespace ponte::cli {

class Invocation {
 public:
  const Arguments& arguments;
  Console& console;

  // The document as a result, the problems as messages; gives the exit code. With --json the
  // document is printed as it is; otherwise `view` (by default the report's view of the schema),
  // and nothing where it is empty.
  int finish(const Json& document, const Diagnostics& problems);
  int finish(const Json& document, const Diagnostics& problems,
             const std::function<std::string()>& view);

  report::TerminalStyle terminal_style() const;
};

// The flags of model_flags, and the path.
jobs::ModelOptions model_options(const Arguments& arguments, const std::string& path);

// The flags of the group that are set, with their values, as words of a command.
void add_flag_words(const Arguments& arguments, const FlagGroup& group,
                    std::vector<std::string>& words);

// `words` as a shell reads them, on one line whatever is in them.
std::string shell_words(const std::vector<std::string>& words);

}  // namespace ponte::cli
