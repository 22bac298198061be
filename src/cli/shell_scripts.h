// Completion scripts for shells, from the tables of flags.
#pragma once

#include <string>

namespace ponte::cli {

std::string bash_completions();
std::string zsh_completions();
std::string fish_completions();

}  // namespace ponte::cli
