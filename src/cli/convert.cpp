// ponte convert
#include "jobs/convert.h"

#include <fmt/format.h>

#include <array>

#include "base/error.h"
#include "base/json.h"
#include "base/scratch_folder.h"
#include "base/text.h"
#include "cli/common_flags.h"
#include "cli/invocation.h"
#include "jobs/formats.h"
#include "jobs/problems.h"

namespace ponte::cli {
namespace {

jobs::ConvertOptions options_of(const Arguments& arguments) {
  jobs::ConvertOptions options;
  options.model = model_options(arguments, arguments.positionals.at(0));
  options.target = arguments.text_or("--output", "");
  options.target_format = arguments.text_or("--to", "");
  if (const auto opset = arguments.count("--opset")) {
    if (*opset == 0 || *opset > 1'000'000)
      throw Error(Code::UsageError, fmt::format("there is no opset {}", *opset));
    options.opset = static_cast<std::int64_t>(*opset);
  }
  options.external_data = arguments.has("--external-data");
  return options;
}

void print_file(const std::filesystem::path& path, Console& console) {
  const ByteRange file = whole(open_file(path));
  std::vector<std::byte> chunk;
  for (std::uint64_t done = 0; done < file.size; done += chunk.size()) {
    chunk.resize(std::min<std::uint64_t>(file.size - done, std::uint64_t{1} << 20));
    file.read(done, chunk);
    console.print({reinterpret_cast<const char*>(chunk.data()), chunk.size()});
  }
}

int convert_to_output(jobs::ConvertOptions options, Console& console) {
  if (console.is_json())
    throw Error(Code::UsageError, "`-o -` and `--json` both want standard output");
  if (options.target_format.empty())
    throw Error(Code::UsageError, "`-o -` needs `--to FORMAT`", "as in `-o - --to onnx`");
  const ScratchFolder folder("the result");
  options.target = folder.path() / "model";
  jobs::ConvertResult result = jobs::convert_model(options);
  jobs::require_one_file(result);
  console.problems(result.problems);
  const int code = jobs::exit_code(result.problems);
  if (code == 0) print_file(result.files.at(0).path, console);
  return code;
}

void suggest_next(const Invocation& invocation, const jobs::ConvertOptions& options) {
  std::error_code ignored;
  const bool is_replaced = std::filesystem::equivalent(options.model.path, options.target, ignored);
  if (!find_command("verify") || invocation.console.is_json() || is_replaced) return;
  std::vector<std::string> words{"ponte", "verify", options.model.path.string()};
  add_flag_words(invocation.arguments, model_flags, words);
  words.push_back(options.target.string());
  invocation.console.message(fmt::format("next: {}", escape_control(shell_words(words), SIZE_MAX)));
}

int run(Invocation& invocation) {
  const jobs::ConvertOptions options = options_of(invocation.arguments);
  if (options.target == "-") return convert_to_output(options, invocation.console);
  const jobs::ConvertResult result = jobs::convert_model(options);
  const Json document = jobs::to_json(result);
  if (!result.problems.has_errors()) {
    suggest_next(invocation, options);
    return invocation.finish(document, result.problems);
  }
  const int code = invocation.finish(document, result.problems, [] { return std::string(); });
  invocation.console.message("nothing was written");
  return code;
}

constexpr auto own_flags = std::to_array<Flag>({
    {.name = "--output",
     .letter = 'o',
     .takes = Takes::File,
     .value = "OUT",
     .help = "the file to write; its name says the format",
     .details = "`-` is standard output, for results of one file; it needs --to. The file appears "
                "when it is complete, so it may be the one that is read.",
     .layers = Layers::CommandLineOnly,
     .presence = Presence::Required},
    {.name = "--to",
     .takes = Takes::Choice,
     .value = "FORMAT",
     .help = "the format to write, where the name does not say it",
     .choices = jobs::written_format_names},
    {.name = "--opset",
     .takes = Takes::Count,
     .value = "N",
     .help = "the version of ai.onnx to write",
     .details = "By default the source's own, or the lowest from 17 on that can say every node."},
    {.name = "--external-data",
     .help = "the weights in a file of their own, OUT.<hash>.data",
     .details = "A model of more than 2 GB has them there in any case."},
});
constexpr auto positionals =
    std::to_array<Positional>({{.name = "MODEL", .help = "a file of any format that ponte reads"}});
const auto groups =
    std::to_array<FlagGroup>({{.title = "Result", .flags = own_flags}, model_flags});
constexpr auto examples = std::to_array<Example>({
    {"ponte convert deploy.prototxt -o model.onnx",
     "the weights are deploy.caffemodel, beside the graph"},
    {"ponte convert deploy.prototxt --weights trained.caffemodel -o model.onnx --opset 17",
     "other weights, and for an older reader"},
    {"ponte convert model.onnx -o fixed.onnx --dim batch=8", "with a fixed size of the batch"},
    {"ponte convert deploy.prototxt -o - --to onnx | gzip > model.onnx.gz", "through a pipe"},
});

}  // namespace

extern constinit const Command convert_command{
    .name = "convert",
    .summary = "from any format to any format",
    .details =
        "All problems of a model are reported in one run. After an error nothing is written: "
        "there is never a file with something missing in it. Weights are copied from file to "
        "file without being held in memory. What nobody asked to change stays as it is, byte by "
        "byte, from a format to itself.",
    .positionals = positionals,
    .groups = groups,
    .examples = examples,
    .run = run,
};

}  // namespace ponte::cli
