// ponte manual
#include <fmt/format.h>

#include <array>

#include "cli/help.h"
#include "cli/invocation.h"
#include "jobs/program.h"

namespace ponte::cli {
namespace {

// Text for man(7): `\` and `-` are escaped, and no line starts with a request.
std::string roff(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (out.empty() && (c == '.' || c == '\'')) out += "\\&";
    if (c == '\\') {
      out += "\\e";
    } else if (c == '-') {
      out += "\\-";
    } else {
      out += c;
    }
  }
  return out;
}

std::string item(std::string_view heading, std::string_view text) {
  return fmt::format(".TP\n.B {}\n{}\n", roff(heading), roff(text));
}

std::string flags_section(const Command* command) {
  std::string text = ".SH OPTIONS\n";
  for (const FlagGroup& group : groups_of(command)) {
    text += fmt::format(".SS {}\n", roff(group.title));
    for (const Flag& flag : group.flags) {
      text += item(flag_heading(flag), flag.help);
      if (!flag.details.empty()) text += fmt::format(".br\n{}\n", roff(flag.details));
    }
  }
  return text;
}

std::string examples_section(const Command& command) {
  if (command.examples.empty()) return {};
  std::string text = ".SH EXAMPLES\n";
  for (const Example& example : command.examples) text += item(example.command_line, example.help);
  return text;
}

std::string title(std::string_view name) {
  return fmt::format(".TH {} 1 \"\" \"ponte {}\" \"User Commands\"\n", roff(name),
                     jobs::program_version());
}

std::string page_of(const Command& command) {
  const std::string name = fmt::format("ponte-{}", command.name);
  std::string text = title(name);
  text += fmt::format(".SH NAME\n{} \\- {}\n", roff(name), roff(command.summary));
  text += fmt::format(".SH SYNOPSIS\n.B {}\n", roff(usage_line(command)));
  text += ".SH DESCRIPTION\n";
  if (!command.details.empty()) text += roff(command.details) + '\n';
  for (const Positional& positional : command.positionals)
    text += item(positional.name, positional.help);
  return text + flags_section(&command) + examples_section(command) +
         ".SH SEE ALSO\n.BR ponte (1)\n";
}

std::string general_page() {
  std::string text = title("ponte");
  text += ".SH NAME\nponte \\- neural networks from one file format to another, with proof\n";
  text += ".SH SYNOPSIS\n.B ponte COMMAND [arguments] [flags]\n.SH COMMANDS\n";
  for (const Command* command : all_commands()) {
    if (command->audience == Audience::Everybody) text += item(command->name, command->summary);
  }
  text += flags_section(nullptr);
  text += fmt::format(".SH CONFIGURATION\n{}\n", roff(configuration_text()));
  return text + fmt::format(".SH EXIT STATUS\n{}\n", roff(exit_codes_text()));
}

int run(Invocation& invocation) {
  const auto& words = invocation.arguments.positionals;
  invocation.console.print(words.empty() ? general_page() : page_of(command_named(words.front())));
  return 0;
}

std::vector<std::string> command_names() {
  std::vector<std::string> names;
  for (const Command* command : all_commands()) names.emplace_back(command->name);
  return names;
}

constexpr auto positionals = std::to_array<Positional>({{.name = "COMMAND",
                                                         .help = "of this command",
                                                         .takes = Takes::Choice,
                                                         .minimum = 0,
                                                         .choices = command_names}});
constexpr auto examples = std::to_array<Example>({
    {"ponte manual convert | man -l -", "the page of `ponte convert`"},
    {"ponte manual > ponte.1", "for an installation"},
});

}  // namespace

extern constinit const Command manual_command{
    .name = "manual",
    .summary = "a page for man(1)",
    .positionals = positionals,
    .examples = examples,
    .run = run,
    .audience = Audience::Scripts,
};

}  // namespace ponte::cli
