// The tables that the command line is made of: subcommands and their flags. Parsing, help,
// completions, man pages, environment variables and configuration files all come from them.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace ponte::cli {

class Invocation;

// What follows a flag, or what a positional argument is.
enum class Takes : std::uint8_t { Nothing, Text, Count, Choice, File, Folder };

enum class Repeat : std::uint8_t { Once, Many };

// Whether environment and configuration files may set the flag too.
enum class Layers : std::uint8_t { All, CommandLineOnly };

enum class Presence : std::uint8_t { Optional, Required };

enum class Audience : std::uint8_t { Everybody, Scripts };  // of scripts: not listed in help

struct Flag {
  std::string_view name;  // "--input-shape"
  char letter = 0;        // 'o' for `-o`
  Takes takes = Takes::Nothing;
  std::string_view value = "";                      // what help calls the value: "NAME=1,3,224,224"
  std::string_view help;                            // one line, no full stop
  std::string_view details = "";                    // more for --help: whole sentences
  std::vector<std::string> (*choices)() = nullptr;  // where it takes a choice
  Repeat repeat = Repeat::Once;
  Layers layers = Layers::All;
  Presence presence = Presence::Optional;
};

struct FlagGroup {
  std::string_view title;
  std::span<const Flag> flags;
};

struct Positional {
  std::string_view name;  // "MODEL"
  std::string_view help;
  Takes takes = Takes::File;
  std::size_t minimum = 1;
  std::size_t maximum = 1;
  std::vector<std::string> (*choices)() = nullptr;
};

struct Example {
  std::string_view command_line;
  std::string_view help;
};

struct Command {
  std::string_view name;
  std::string_view summary;  // one line, no full stop
  std::string_view details = "";
  std::span<const Positional> positionals = {};  // all but the last take exactly one
  std::span<const FlagGroup> groups = {};        // beside those that every command has
  std::span<const Example> examples = {};
  int (*run)(Invocation& invocation);  // gives the exit code
  Audience audience = Audience::Everybody;
};

// All subcommands in the order in which help lists them. One line in commands.cpp each.
std::span<const Command* const> all_commands();
const Command* find_command(std::string_view name);
// With did-you-mean. Throws UnknownName.
const Command& command_named(std::string_view name);

// Those of every command.
const FlagGroup& global_flags();

// The command's own groups and the global one; only that where `command` is null.
std::vector<FlagGroup> groups_of(const Command* command);
const Flag* find_flag(const Command* command, std::string_view name);
const Flag* find_flag(const Command* command, char letter);

}  // namespace ponte::cli
