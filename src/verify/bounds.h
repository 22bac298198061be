// Whether the judge can say how far rounding may take an output.
#pragma once

#include <string>

#include "ir/graph.h"

namespace ponte::verify {

// Why there is no bound for an output; empty where there is one.
struct Unbounded {
  std::string why;
  bool is_random = false;  // its values are drawn, so that even exact arithmetic agrees on nothing
};

Unbounded why_unbounded(const ir::Value& output);

}  // namespace ponte::verify
