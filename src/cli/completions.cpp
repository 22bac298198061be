// ponte completions
#include <fmt/format.h>

#include <array>

#include "cli/invocation.h"
#include "cli/shell_scripts.h"

namespace ponte::cli {
namespace {

std::vector<std::string> shells() { return {"bash", "zsh", "fish"}; }

int run(Invocation& invocation) {
  const std::string& shell = invocation.arguments.positionals.at(0);
  const Flag shell_flag{
      .name = "completions", .takes = Takes::Choice, .help = "", .choices = shells};
  Arguments checked;
  checked.set(shell_flag, shell, "`ponte completions`");
  invocation.console.print(shell == "bash"  ? bash_completions()
                           : shell == "zsh" ? zsh_completions()
                                            : fish_completions());
  return 0;
}

constexpr auto positionals = std::to_array<Positional>(
    {{.name = "SHELL", .help = "bash, zsh or fish", .takes = Takes::Choice, .choices = shells}});
constexpr auto examples = std::to_array<Example>({
    {"ponte completions bash > ~/.local/share/bash-completion/completions/ponte", "for bash"},
    {"ponte completions zsh > ~/.zfunc/_ponte", "for zsh, with ~/.zfunc in $fpath"},
    {"ponte completions fish > ~/.config/fish/completions/ponte.fish", "for fish"},
});

}  // namespace

extern constinit const Command completions_command{
    .name = "completions",
    .summary = "a script that completes ponte's command line in a shell",
    .positionals = positionals,
    .examples = examples,
    .run = run,
    .audience = Audience::Scripts,
};

}  // namespace ponte::cli
