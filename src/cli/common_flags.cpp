#include "cli/common_flags.h"

#include <array>

#include "jobs/formats.h"

namespace ponte::cli {
namespace {

std::vector<std::string> color_choices() { return {"never", "auto", "always"}; }

constexpr auto global = std::to_array<Flag>({
    {.name = "--json",
     .help = "print one JSON object, with all problems inside",
     .details = "The object has a versioned `schema`; keys may be added to it, and none changes "
                "its meaning."},
    {.name = "--color",
     .takes = Takes::Choice,
     .value = "WHEN",
     .help = "never, auto or always",
     .details =
         "By default there is colour on a terminal, unless NO_COLOR is set or TERM is `dumb`.",
     .choices = color_choices},
    {.name = "--quiet", .letter = 'q', .help = "no messages but errors"},
    {.name = "--verbose", .letter = 'v', .help = "all problems, however many"},
    {.name = "--help",
     .letter = 'h',
     .help = "-h is short, --help has examples and everything else",
     .layers = Layers::CommandLineOnly},
    {.name = "--version", .help = "print the version", .layers = Layers::CommandLineOnly},
});

constexpr auto model = std::to_array<Flag>({
    {.name = "--weights",
     .takes = Takes::File,
     .value = "FILE",
     .help = "the weights, where they are not in the same file as the graph",
     .details = "Without it they are looked for beside the graph, under the same name."},
    {.name = "--random-weights",
     .takes = Takes::Count,
     .value = "SEED",
     .help = "random weights for a file that is a graph alone",
     .details = "The same seed gives the same weights everywhere."},
    {.name = "--signature",
     .takes = Takes::Text,
     .value = "NAME",
     .help = "which one, where a file has several graphs"},
    {.name = "--from",
     .takes = Takes::Choice,
     .value = "FORMAT",
     .help = "the file's format, where its content does not tell",
     .choices = jobs::format_names},
    {.name = "--input-shape",
     .takes = Takes::Text,
     .value = "NAME=1,3,224,224",
     .help = "the shape of an input",
     .repeat = Repeat::Many},
    {.name = "--dim",
     .takes = Takes::Text,
     .value = "batch=8",
     .help = "the size of an open dimension, wherever its name stands",
     .repeat = Repeat::Many},
    {.name = "--outputs-at",
     .takes = Takes::Text,
     .value = "NODE,...",
     .help = "the model ends at these nodes or values: their results are its outputs",
     .details = "Names are those of the file, with `\\,` for a comma in one; what these nodes do "
                "not need is not even read, so "
                "that a model whose end nobody understands can be. With several files each one "
                "ends where it has the names.",
     .repeat = Repeat::Many},
    {.name = "--max-depth",
     .takes = Takes::Count,
     .value = "N",
     .help = "how deep graphs and messages may be nested (64, at most 1000)"},
});

constexpr FlagGroup global_group{"Everywhere", global};

}  // namespace

constinit const FlagGroup model_flags{"Model", model};

const FlagGroup& global_flags() { return global_group; }

}  // namespace ponte::cli
