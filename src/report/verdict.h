// What the report says first: same network? how fast? what to do first?
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/json_fwd.h"

namespace ponte::report {

enum class Tone { Good, Neutral, Caution, Bad };

// `x` stands for an identifier.
struct Statement {
  Tone tone = Tone::Neutral;
  std::string title;   // for the sentence
  std::string brief;   // two to five words
  std::string detail;  // the rest; may be empty
};

struct Verdict {
  std::optional<Statement> same;
  std::optional<Statement> speed;
  std::optional<Statement> first;
  std::string sentence;

  // The worst that decides: same if there is one, else speed.
  Tone tone() const;
};

Verdict verdict_of(const Json& analysis);

// "equivalent" is good, "different" is bad, and so on.
Tone verdict_tone(std::string_view verdict);
Tone severity_tone(std::string_view severity);

// Of the outputs that agree least.
std::optional<double> lowest_bits(const Json& verify);

// "one of `conv1` and `relu1`", where a culprit is a region of several nodes; else "".
std::string region_text(const Json& culprit);

// "3 of 1,000 elements are not judged: ...", of an output with such elements; else "".
std::string unjudged_text(const Json& output);

// An identifier for a sentence: in backticks, at most 60 columns.
std::string identifier(std::string_view name);

}  // namespace ponte::report
