// Runs the program as a user does: in a folder of its own, without the user's settings.
#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>
#include <string>

#include "base/processes.h"
#include "base/temporary_folder.h"
#include "paths.h"

namespace ponte::test {

struct Outcome {
  int exit_code = -1;
  std::string output;    // standard output
  std::string messages;  // standard error
};

// A folder in which `models` has the small models of tests/data/jobs and shell scripts find
// `ponte`.
class Playground {
 public:
  Playground() { std::filesystem::copy(data_folder() / "jobs", folder_ / "models"); }

  // Its output goes to the files `output` and `messages`.
  ponte::Process start(const std::string& script) const {
    const std::string quiet = "exec >'" + (folder_ / "output").string() + "' 2>'" +
                              (folder_ / "messages").string() + "' </dev/null\n";
    return ponte::Process(
        {.arguments = {"/usr/bin/env", "-i", "PATH=" + program_folder().string() + ":/usr/bin:/bin",
                       "HOME=" + folder_.path().string(), "LC_ALL=C.UTF-8", "/bin/bash", "-c",
                       quiet + script},
         .environment = {},
         .descriptors = {},
         .working_folder = folder_.path(),
         .address_space_bytes = {}});
  }

  Outcome run(const std::string& script) const {
    ponte::Process process = start(script);
    const auto status = process.wait(std::chrono::seconds(120));
    EXPECT_TRUE(status.has_value()) << "it does not end: " << script;
    Outcome outcome;
    if (!status) return outcome;
    if (const auto* exited = std::get_if<Exited>(&*status)) outcome.exit_code = exited->code;
    outcome.output = text_of(folder_ / "output");
    outcome.messages = text_of(folder_ / "messages");
    return outcome;
  }

  const std::filesystem::path& path() const { return folder_.path(); }
  const TemporaryFolder& folder() const { return folder_; }

 private:
  TemporaryFolder folder_;
};

}  // namespace ponte::test
