// ponte ops
#include "jobs/ops.h"

#include <array>

#include "base/json.h"
#include "cli/invocation.h"

namespace ponte::cli {
namespace {

int run(Invocation& invocation) {
  return invocation.finish(jobs::to_json(jobs::ops(invocation.arguments.positionals)), {});
}

constexpr auto positionals = std::to_array<Positional>({{.name = "OP",
                                                         .help = "of these alone: Conv, "
                                                                 "com.microsoft::Gelu",
                                                         .takes = Takes::Choice,
                                                         .minimum = 0,
                                                         .maximum = 100,
                                                         .choices = jobs::op_names}});
constexpr auto examples = std::to_array<Example>({
    {"ponte ops", "all ops, with what ponte can do with each"},
    {"ponte ops Conv Gemm", "these two"},
});

}  // namespace

extern constinit const Command ops_command{
    .name = "ops",
    .summary = "the ops that ponte knows: which are inferred, which are evaluated",
    .positionals = positionals,
    .examples = examples,
    .run = run,
};

}  // namespace ponte::cli
