#include "cli/invocation.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>

#include "base/error.h"
#include "base/json.h"
#include "base/text.h"
#include "jobs/problems.h"

namespace ponte::cli {
namespace {

// With this many levels everything still fits the usual stack of 8 MiB several times.
constexpr std::uint64_t deepest = 1000;

bool is_plain(const std::string& word) {
  static constexpr std::string_view harmless = "_-+=.,:/@%";
  return !word.empty() && std::ranges::all_of(word, [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 ||
           harmless.find(c) != std::string_view::npos;
  });
}

bool is_control(char c) { return (c >= 0 && c < ' ') || c == '\x7f'; }

// Control bytes need $'...', which bash, zsh and ksh know.
std::string quoted(const std::string& word) {
  const bool has_control = std::ranges::any_of(word, is_control);
  std::string text = has_control ? "$'" : "'";
  for (const char c : word) {
    if (is_control(c)) {
      text += fmt::format("\\{:03o}", static_cast<unsigned>(c));
    } else if (has_control && (c == '\'' || c == '\\')) {
      text += std::string("\\") + c;
    } else {
      text += c == '\'' ? std::string("'\\''") : std::string(1, c);
    }
  }
  return text + '\'';
}

}  // namespace

int Invocation::finish(const Json& document, const Diagnostics& problems) {
  return finish(document, problems, [&] {
    Json without_problems = document;  // they are messages
    without_problems.erase("problems");
    for (const char* part : {"inspect", "convert", "verify", "bench"}) {
      if (without_problems.contains(part) && without_problems[part].is_object())
        without_problems[part].erase("problems");
    }
    return report::terminal(without_problems, terminal_style());
  });
}

int Invocation::finish(const Json& document, const Diagnostics& problems,
                       const std::function<std::string()>& view) {
  console.problems(problems);
  console.print(console.is_json() ? json_text(document) : view());
  return jobs::exit_code(problems);
}

report::TerminalStyle Invocation::terminal_style() const {
  const Styles styles = console.output_styles();
  const bool color = !styles.apply(Style::Bold, "x").starts_with('x');
  return {color, console.output_columns()};
}

jobs::ModelOptions model_options(const Arguments& arguments, const std::string& path) {
  jobs::ModelOptions options;
  options.path = path;
  options.format = arguments.text_or("--from", "");
  options.weights = arguments.text_or("--weights", "");
  options.random_weights = arguments.count("--random-weights");
  options.signature = arguments.text_or("--signature", "");
  for (const std::string& text : arguments.all("--input-shape"))
    jobs::add_input_shape(options.shapes, text);
  for (const std::string& text : arguments.all("--dim")) jobs::add_dim(options.shapes, text);
  options.outputs_at = arguments.listed("--outputs-at");
  const std::uint64_t depth = arguments.count("--max-depth").value_or(64);
  if (depth > deepest) {
    throw Error(
        Code::UsageError,
        fmt::format("`--max-depth` goes up to {}, not {}", grouped(deepest), grouped(depth)),
        "each level takes room on the stack");
  }
  options.max_depth = static_cast<int>(depth);
  return options;
}

void add_flag_words(const Arguments& arguments, const FlagGroup& group,
                    std::vector<std::string>& words) {
  for (const Flag& flag : group.flags) {
    if (!arguments.is_set(flag)) continue;
    if (flag.takes == Takes::Nothing) {
      if (arguments.has(flag.name)) words.emplace_back(flag.name);
      continue;
    }
    for (const std::string& value : arguments.all(flag.name)) {
      words.emplace_back(flag.name);
      words.push_back(value);
    }
  }
}

std::string shell_words(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) {
    if (!text.empty()) text += ' ';
    text += is_plain(word) ? word : quoted(word);
  }
  return text;
}

}  // namespace ponte::cli
