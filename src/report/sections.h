// The sections of the page. Each is empty where the document has nothing for it.
#pragma once

#include <span>
#include <string_view>

#include "base/json_fwd.h"
#include "report/markup.h"
#include "report/names.h"
#include "report/sample_set.h"

namespace ponte::report {

Markup model_section(const Json& inspect);
Markup conversion_section(const Json& convert);
Markup numbers_section(const Json& verify);
Markup speed_section(const Json& bench, std::span<const SampleSet> samples,
                     const TrialNames& names);
Markup settings_section(const Json& bench);
Markup nodes_section(const Json& bench, const TrialNames& names);
Markup accuracy_section(const Json& accuracy);
Markup findings_section(const Json& analysis);
Markup environment_section(const Json& analysis, std::string_view command_line);

// The frame that they share; empty without content.
Markup section(std::string_view id, std::string_view title, const Markup& content);

// Problems as a list with code, message, place and help; at most 200 are shown.
Markup problem_list(const Json& problems);

// A word about a state, coloured by its tone, never by colour alone.
Markup badge(std::string_view word);

}  // namespace ponte::report
