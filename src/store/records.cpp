#include "store/records.h"

#include <algorithm>
#include <array>

namespace ponte::store {
namespace {

using namespace std::string_view_literals;

// In the order of the enumerators.
constexpr std::array run_statuses{"running"sv, "finished"sv, "interrupted"sv};
constexpr std::array document_kinds{"inspect"sv, "convert"sv, "verify"sv,
                                    "bench"sv,   "analyze"sv, "environment"sv};
constexpr std::array trial_statuses{"ok"sv,      "crashed"sv,    "timed_out"sv, "out_of_memory"sv,
                                    "refused"sv, "unavailable"sv};
constexpr std::array phases{"warmup"sv, "resume"sv, "measure"sv};

template <typename Enum>
std::optional<Enum> find(std::span<const std::string_view> words, std::string_view word) {
  const auto it = std::ranges::find(words, word);
  if (it == words.end()) return std::nullopt;
  return static_cast<Enum>(it - words.begin());
}

}  // namespace

Timestamp now() {
  return std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now());
}

std::string_view to_string(RunStatus status) {
  return run_statuses.at(static_cast<std::size_t>(status));
}
std::string_view to_string(DocumentKind kind) {
  return document_kinds.at(static_cast<std::size_t>(kind));
}
std::string_view to_string(TrialStatus status) {
  return trial_statuses.at(static_cast<std::size_t>(status));
}
std::string_view to_string(Phase phase) { return phases.at(static_cast<std::size_t>(phase)); }

template <>
std::optional<RunStatus> parse(std::string_view word) {
  return find<RunStatus>(run_statuses, word);
}

template <>
std::optional<DocumentKind> parse(std::string_view word) {
  return find<DocumentKind>(document_kinds, word);
}

template <>
std::optional<TrialStatus> parse(std::string_view word) {
  return find<TrialStatus>(trial_statuses, word);
}

template <>
std::optional<Phase> parse(std::string_view word) {
  return find<Phase>(phases, word);
}

}  // namespace ponte::store
