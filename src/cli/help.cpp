#include "cli/help.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/utf8.h"

namespace ponte::cli {
namespace {

constexpr std::size_t widest = 90;
constexpr std::size_t narrowest = 20;
constexpr std::size_t two_columns_need = 60;

std::string joined_choices(const Flag& flag) {
  std::string text;
  for (const std::string& choice : flag.choices()) text += (text.empty() ? "" : ", ") + choice;
  return text;
}

// Sections in the width of the reader's terminal.
class HelpWriter {
 public:
  explicit HelpWriter(std::size_t columns) : columns_(columns) {}

  std::string prose(std::string_view text, std::size_t indent) const {
    return wrapped(text, indent, columns_);
  }

  // Beside the heading where there is room, else below it.
  std::string paragraph(std::string_view heading, std::string_view text, std::size_t column) const {
    if (columns_ < two_columns_need) column = 6;
    if (heading.size() + 2 > column) return fmt::format("{}\n", heading) + prose(text, column);
    std::string lines = prose(text, column);
    return lines.replace(0, heading.size(), heading);
  }

  std::string commands_list() const {
    std::string text;
    for (const Command* command : all_commands()) {
      if (command->audience == Audience::Everybody)
        text += paragraph("  " + std::string(command->name), command->summary, 14);
    }
    return text;
  }

  std::string short_flags(const Command* command) const {
    std::string text;
    for (const FlagGroup& group : groups_of(command)) {
      text += fmt::format("\n{}\n", group.title);
      for (const Flag& flag : group.flags) {
        if (flag.name == "--version" && command) continue;
        text += paragraph("  " + flag_heading(flag), flag.help, 36);
      }
    }
    return text;
  }

  std::string long_flags(const Command* command) const {
    std::string text;
    for (const FlagGroup& group : groups_of(command)) {
      text += fmt::format("\n{}\n", group.title);
      for (const Flag& flag : group.flags) {
        if (flag.name == "--version" && command) continue;
        text += fmt::format("  {}\n", flag_heading(flag)) + prose(flag.help, 6);
        if (flag.choices) text += prose("One of " + joined_choices(flag) + ".", 6);
        if (!flag.details.empty()) text += prose(flag.details, 6);
        if (flag.repeat == Repeat::Many) text += prose("It may be given several times.", 6);
      }
    }
    return text;
  }

  std::string closing_sections() const {
    return "\nConfiguration\n" + prose(configuration_text(), 2) + "\nExit codes\n" +
           prose(exit_codes_text(), 2);
  }

  std::string examples_section(std::span<const Example> examples) const {
    std::string text;
    for (const Example& example : examples)
      text += fmt::format("  {}\n", example.command_line) + prose(example.help, 6);
    return text.empty() ? "" : "Examples\n" + text + '\n';
  }

  std::string positionals_section(const Command& command) const {
    std::string text;
    for (const Positional& positional : command.positionals)
      text += paragraph("  " + std::string(positional.name), positional.help, 14);
    return text.empty() ? "" : '\n' + text;
  }

  std::string general_help(HelpLevel level) const {
    std::string text =
        "ponte takes a neural network from one file format to another and proves that it is still "
        "the same.\n\n";
    if (level == HelpLevel::Long) {
      for (const Command* command : all_commands()) {
        if (command->audience == Audience::Everybody && !command->examples.empty())
          text += fmt::format("  {}\n", command->examples.front().command_line) +
                  prose(command->examples.front().help, 6);
      }
      text += '\n';
    }
    text += "usage: ponte COMMAND [arguments] [flags]\n\nCommands\n" + commands_list();
    text +=
        level == HelpLevel::Long ? long_flags(nullptr) + closing_sections() : short_flags(nullptr);
    return text + "\n`ponte COMMAND --help` has the flags of a command, with examples\n";
  }

  std::string short_help(const Command& command) const {
    return fmt::format("usage: {}\n\n", usage_line(command)) + prose(command.summary, 0) +
           positionals_section(command) + short_flags(&command) +
           fmt::format("\n`ponte {} --help` has examples and more\n", command.name);
  }

  std::string long_help(const Command& command) const {
    std::string text = examples_section(command.examples);
    text += fmt::format("usage: {}\n\n", usage_line(command));
    text += prose(fmt::format("ponte {}: {}", command.name, command.summary), 0);
    if (!command.details.empty()) text += '\n' + prose(command.details, 0);
    return text + positionals_section(command) + long_flags(&command) + closing_sections();
  }

 private:
  std::size_t columns_;
};

}  // namespace

std::string_view configuration_text() {
  return "A flag that is not given is taken from the environment (`--input-shape` from "
         "PONTE_INPUT_SHAPE), else from `ponte.toml` in the project (the working folder or one "
         "above "
         "it, up to the one that has `.git`), else from `ponte/config.toml` in $XDG_CONFIG_HOME. "
         "Such "
         "a file has lines `key = value` with the flags' names (`max-depth = 128`, `json = true`), "
         "for "
         "one command alone under `[convert]`; values are strings, numbers, true, false, and lists "
         "of "
         "them for flags that may be given several times.";
}

std::string_view exit_codes_text() {
  return "0 success; 1 an answer that a script should stop at; 2 the command line; 3 the file is "
         "refused, malformed, not understood, or not expressible in the target; 4 a worker crashed "
         "and "
         "nothing else could answer; 5 the environment: a runtime, a device or the disk; 6 a "
         "defect of "
         "ponte; 130 interrupted. `ponte explain CODE` has a page on every error.";
}

std::string wrapped(std::string_view text, std::size_t indent, std::size_t columns) {
  const std::size_t width = std::clamp(columns, narrowest, widest);
  std::string out;
  std::string line(indent, ' ');
  while (!text.empty()) {
    const auto space = text.find(' ');
    const std::string_view word = text.substr(0, space);
    text.remove_prefix(space == std::string_view::npos ? text.size() : space + 1);
    if (line.size() > indent && display_width(line) + 1 + display_width(word) > width) {
      out += line + '\n';
      line.assign(indent, ' ');
    }
    if (line.size() > indent) line += ' ';
    line += word;
  }
  return out + line + '\n';
}

std::string flag_heading(const Flag& flag) {
  std::string text =
      flag.letter == 0 ? std::string(flag.name) : fmt::format("-{}, {}", flag.letter, flag.name);
  return flag.value.empty() ? text : text + ' ' + std::string(flag.value);
}

std::string usage_line(const Command& command) {
  std::string text = fmt::format("ponte {}", command.name);
  for (const Positional& positional : command.positionals) {
    const std::string_view more = positional.maximum > 1 ? "..." : "";
    text += positional.minimum == 0 ? fmt::format(" [{}{}]", positional.name, more)
                                    : fmt::format(" {}{}", positional.name, more);
  }
  for (const FlagGroup& group : command.groups) {
    for (const Flag& flag : group.flags) {
      if (flag.presence == Presence::Optional) continue;
      text += flag.letter == 0 ? fmt::format(" {} {}", flag.name, flag.value)
                               : fmt::format(" -{} {}", flag.letter, flag.value);
    }
  }
  return text + " [flags]";
}

std::string overview() {
  std::string names;
  for (const Command* command : all_commands()) {
    if (command->audience == Audience::Everybody)
      names += (names.empty() ? "" : ", ") + std::string(command->name);
  }
  return "ponte takes a neural network from one file format to another, and measures it\n"
         "\n"
         "  ponte analyze model.onnx\n"
         "      everything about it in one report, model.report.html\n"
         "  ponte convert deploy.prototxt -o model.onnx\n"
         "      from Caffe to ONNX, without either framework\n"
         "\n" +
         fmt::format("commands: {}\n", names) +
         "\n"
         "`ponte -h` says what each one does, `ponte COMMAND --help` everything about it\n";
}

std::string help_text(const Command* command, HelpLevel level, std::size_t columns) {
  const HelpWriter writer(columns);
  if (!command) return writer.general_help(level);
  return level == HelpLevel::Short ? writer.short_help(*command) : writer.long_help(*command);
}

}  // namespace ponte::cli
