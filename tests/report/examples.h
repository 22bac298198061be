// The documents in tests/data/report, and samples that fit their trials.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "report/report.h"

namespace ponte::report {

// The document NAME.json; the text @long@ in it stands for a name of 10,000 characters.
Json example(std::string_view name);

// bench_only with a comparison whose 95 % interval leaves out 1 and whose 99 % interval does not.
Json nearly_a_difference();

// Samples for every trial with a median: a distribution around it with a tail, processes that
// differ by 0.5 %, and single outliers. The same for the same document.
std::vector<TrialSamples> example_samples(const Json& document);

// Compares with tests/data/report/golden/NAME; writes it instead where PONTE_UPDATE_GOLDENS is set
// to 1.
void expect_golden(const std::string& name, const std::string& text);

}  // namespace ponte::report
