// The subjects of a verification: the models on the runtimes that were compared with the judge.
#pragma once

#include <string>

#include "base/json_fwd.h"

namespace ponte::report {

// The name of a subject given by its position in `subjects` or by a text; "" for null.
std::string subject_name(const Json& verify, const Json& subject);

// "ONNX Runtime 1.32.0 on det3.onnx".
std::string subject_title(const Json& subject);

// How many different output names there are.
std::size_t distinct_outputs(const Json& verify);

}  // namespace ponte::report
