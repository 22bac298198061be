#include "runtimes/reference/settings.h"

namespace ponte::runtimes::reference {

std::vector<protocol::Setting> settings() {
  return {
      {"arithmetic", "judge|exact",
       "double precision throughout, whose f32, f16 and bf16 values come as f64; or each op in its "
       "own dtype",
       "judge"},
      {"threads", "integer", "threads of the evaluation", "1"},
      {"memory_bytes", "integer", "the most that the values of an execution may take",
       "8589934592"},
      {"max_steps", "integer", "the most operations on elements in an execution; 0: any number",
       "0"},
      {"seed", "integer", "of random ops without a seed of their own", "0"},
  };
}

}  // namespace ponte::runtimes::reference
