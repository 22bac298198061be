// EXPECT on the code of a ponte::Error.
#pragma once

#include <gtest/gtest.h>

#include <concepts>
#include <optional>

#include "base/error.h"

namespace ponte::test {

// The error that `action` throws; a failed test and none where it throws none.
template <std::invocable Action>
std::optional<Error> error_of(Action action) {
  try {
    action();
  } catch (const Error& error) {
    return error;
  }
  ADD_FAILURE() << "nothing was thrown";
  return std::nullopt;
}

template <std::invocable Action>
void expect_error(Code code, Action action) {
  const auto error = error_of(action);
  if (!error) return;
  EXPECT_EQ(to_string(error->code()), to_string(code)) << error->what();
}

}  // namespace ponte::test
