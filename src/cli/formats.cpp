// ponte formats
#include "jobs/formats.h"

#include <array>

#include "base/json.h"
#include "cli/invocation.h"

namespace ponte::cli {
namespace {

int run(Invocation& invocation) { return invocation.finish(jobs::to_json(jobs::formats()), {}); }

constexpr auto examples = std::to_array<Example>({
    {"ponte formats", "which formats are read and written"},
    {"ponte formats --json | jq '.formats[].ops'", "what each of their ops becomes"},
});

}  // namespace

extern constinit const Command formats_command{
    .name = "formats",
    .summary = "the file formats, and which of their ops are read and written",
    .examples = examples,
    .run = run,
};

}  // namespace ponte::cli
