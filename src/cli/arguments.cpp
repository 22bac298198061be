#include "cli/arguments.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>

#include "base/check.h"
#include "base/error.h"
#include "base/text.h"

namespace ponte::cli {
namespace {

std::optional<std::uint64_t> parse_count(std::string_view text) {
  std::uint64_t count = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), count);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return count;
}

std::optional<bool> parse_switch(std::string_view text) {
  static constexpr std::array<std::string_view, 4> on = {"1", "true", "yes", "on"};
  static constexpr std::array<std::string_view, 5> off = {"", "0", "false", "no", "off"};
  if (std::ranges::find(on, text) != on.end()) return true;
  if (std::ranges::find(off, text) != off.end()) return false;
  return std::nullopt;
}

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : ", ") + word;
  return text;
}

void check_choice(const Flag& flag, const std::string& value, const std::string& origin) {
  const std::vector<std::string> choices = flag.choices();
  if (std::ranges::find(choices, value) != choices.end()) return;
  const auto near = closest(value, choices);
  throw Error(Code::UsageError,
              fmt::format("{} does not take `{}`", origin, escape_control(value, 60)),
              near ? fmt::format("did you mean `{}`?", *near)
                   : fmt::format("it takes one of {}", joined(choices)));
}

// Walks over the words and hands them to flags, commands and positionals.
class Parser {
 public:
  Parser(const std::vector<std::string>& words, Arguments& arguments)
      : words_(words), arguments_(arguments) {}

  void run() {
    bool only_positionals = false;
    while (next_ < words_.size()) {
      const std::string& word = words_[next_++];
      if (only_positionals || word == "-" || !word.starts_with('-')) {
        take_positional(word);
      } else if (word == "--") {
        only_positionals = true;
      } else if (word.starts_with("--")) {
        take_long(word);
      } else {
        take_letters(word);
      }
    }
  }

 private:
  void take_positional(const std::string& word) {
    if (arguments_.command) {
      arguments_.positionals.push_back(word);
    } else if (word == "help") {
      arguments_.help = HelpLevel::Long;
      if (next_ < words_.size() && !words_[next_].starts_with('-'))
        arguments_.command = &command_named(words_[next_++]);
    } else {
      arguments_.command = &command_named(word);
    }
  }

  void take_long(const std::string& word) {
    const auto equals = word.find('=');
    const std::string name = word.substr(0, equals);
    const Flag* flag = find_flag(arguments_.command, name);
    if (!flag) refuse(name);
    if (flag->takes != Takes::Nothing) {
      arguments_.set(*flag, equals == std::string::npos ? value_of(name) : word.substr(equals + 1),
                     fmt::format("`{}`", name));
    } else if (equals != std::string::npos) {
      throw Error(Code::UsageError, fmt::format("`{}` takes no value", name), usage_help());
    } else {
      switch_on(*flag, HelpLevel::Long);
    }
  }

  void take_letters(const std::string& word) {
    for (std::size_t i = 1; i < word.size(); ++i) {
      const std::string name{'-', word[i]};
      const Flag* flag = find_flag(arguments_.command, word[i]);
      if (!flag || word[i] == 0) refuse(name);
      if (flag->takes == Takes::Nothing) {
        switch_on(*flag, HelpLevel::Short);
        continue;
      }
      arguments_.set(*flag, i + 1 < word.size() ? word.substr(i + 1) : value_of(name),
                     fmt::format("`{}`", name));
      return;
    }
  }

  void switch_on(const Flag& flag, HelpLevel level) {
    if (flag.name == "--help") arguments_.help = level;
    arguments_.set(flag, "true", fmt::format("`{}`", flag.name));
  }

  std::string value_of(const std::string& name) {
    if (next_ == words_.size() || (words_[next_].starts_with("--") && words_[next_] != "--"))
      throw Error(Code::UsageError, fmt::format("`{}` needs a value", name), usage_help());
    return words_[next_++];
  }

  [[noreturn]] void refuse(const std::string& name) const {
    std::vector<std::string> names;
    for (const FlagGroup& group : groups_of(arguments_.command)) {
      for (const Flag& flag : group.flags) names.emplace_back(flag.name);
    }
    const auto near = closest(name, names);
    const std::string who =
        arguments_.command ? fmt::format("`ponte {}`", arguments_.command->name) : "ponte";
    throw Error(Code::UsageError, fmt::format("{} has no flag `{}`", who, escape_control(name, 60)),
                near ? fmt::format("did you mean `{}`?", *near) : usage_help());
  }

  std::string usage_help() const {
    return arguments_.command
               ? fmt::format("`ponte {} -h` lists the flags", arguments_.command->name)
               : "`ponte -h` lists commands and flags";
  }

  const std::vector<std::string>& words_;
  Arguments& arguments_;
  std::size_t next_ = 0;
};

void require_positionals(const Arguments& arguments, const Command& command) {
  std::size_t least = 0;
  std::size_t most = 0;
  const std::size_t given = arguments.positionals.size();
  const std::string help = fmt::format("`ponte {} -h` shows how to write it", command.name);
  for (const Positional& positional : command.positionals) {
    least += positional.minimum;
    most += positional.maximum;
    if (given < least) {
      throw Error(Code::UsageError,
                  fmt::format("`ponte {}` needs {}", command.name, positional.name), help);
    }
  }
  if (given > most) {
    throw Error(Code::UsageError,
                fmt::format("`ponte {}` does not expect `{}`", command.name,
                            escape_control(arguments.positionals[most], 60)),
                help);
  }
}

}  // namespace

const std::vector<std::string>& Arguments::values_of(std::string_view flag) const {
  static const std::vector<std::string> none;
  PONTE_CHECK(find_flag(command, flag) != nullptr);
  const auto it = values_.find(flag);
  return it == values_.end() ? none : it->second;
}

bool Arguments::has(std::string_view flag) const {
  const auto& values = values_of(flag);
  return !values.empty() && values.back() == "true";
}

std::optional<std::string> Arguments::text(std::string_view flag) const {
  const auto& values = values_of(flag);
  if (values.empty()) return std::nullopt;
  return values.back();
}

std::string Arguments::text_or(std::string_view flag, std::string_view fallback) const {
  return text(flag).value_or(std::string(fallback));
}

std::optional<std::uint64_t> Arguments::count(std::string_view flag) const {
  const auto value = text(flag);
  return value ? parse_count(*value) : std::nullopt;
}

const std::vector<std::string>& Arguments::all(std::string_view flag) const {
  return values_of(flag);
}

std::vector<std::string> Arguments::listed(std::string_view flag) const {
  std::vector<std::string> parts;
  for (const std::string& text : values_of(flag)) {
    parts.emplace_back();
    for (std::size_t i = 0; i < text.size(); ++i) {
      const bool is_escaped = text[i] == '\\' && i + 1 < text.size() && text[i + 1] == ',';
      if (is_escaped) parts.back() += text[++i];
      if (is_escaped) continue;
      if (text[i] == ',')
        parts.emplace_back();
      else
        parts.back() += text[i];
    }
    if (std::ranges::find(parts, "") != parts.end()) {
      throw Error(Code::UsageError,
                  fmt::format("`{}` has an empty part in `{}`", flag, escape_control(text, 60)),
                  "commas stand between the parts");
    }
  }
  return parts;
}

void Arguments::set(const Flag& flag, const std::string& value, const std::string& origin) {
  std::string checked = value;
  switch (flag.takes) {
    case Takes::Nothing: {
      const auto state = parse_switch(value);
      if (!state) {
        throw Error(Code::UsageError,
                    fmt::format("{} does not take `{}`", origin, escape_control(value, 60)),
                    "it takes true or false");
      }
      checked = *state ? "true" : "false";
      break;
    }
    case Takes::Count:
      if (!parse_count(value)) {
        throw Error(Code::UsageError,
                    fmt::format("{} does not take `{}`", origin, escape_control(value, 60)),
                    "it takes a whole number from 0");
      }
      break;
    case Takes::Choice:
      check_choice(flag, value, origin);
      break;
    case Takes::Text:
    case Takes::File:
    case Takes::Folder:
      if (value.empty())
        throw Error(Code::UsageError, fmt::format("{} takes no empty value", origin));
      break;
  }
  std::vector<std::string>& values = values_[flag.name];
  if (flag.repeat == Repeat::Once) values.clear();
  values.push_back(std::move(checked));
}

void parse_command_line(const std::vector<std::string>& words, Arguments& arguments) {
  Parser(words, arguments).run();
}

void require_complete(const Arguments& arguments) {
  PONTE_CHECK(arguments.command != nullptr);
  const Command& command = *arguments.command;
  require_positionals(arguments, command);
  for (const FlagGroup& group : command.groups) {
    for (const Flag& flag : group.flags) {
      if (flag.presence == Presence::Optional || arguments.is_set(flag)) continue;
      throw Error(Code::UsageError,
                  fmt::format("`ponte {}` needs `{} {}`", command.name, flag.name, flag.value),
                  fmt::format("{}; `ponte {} -h` shows how to write it", flag.help, command.name));
    }
  }
}

}  // namespace ponte::cli
