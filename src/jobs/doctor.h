// `ponte doctor`: is this machine ready, and how to get what is missing.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "base/json_fwd.h"

namespace ponte::jobs {

enum class Health : std::uint8_t {
  Good,
  Limited,  // ponte works; something is slower, noisier or not available
  Bad       // a command will fail
};

struct Checkup {
  std::string name;
  Health health = Health::Good;
  std::string finding;  // what is so
  std::string remedy;   // what to do; empty where all is good
};

struct DoctorResult {
  std::vector<Checkup> checkups;
};

DoctorResult examine();

// The part of it that is about the stored runs: reads all of them. Makes no store.
Checkup examine_store(const std::filesystem::path& path);

std::string_view to_string(Health health);
Json to_json(const DoctorResult& result);

}  // namespace ponte::jobs
