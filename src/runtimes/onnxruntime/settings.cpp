#include "runtimes/onnxruntime/settings.h"

namespace ponte::runtimes::onnxruntime {

std::vector<protocol::Setting> settings() {
  return {
      {"intra_threads", "integer", "threads inside one op; 0: as many as the host has cores", "0"},
      {"inter_threads", "integer",
       "threads over ops, with execution_mode=parallel; 0: as many as cores", "0"},
      {"graph_optimization_level", "disable|basic|extended|layout|all|0|1|2|3|99",
       "which rewrites the session makes", "all"},
      {"execution_mode", "sequential|parallel", "one op at a time, or several", "sequential"},
      {"enable_cpu_mem_arena", "boolean", "keep freed memory for the next allocation", "1"},
      {"enable_mem_pattern", "boolean",
       "plan the memory of a run by the first one of the same shapes", "1"},
      {"deterministic_compute", "boolean", "only kernels that give the same result each time", "0"},
      {"log_severity_level", "0|1|2|3|4", "the least severe message that becomes a warning", "2"},
      {"log_verbosity_level", "integer", "of messages of severity 0", "0"},
      {"optimized_model_filepath", "text",
       "where the session writes the model as it has rewritten it", ""},
      {"custom_ops_library", "text", "a shared library with ops of the user's own", ""},
      {"free_dimension.*", "integer", "the value of the open dimension of this name", ""},
      {"free_dimension_denotation.*", "integer", "the value of open dimensions of this denotation",
       ""},
      {"provider.*", "text", "an option of the device's provider, such as provider.use_tf32=0", ""},
      {"*.*", "text",
       "any session configuration key, verbatim, such as session.set_denormal_as_zero=1", ""},
  };
}

}  // namespace ponte::runtimes::onnxruntime
