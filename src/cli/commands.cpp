// The list of subcommands, and how they and their flags are found.
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/error.h"
#include "base/text.h"
#include "cli/command.h"

namespace ponte::cli {

extern const Command analyze_command, bench_command, completions_command, convert_command,
    doctor_command, explain_command, formats_command, inspect_command, manual_command, ops_command,
    report_command, runs_command, runtimes_command, verify_command;

std::span<const Command* const> all_commands() {
  static constexpr std::array list{
      &analyze_command, &inspect_command, &convert_command,     &verify_command,  &bench_command,
      &report_command,  &runs_command,    &runtimes_command,    &formats_command, &ops_command,
      &doctor_command,  &explain_command, &completions_command, &manual_command,
  };
  return list;
}

const Command* find_command(std::string_view name) {
  const auto all = all_commands();
  const auto it = std::ranges::find(all, name, &Command::name);
  return it == all.end() ? nullptr : *it;
}

const Command& command_named(std::string_view name) {
  if (const Command* command = find_command(name)) return *command;
  std::vector<std::string> names{"help"};
  for (const Command* command : all_commands()) names.emplace_back(command->name);
  const auto near = closest(name, names);
  throw Error(Code::UnknownName, fmt::format("there is no command `{}`", escape_control(name, 60)),
              near ? fmt::format("did you mean `ponte {}`?", *near) : "`ponte -h` lists them");
}

std::vector<FlagGroup> groups_of(const Command* command) {
  std::vector<FlagGroup> groups;
  if (command) groups.assign(command->groups.begin(), command->groups.end());
  groups.push_back(global_flags());
  return groups;
}

const Flag* find_flag(const Command* command, std::string_view name) {
  for (const FlagGroup& group : groups_of(command)) {
    const auto it = std::ranges::find(group.flags, name, &Flag::name);
    if (it != group.flags.end()) return &*it;
  }
  return nullptr;
}

const Flag* find_flag(const Command* command, char letter) {
  for (const FlagGroup& group : groups_of(command)) {
    const auto it = std::ranges::find(group.flags, letter, &Flag::letter);
    if (it != group.flags.end()) return &*it;
  }
  return nullptr;
}

}  // namespace ponte::cli
