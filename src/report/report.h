// What a person sees of a stored document: a page, tables, or lines on a terminal. Documents are
// the JSON objects that every command prints with --json; a part or key that is absent, null or of
// another type is left out.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "base/json_fwd.h"

namespace ponte::report {

// The measured executions of one trial in order. `process` says which process each one ran in;
// where it is shorter than `latencies_ns`, the rest counts as process 0. Latencies that are not
// positive and finite, or longer than thirty years, are not drawn.
struct TrialSamples {
  std::string trial_id;
  std::vector<double> latencies_ns;
  std::vector<int> process;
};

struct HtmlInput {
  const Json& analysis;
  std::span<const TrialSamples> samples;
  std::string command_line;  // empty where it is not known
};

struct TerminalStyle {
  bool color = false;
  std::size_t columns = 80;
};

// One self-contained page about a document of the schema analyze, inspect, convert, verify, bench
// or advise. Throws UnknownDocument.
std::string html(const HtmlInput& input);

// The tables of the same documents for a pull request (GitHub's Markdown). Throws UnknownDocument.
std::string markdown(const Json& analysis);

// The trials, the comparisons and the problems of an analyze or bench document as one table
// (RFC 4180); the column `record` says which of them a row is. Text that a spreadsheet would take
// for a formula starts with an apostrophe. Throws UnknownDocument.
std::string csv(const Json& analysis);

// Any of the documents as lines for a terminal, the most important one last. Throws
// UnknownDocument.
std::string terminal(const Json& document, const TerminalStyle& style);

}  // namespace ponte::report
