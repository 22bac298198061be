#include "cli/shell_scripts.h"

#include <fmt/format.h>

#include <functional>

#include "cli/command.h"

namespace ponte::cli {
namespace {

void for_each_flag(const Command* command, const std::function<void(const Flag&)>& visit) {
  for (const FlagGroup& group : groups_of(command)) {
    for (const Flag& flag : group.flags) visit(flag);
  }
}

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : " ") + word;
  return text;
}

std::vector<std::string> command_names() {
  std::vector<std::string> names;
  for (const Command* command : all_commands()) {
    if (command->audience == Audience::Everybody) names.emplace_back(command->name);
  }
  names.emplace_back("help");
  return names;
}

std::string flag_names(const Command* command) {
  std::vector<std::string> names;
  for_each_flag(command, [&](const Flag& flag) {
    names.emplace_back(flag.name);
    if (flag.letter != 0) names.push_back({'-', flag.letter});
  });
  return joined(names);
}

std::vector<std::string> positional_choices(const Command& command) {
  std::vector<std::string> words;
  for (const Positional& positional : command.positionals) {
    if (!positional.choices) continue;
    for (std::string& choice : positional.choices()) words.push_back(std::move(choice));
  }
  return words;
}

bool takes_files(const Command& command) {
  for (const Positional& positional : command.positionals) {
    if (positional.takes == Takes::File) return true;
  }
  return false;
}

// `'` inside of single quotes, for a POSIX shell and for fish.
std::string quoted(std::string_view text, std::string_view escape) {
  std::string out = "'";
  for (const char c : text) out += c == '\'' ? std::string(escape) : std::string(1, c);
  return out + '\'';
}

std::string posix(std::string_view text) { return quoted(text, "'\\''"); }

std::string bash_pattern(const Flag& flag) {
  return flag.letter == 0 ? std::string(flag.name) : fmt::format("{}|-{}", flag.name, flag.letter);
}

// The cases of one command: what may follow each flag that takes something.
std::string bash_values(const Command& command) {
  std::string cases;
  for_each_flag(&command, [&](const Flag& flag) {
    if (flag.takes == Takes::Nothing) return;
    std::string words = "COMPREPLY=()";
    if (flag.choices) words = fmt::format("_ponte_words {}", posix(joined(flag.choices())));
    if (flag.takes == Takes::File) words = "_ponte_files -f";
    if (flag.takes == Takes::Folder) words = "_ponte_files -d";
    cases += fmt::format("        {}) {}; return ;;\n", bash_pattern(flag), words);
  });
  return cases;
}

std::string bash_command(const Command& command) {
  const std::string choices = joined(positional_choices(command));
  std::string rest = "COMPREPLY=()";
  if (!choices.empty()) rest = fmt::format("_ponte_words {}", posix(choices));
  if (takes_files(command)) rest = "_ponte_files -f";
  return fmt::format(
      "    {})\n"
      "      case $previous in\n{}"
      "      esac\n"
      "      if [[ $current == -* ]]; then _ponte_words {}; else {}; fi ;;\n",
      command.name, bash_values(command), posix(flag_names(&command)), rest);
}

// `[` `]` and `:` mean something in a specification of zsh's _arguments.
std::string zsh_text(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '[' || c == ']' || c == ':' || c == '\\') out += '\\';
    out += c;
  }
  return out;
}

std::string zsh_action(Takes takes, const std::vector<std::string>& choices) {
  if (!choices.empty()) return "(" + joined(choices) + ")";
  if (takes == Takes::File) return "_files";
  if (takes == Takes::Folder) return "_files -/";
  return " ";
}

std::string zsh_flag(const Flag& flag) {
  std::string value;
  if (flag.takes != Takes::Nothing) {
    value = fmt::format(
        ":{}:{}", zsh_text(flag.value),
        zsh_action(flag.takes, flag.choices ? flag.choices() : std::vector<std::string>()));
  }
  const std::string_view many = flag.repeat == Repeat::Many ? "*" : "";
  const std::string_view equals = flag.takes == Takes::Nothing ? "" : "=";
  std::string text =
      posix(fmt::format("{}{}{}[{}]{}", many, flag.name, equals, zsh_text(flag.help), value));
  if (flag.letter != 0)
    text += " " + posix(fmt::format("{}-{}[{}]{}", many, flag.letter, zsh_text(flag.help), value));
  return text;
}

std::string zsh_command(const Command& command) {
  std::string specs;
  for_each_flag(&command, [&](const Flag& flag) { specs += " \\\n        " + zsh_flag(flag); });
  for (const Positional& positional : command.positionals) {
    const auto choices = positional.choices ? positional.choices() : std::vector<std::string>();
    specs += " \\\n        " +
             posix(fmt::format("{}:{}:{}", positional.maximum > 1 ? "*" : "",
                               zsh_text(positional.name), zsh_action(positional.takes, choices)));
  }
  return fmt::format("    {})\n      _arguments -s{} ;;\n", command.name, specs);
}

std::string fish_quoted(std::string_view text) { return quoted(text, "\\'"); }

std::string fish_flag(const std::string& condition, const Flag& flag) {
  std::string line = fmt::format("complete -c ponte -n {} -l {} -d {}", fish_quoted(condition),
                                 flag.name.substr(2), fish_quoted(flag.help));
  if (flag.letter != 0) line += fmt::format(" -s {}", flag.letter);
  if (flag.choices) line += fmt::format(" -x -a {}", fish_quoted(joined(flag.choices())));
  if (!flag.choices && flag.takes != Takes::Nothing)
    line += flag.takes == Takes::File || flag.takes == Takes::Folder ? " -r -F" : " -x";
  return line + '\n';
}

std::string fish_command(const Command& command) {
  std::string text;
  if (command.audience == Audience::Everybody) {
    text = fmt::format("complete -c ponte -n __fish_use_subcommand -a {} -d {}\n", command.name,
                       fish_quoted(command.summary));
  }
  const std::string condition = fmt::format("__fish_seen_subcommand_from {}", command.name);
  for (const FlagGroup& group : command.groups) {
    for (const Flag& flag : group.flags) text += fish_flag(condition, flag);
  }
  if (takes_files(command))
    text += fmt::format("complete -c ponte -n {} -F\n", fish_quoted(condition));
  if (const std::string choices = joined(positional_choices(command)); !choices.empty()) {
    text += fmt::format("complete -c ponte -n {} -a {}\n", fish_quoted(condition),
                        fish_quoted(choices));
  }
  return text;
}

}  // namespace

std::string bash_completions() {
  std::string commands;
  for (const Command* command : all_commands()) commands += bash_command(*command);
  return fmt::format(
      "# Completes the command line of ponte in bash.\n"
      "_ponte_words() {{ mapfile -t COMPREPLY < <(compgen -W \"$1\" -- \"$current\"); }}\n"
      "_ponte_files() {{ compopt -o filenames; mapfile -t COMPREPLY < <(compgen \"$1\" -- "
      "\"$current\"); }}\n"
      "_ponte() {{\n"
      "  local current=${{COMP_WORDS[COMP_CWORD]}} previous=${{COMP_WORDS[COMP_CWORD-1]}} "
      "command= i\n"
      "  for ((i = 1; i < COMP_CWORD; i++)); do\n"
      "    if [[ ${{COMP_WORDS[i]}} != -* ]]; then command=${{COMP_WORDS[i]}}; break; fi\n"
      "  done\n"
      "  case $command in\n{}"
      "    help) _ponte_words {} ;;\n"
      "    *) if [[ $current == -* ]]; then _ponte_words {}; else _ponte_words {}; fi ;;\n"
      "  esac\n"
      "}}\n"
      "complete -F _ponte ponte\n",
      commands, posix(joined(command_names())), posix(flag_names(nullptr)),
      posix(joined(command_names())));
}

std::string zsh_completions() {
  std::string summaries;
  std::string commands;
  for (const Command* command : all_commands()) {
    if (command->audience == Audience::Everybody) {
      summaries += "\n    " + posix(fmt::format("{}:{}", command->name, command->summary));
    }
    commands += zsh_command(*command);
  }
  std::string global;
  for_each_flag(nullptr, [&](const Flag& flag) { global += " \\\n    " + zsh_flag(flag); });
  return fmt::format(
      "#compdef ponte\n"
      "_ponte() {{\n"
      "  local context state line\n"
      "  local -a commands=({}\n  )\n"
      "  _arguments -s -C{} \\\n    '1:command:->command' '*::argument:->argument'\n"
      "  case $state in\n"
      "    command) _describe command commands ;;\n"
      "    argument)\n"
      "  case $words[1] in\n{}"
      "  esac ;;\n"
      "  esac\n"
      "}}\n"
      "if [[ $funcstack[1] == _ponte ]]; then _ponte \"$@\"; else compdef _ponte ponte; fi\n",
      summaries, global, commands);
}

std::string fish_completions() {
  std::string text = "# Completes the command line of ponte in fish.\ncomplete -c ponte -f\n";
  for (const Flag& flag : global_flags().flags) {
    std::string line =
        fmt::format("complete -c ponte -l {} -d {}", flag.name.substr(2), fish_quoted(flag.help));
    if (flag.letter != 0) line += fmt::format(" -s {}", flag.letter);
    if (flag.choices) line += fmt::format(" -x -a {}", fish_quoted(joined(flag.choices())));
    text += line + '\n';
  }
  for (const Command* command : all_commands()) text += fish_command(*command);
  return text;
}

}  // namespace ponte::cli
