// --undecided, of the commands that give a verdict.
#pragma once

#include "cli/command.h"
#include "jobs/verify.h"

namespace ponte::cli {

inline std::vector<std::string> undecided_choices() { return {"ok", "fail"}; }

inline constexpr Flag undecided_flag{.name = "--undecided",
                                     .takes = Takes::Choice,
                                     .value = "ok|fail",
                                     .help = "whether an undecided verdict is a failure (it is)",
                                     .choices = undecided_choices};

inline jobs::UndecidedIs undecided(const Arguments& arguments) {
  return arguments.text_or("--undecided", "fail") == "ok" ? jobs::UndecidedIs::Success
                                                          : jobs::UndecidedIs::Failure;
}

}  // namespace ponte::cli
