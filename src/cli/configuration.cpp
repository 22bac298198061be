#include "cli/configuration.h"

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <set>

#include "base/bytes.h"
#include "base/environment.h"
#include "base/error.h"
#include "base/text.h"
#include "cli/toml.h"

namespace ponte::cli {
namespace fs = std::filesystem;
namespace {

constexpr std::uint64_t largest_file = std::uint64_t{1} << 20;

bool is_there(const fs::path& path) {
  std::error_code ignored;
  return fs::exists(path, ignored);
}

std::optional<fs::path> project_file() {
  std::error_code gone;
  const fs::path working = fs::current_path(gone);
  if (gone) return std::nullopt;
  fs::path top = working;
  while (!is_there(top / ".git") && top != top.root_path()) top = top.parent_path();
  if (!is_there(top / ".git")) top = working;
  for (fs::path folder = working;; folder = folder.parent_path()) {
    if (is_there(folder / "ponte.toml")) return folder / "ponte.toml";
    if (folder == top) return std::nullopt;
  }
}

// The user's own files and the system's.
bool is_trusted(const fs::path& path) {
  struct stat status {};
  return ::stat(path.c_str(), &status) == 0 && (status.st_uid == ::geteuid() || status.st_uid == 0);
}

// Which keys there can be: those of all commands' flags, or of one command's.
std::vector<std::string> known_keys(const Command* command) {
  std::set<std::string> keys;
  const auto add = [&keys](const Command* owner) {
    for (const FlagGroup& group : groups_of(owner)) {
      for (const Flag& flag : group.flags) {
        if (flag.layers == Layers::All) keys.emplace(flag.name.substr(2));
      }
    }
  };
  if (command) add(command);
  if (!command) std::ranges::for_each(all_commands(), add);
  return {keys.begin(), keys.end()};
}

void check(const Setting& setting) {
  const Command* command = nullptr;
  if (!setting.section.empty()) {
    command = find_command(setting.section);
    if (!command) {
      std::vector<std::string> names;
      for (const Command* known : all_commands()) names.emplace_back(known->name);
      const auto near = closest(setting.section, names);
      throw Error(Code::ConfigurationError,
                  fmt::format("line {}: there is no command `{}`", setting.line, setting.section),
                  near ? fmt::format("did you mean `[{}]`?", *near) : "`ponte -h` lists them");
    }
  }
  const auto keys = known_keys(command);
  if (std::ranges::find(keys, setting.key) != keys.end()) return;
  const auto near = closest(setting.key, keys);
  throw Error(Code::ConfigurationError,
              fmt::format("line {}: there is no flag `--{}`", setting.line, setting.key),
              near ? fmt::format("did you mean `{}`?", *near) : "keys are names of flags");
}

void apply(const Setting& setting, const fs::path& path, Arguments& arguments) {
  const Flag* flag = find_flag(arguments.command, "--" + setting.key);
  if (!flag) return;  // another command's
  if (setting.is_list && flag->repeat != Repeat::Many) {
    throw Error(Code::ConfigurationError,
                fmt::format("line {}: `{}` takes one value, no list", setting.line, setting.key));
  }
  const std::string origin =
      fmt::format("`{}` in {}, line {},", setting.key, path.string(), setting.line);
  for (const std::string& value : setting.values) arguments.set(*flag, value, origin);
}

void apply_file(const fs::path& path, Arguments& arguments) {
  try {
    const auto source = open_file(path);
    if (source->size() > largest_file)
      throw Error(Code::ConfigurationError, "the file is larger than 1 MB");
    const auto settings = parse_toml(whole(source).read_text());
    std::ranges::for_each(settings, check);
    std::set<std::string> taken;
    // A command's own section counts more than what stands above all sections.
    for (const bool own : {true, false}) {
      for (const Setting& setting : settings) {
        if (setting.section != (own ? arguments.command->name : std::string_view())) continue;
        const Flag* flag = find_flag(arguments.command, "--" + setting.key);
        if (flag && !arguments.is_set(*flag)) apply(setting, path, arguments);
      }
    }
  } catch (Error& error) {
    if (error.code() == Code::ConfigurationError) error.fill_where({path.string(), {}, {}, {}});
    throw;
  }
}

void apply_environment(Arguments& arguments) {
  for (const FlagGroup& group : groups_of(arguments.command)) {
    for (const Flag& flag : group.flags) {
      if (flag.layers != Layers::All || arguments.is_set(flag)) continue;
      const std::string name = environment_name(flag.name);
      const auto value = environment_variable(name.c_str());
      if (value && !value->empty()) arguments.set(flag, *value, fmt::format("`${}`", name));
    }
  }
}

}  // namespace

std::string environment_name(std::string_view flag) {
  std::string name = "PONTE_";
  for (const char c : flag.substr(2))
    name += c == '-' ? '_' : static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  return name;
}

Configuration find_configuration() {
  Configuration configuration{.project = project_file(), .user = std::nullopt};
  try {
    const fs::path user = config_folder() / "config.toml";
    if (is_there(user)) configuration.user = user;
  } catch (const Error&) {
    // A user without a home folder has no file of his own either.
  }
  return configuration;
}

void apply_configuration(const Configuration& configuration, Arguments& arguments,
                         Diagnostics& warnings) {
  apply_environment(arguments);
  for (const auto& path : {configuration.project, configuration.user}) {
    if (!path) continue;
    if (is_trusted(*path)) {
      apply_file(*path, arguments);
    } else {
      warnings.warn(Code::ConfigurationIgnored, "the configuration file belongs to somebody else",
                    {path->string(), {}, {}, {}},
                    "make it yours, or give the flags on the command line");
    }
  }
}

}  // namespace ponte::cli
