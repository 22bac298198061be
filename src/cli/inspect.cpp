// ponte inspect
#include "jobs/inspect.h"

#include <array>

#include "base/json.h"
#include "cli/common_flags.h"
#include "cli/invocation.h"

namespace ponte::cli {
namespace {

int run(Invocation& invocation) {
  const Arguments& arguments = invocation.arguments;
  const bool wants_text = arguments.has("--text");
  const auto result =
      jobs::inspect(model_options(arguments, arguments.positionals.at(0)),
                    wants_text ? jobs::ModelText::Wanted : jobs::ModelText::LeftOut);
  const Json document = jobs::to_json(result);
  if (result.is_read && wants_text)
    return invocation.finish(document, result.problems, [&] { return result.text; });
  if (result.is_read) return invocation.finish(document, result.problems);
  return invocation.finish(document, result.problems, [] { return std::string(); });
}

constexpr auto positionals =
    std::to_array<Positional>({{.name = "MODEL", .help = "a file of any format that ponte reads"}});
constexpr auto output = std::to_array<Flag>({
    {.name = "--text",
     .help = "the whole graph as text: every node, small tensors, large ones by their hash",
     .details = "Every weight is read for its hash. `docs/text-form.md` says how to read it."},
});
const auto groups = std::to_array<FlagGroup>({model_flags, {"Output", output}});
constexpr auto examples = std::to_array<Example>({
    {"ponte inspect model.onnx", "inputs, outputs, ops, parameters and cost"},
    {"ponte inspect model.onnx --dim batch=8", "the same with a size for an open dimension"},
    {"ponte inspect deploy.prototxt --random-weights 1", "a graph without its weights"},
    {"ponte inspect model.onnx --text", "every node with its types, to read or to compare"},
    {"ponte inspect model.onnx --json | jq .ops", "how often each op occurs"},
});

}  // namespace

extern constinit const Command inspect_command{
    .name = "inspect",
    .summary = "what is in a model: format, inputs, outputs, ops, parameters, cost, problems",
    .details =
        "The weights stay where they are: a model of many gigabytes is inspected in megabytes. "
        "Every problem that is found is shown, not the first alone. "
        "The cost counts the multiplications with addition of convolutions, matrix products and "
        "recurrent layers in one execution; it is left out where shapes or control flow leave it "
        "open.",
    .positionals = positionals,
    .groups = groups,
    .examples = examples,
    .run = run,
};

}  // namespace ponte::cli
