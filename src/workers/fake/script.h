// What the fake runtime is told to be: a JSON file that takes the place of a model.
// tests/data/runtimes has examples.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "runtimes/fake/latency_model.h"
#include "runtimes/protocol/messages.h"

namespace ponte::worker {

// An output is fixed values, or `scale * input + add` of an input of floats.
struct ScriptedOutput {
  protocol::HostTensor tensor{};
  std::string copy_of{};  // empty: fixed
  double scale = 1;
  double add = 0;
  bool intermediate = false;
};

struct Misbehaviour {
  std::string phase{};
  std::string action{};
  std::uint64_t after = 0;   // how often the phase goes well before
  std::uint64_t amount = 0;  // signal, exit code, bytes, ...
  std::string text{};        // of a refusal
};

struct Script {
  std::vector<protocol::ValueInfo> inputs{};
  std::vector<ScriptedOutput> outputs{};
  std::vector<std::uint64_t>
      latencies_ns{};  // one after the other, then from the start again; empty: the model below
  runtimes::fake::LatencyParameters latency{};
  runtimes::fake::LatencyParameters canary{};
  std::uint64_t load_ns = 1'000'000;
  bool real_time = false;  // spins for as long as it reports
  std::vector<protocol::NodeTime> profile{};
  std::vector<Misbehaviour> misbehaviours{};
};

// Throws ponte::Error.
Script read_script(const std::string& path);

// Replaces single numbers of the script by settings: "process", "seed", "base_ns", ...; throws
// Refusal for a key that is none of them.
void apply_settings(Script& script, const std::map<std::string, std::string>& settings);
std::vector<protocol::Setting> known_settings();

}  // namespace ponte::worker
