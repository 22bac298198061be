#include "jobs/bench_subjects.h"

#include <fmt/format.h>

#include <algorithm>
#include <list>

#include "base/error.h"
#include "jobs/model_files.h"
#include "jobs/trial_settings.h"
#include "jobs/working_runtime.h"
#include "ops/array.h"
#include "runtimes/values/values.h"
#include "verify/inputs.h"

namespace ponte::jobs {
namespace {

using store::TrialStatus;

// A runtime that was asked for or found, and what its worker said.
struct Candidate {
  const runtimes::Adapter* adapter = nullptr;
  lab::RuntimeChoice choice{};
  std::vector<std::string> formats{};
  std::vector<std::string> devices{};
  TrialStatus status = TrialStatus::Ok;
  std::string why{};
};

Candidate ask(const runtimes::Discovery& discovery, const runtimes::SearchPath& search) {
  const runtimes::Adapter& adapter = *discovery.adapter;
  Candidate candidate{.adapter = &adapter, .choice = {.name = std::string(adapter.name)}};
  candidate.formats.assign(adapter.formats.begin(), adapter.formats.end());
  if (!discovery.found) {
    candidate.status = TrialStatus::Unavailable;
    candidate.why = discovery.why_not;
    return candidate;
  }
  candidate.choice.version = discovery.found->version;
  candidate.choice.library = discovery.found->library;
  candidate.choice.command = runtimes::worker_command(adapter, *discovery.found, search);
  const auto probe = runtimes::probe(adapter, *discovery.found, search);
  if (!probe) {
    candidate.status = lab::status_of(probe.failure().kind);
    candidate.why = lab::reason_of(probe.failure());
    return candidate;
  }
  if (!probe->identity.version.empty()) candidate.choice.version = probe->identity.version;
  if (!probe->description.formats.empty()) candidate.formats = probe->description.formats;
  candidate.devices = probe->description.devices;
  return candidate;
}

// Named ones that are missing are errors; without names, whatever this machine has, but not the
// judge, which is no contender.
std::vector<Candidate> candidates(const BenchOptions& options, Diagnostics& problems) {
  const runtimes::SearchPath search =
      options.search ? *options.search : runtimes::default_search_path();
  std::vector<Candidate> all;
  for (const std::string& text : options.runtimes) {
    auto discovery = runtimes::discover(runtimes::parse_runtime_spec(text), search);
    pass_over_broken(discovery, search, problems);
    try {
      if (!discovery.found) (void)runtimes::require(discovery);
      all.push_back(ask(discovery, search));
    } catch (const Error& error) {
      problems.add(error);
      all.push_back(
          {.adapter = discovery.adapter,
           .choice = {.name = std::string(discovery.adapter->name),
                      .version = discovery.spec.version},
           .formats = {discovery.adapter->formats.begin(), discovery.adapter->formats.end()},
           .devices = {},
           .status = TrialStatus::Unavailable,
           .why = error.what()});
    }
  }
  if (!options.runtimes.empty()) return all;
  std::string missing;
  std::string help;
  for (auto& discovery : runtimes::discover_all(search)) {
    if (discovery.adapter == &runtimes::reference_adapter) continue;
    pass_over_broken(discovery, search, problems);
    if (!discovery.found) {
      missing += fmt::format("; {}: {}", discovery.adapter->name, discovery.why_not);
      if (help.empty()) help = discovery.how_to_get;
      continue;
    }
    try {
      all.push_back(ask(discovery, search));
    } catch (const Error& error) {
      problems.warn(error.code(), error.what(), {}, error.help());
    }
  }
  if (all.empty())
    throw Error(Code::NothingToMeasure, "this machine has no runtime that measures" + missing,
                help);
  return all;
}

// The size of the first axis, where all inputs share it.
std::int64_t batch_of(const std::vector<runtimes::HostTensor>& inputs) {
  std::int64_t batch = 0;
  for (const runtimes::HostTensor& input : inputs) {
    const std::int64_t first = input.shape.size() < 2 ? 1 : input.shape.front();
    if (batch != 0 && batch != first) return 1;
    batch = first;
  }
  return std::max<std::int64_t>(batch, 1);
}

// States begin as the model says, not with values that were made up.
void set_states(const ir::Graph& graph, verify::Inputs& inputs,
                std::vector<protocol::StateLink>& links) {
  for (const ir::State& state : graph.states()) {
    links.push_back({.output = state.output->name(), .input = state.input->name()});
    inputs[state.input->name()] = ops::Datum{ops::load(state.initial, ops::Arithmetic::Judge)};
  }
}

class SubjectMaker {
 public:
  SubjectMaker(const BenchOptions& options, std::vector<Candidate> candidates,
               BenchSubjects& result, Diagnostics& problems)
      : options_(options),
        candidates_(std::move(candidates)),
        result_(result),
        problems_(problems) {}

  void add(ModelOptions model, const std::filesystem::path& folder, const std::string& name) {
    Diagnostics own;
    model.is_one_of_several = options_.models.size() > 1;
    model.stop = options_.stop;
    ModelFiles& files = files_.emplace_back(model, folder, name, own);
    const bool is_unreadable = own.has_errors();
    problems_.append(own);
    if (is_unreadable) {
      result_.has_unreadable_model = true;
      return;
    }
    if (result_.own_runtime.empty())
      result_.own_runtime = runtimes::own_runtime(files.format()).name;
    lab::ModelFile file{.name = model.path.string()};
    make_inputs(files, file);
    for (const Candidate& candidate : candidates_) add_on(candidate, files, file);
  }

  // Once all are added: throws for what is said of the models and none has a use for.
  void require_use_of_options() const {
    std::vector<const convert::Source*> sources;
    for (const ModelFiles& file : files_) sources.push_back(&file.source());
    if (sources.size() > 1 && !result_.has_unreadable_model)
      require_use(options_.models.front(), sources);
  }

 private:
  void make_inputs(const ModelFiles& files, lab::ModelFile& file) {
    const ir::Graph& graph = *files.model().graph;
    verify::InputOptions wanted = options_.inputs;
    const ReadInputs read = read_inputs(options_.input_files, graph, wanted);
    if (!read.samples.empty())
      wanted = verify::with_sample(std::move(wanted), read.samples.front());
    verify::InputSet set = verify::make_inputs(graph, verify::InputKind::Normal, wanted);
    set_states(graph, set.values, file.states);
    auto tensors = values::to_host(set.values);
    file.batch = batch_of(tensors);
    file.inputs = std::make_shared<const std::vector<runtimes::HostTensor>>(std::move(tensors));
    for (std::string& line : set.assumptions) {
      if (std::ranges::find(result_.assumptions, line) == result_.assumptions.end())
        result_.assumptions.push_back(std::move(line));
    }
  }

  void add_on(const Candidate& candidate, ModelFiles& files, lab::ModelFile file) {
    lab::Subject subject{
        .runtime = candidate.choice, .status = candidate.status, .why = candidate.why};
    subject.settings = settings_for(*candidate.adapter, options_.settings, options_.threads);
    if (subject.status == TrialStatus::Ok) {
      Diagnostics own;
      const auto runnable = files.file_for(candidate.formats, own);
      if (runnable) {
        file.path = runnable->path;
        file.weights = runnable->weights;
        file.others = runnable->others;
        file.format = runnable->format;
        add_variations(subject);
      } else {
        subject.status = TrialStatus::Refused;
        subject.why = own.entries().empty() ? fmt::format("{} takes no form of a {} model",
                                                          candidate.adapter->title, files.format())
                                            : own.entries().front().message;
      }
    }
    subject.model = std::move(file);
    add_devices(candidate, subject);
  }

  void add_variations(lab::Subject& subject) const {
    const auto more = options_.variations.find(subject.runtime.name);
    if (more == options_.variations.end()) return;
    subject.settings.insert(subject.settings.end(), more->second.begin(), more->second.end());
  }

  void add_devices(const Candidate& candidate, const lab::Subject& subject) {
    const std::vector<std::string> wanted =
        options_.devices.empty() ? std::vector<std::string>{"cpu"} : options_.devices;
    for (const std::string& device : wanted) {
      lab::Subject one = subject;
      one.devices = {device};
      const bool is_known = candidate.devices.empty() ||
                            std::ranges::find(candidate.devices, device) != candidate.devices.end();
      if (!is_known && one.status == TrialStatus::Ok) {
        one.status = TrialStatus::Unavailable;
        one.why = fmt::format("{} has no device `{}` here", candidate.adapter->title, device);
        problems_.add(Error(Code::MissingDevice, one.why,
                            fmt::format("it has {}", fmt::join(candidate.devices, ", "))));
      }
      result_.subjects.push_back(std::move(one));
    }
  }

  const BenchOptions& options_;
  std::vector<Candidate> candidates_;
  BenchSubjects& result_;
  Diagnostics& problems_;
  std::list<ModelFiles> files_;
};

}  // namespace

BenchSubjects make_subjects(const BenchOptions& options, const std::filesystem::path& folder,
                            Diagnostics& problems) {
  std::vector<Candidate> found = candidates(options, problems);
  std::vector<const runtimes::Adapter*> adapters;
  for (const Candidate& candidate : found) adapters.push_back(candidate.adapter);
  require_runtimes_of(options.settings, adapters);
  BenchSubjects result;
  SubjectMaker maker(options, std::move(found), result, problems);
  for (std::size_t i = 0; i < options.models.size(); ++i)
    maker.add(options.models[i], folder, fmt::format("model{}", i + 1));
  maker.require_use_of_options();
  return result;
}

}  // namespace ponte::jobs
