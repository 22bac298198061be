// ponte verify
#include "jobs/verify.h"

#include <array>

#include "base/json.h"
#include "cli/common_flags.h"
#include "cli/invocation.h"
#include "runtimes/adapter.h"

namespace ponte::cli {
namespace {

std::vector<std::string> verify_runtimes() {
  std::vector<std::string> names;
  for (const runtimes::Adapter* adapter : runtimes::all_runtimes()) {
    if (adapter->audience == runtimes::Audience::Users) names.emplace_back(adapter->name);
  }
  return names;
}

int run(Invocation& invocation) {
  const Arguments& arguments = invocation.arguments;
  jobs::VerifyOptions options;
  options.model = model_options(arguments, arguments.positionals.at(0));
  options.others.assign(arguments.positionals.begin() + 1, arguments.positionals.end());
  options.runtimes = arguments.all("--runtime");
  options.seed = arguments.count("--seed").value_or(1);
  if (arguments.has("--thorough")) options.perturbed_runs = 8;
  options.stop = install_interrupt_handler();
  const jobs::VerifyJobResult result = jobs::verify_models(options);
  invocation.finish(jobs::to_json(result), result.problems);
  return jobs::exit_code(result);
}

constexpr auto own_flags = std::to_array<Flag>({
    {.name = "--runtime",
     .takes = Takes::Choice,
     .value = "NAME",
     .help = "run every file on this one, instead of on its own runtime",
     .choices = verify_runtimes,
     .repeat = Repeat::Many},
    {.name = "--seed",
     .takes = Takes::Count,
     .value = "N",
     .help = "of the inputs and of the judge's noise"},
    {.name = "--thorough", .help = "twice as many perturbed runs of the judge"},
});
constexpr auto positionals =
    std::to_array<Positional>({{.name = "MODEL", .help = "the judge reads this one"},
                               {.name = "OTHER",
                                .help = "files that should be the same network",
                                .minimum = 0,
                                .maximum = 100}});
const auto groups =
    std::to_array<FlagGroup>({{.title = "Verification", .flags = own_flags}, model_flags});
constexpr auto examples = std::to_array<Example>({
    {"ponte verify deploy.prototxt",
     "OpenCV on the Caffe files and ONNX Runtime on their conversion"},
    {"ponte verify deploy.prototxt model.onnx",
     "the same for a conversion that somebody else made"},
});

}  // namespace

extern constinit const Command verify_command{
    .name = "verify",
    .summary = "the same inputs through several files and runtimes: are they the same network?",
    .details =
        "The first model is evaluated in double precision, and again with the noise that rounding "
        "explains. "
        "Every runtime's outputs must lie within what that noise explains; where they do not, the "
        "first node "
        "whose own result is wrong is named.",
    .positionals = positionals,
    .groups = groups,
    .examples = examples,
    .run = run,
};

}  // namespace ponte::cli
