#include "jobs/verify_subjects.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/error.h"
#include "jobs/trial_settings.h"
#include "jobs/working_runtime.h"

namespace ponte::jobs {
namespace {

bool takes(const runtimes::Adapter& adapter, std::string_view format) {
  return std::ranges::find(adapter.formats, format) != adapter.formats.end();
}

// One combination: verification compares, it does not measure.
runtimes::Settings settings_of(const runtimes::Adapter& adapter, const VerifyOptions& options) {
  std::vector<std::uint64_t> threads;
  if (options.threads) threads.push_back(*options.threads);
  const auto all = settings_for(adapter, options.settings, threads);
  if (all.size() > 1) {
    throw Error(Code::UsageError, "a setting has several values in `--set`",
                "`ponte verify` takes one; `ponte bench` measures several");
  }
  return all.empty() ? runtimes::Settings() : all.front();
}

// Other numbers of threads, where the runtime can be told.
std::vector<runtimes::Settings> variations_of(const runtimes::Adapter& adapter,
                                              const runtimes::Settings& own) {
  std::vector<runtimes::Settings> variations;
  for (const std::uint64_t count : {1, 2}) {
    for (const runtimes::Settings& settings : settings_for(adapter, {}, {{count}})) {
      const bool is_own = std::ranges::all_of(settings, [&](const auto& entry) {
        const auto it = own.find(entry.first);
        return it != own.end() && it->second == entry.second;
      });
      if (!settings.empty() && !is_own) variations.push_back(settings);
    }
  }
  return variations;
}

}  // namespace

VerifySubjects::VerifySubjects(const VerifyOptions& options, const std::filesystem::path& folder,
                               Diagnostics& problems)
    : options_(options),
      folder_(folder),
      problems_(problems),
      search_(options.search ? *options.search : runtimes::default_search_path()) {
  read(options.model);
  for (const std::filesystem::path& other : options.others) {
    if (problems_.has_errors()) return;
    ModelOptions same = options.model;
    same.path = other;
    same.weights.clear();
    same.format.clear();
    read(std::move(same));
  }
  std::vector<const convert::Source*> sources;
  for (const ModelFiles& file : files_) sources.push_back(&file.source());
  if (!problems_.has_errors()) require_use(options.model, sources);
  if (options.others.empty() && !problems_.has_errors()) add_conversion();
  if (problems_.has_errors()) return;
  require_runtimes_of(options.settings, adapters());
  for (ModelFiles& file : files_) {
    for (const std::string& runtime : runtimes_for(file)) add_on(file, runtime);
  }
}

std::vector<std::string> VerifySubjects::runtimes_for(const ModelFiles& file) const {
  if (!options_.runtimes.empty()) return options_.runtimes;
  return {std::string(runtimes::own_runtime(file.format()).name)};
}

std::vector<const runtimes::Adapter*> VerifySubjects::adapters() const {
  std::vector<const runtimes::Adapter*> all;
  for (const ModelFiles& file : files_) {
    for (const std::string& runtime : runtimes_for(file))
      all.push_back(runtimes::find_runtime(runtimes::parse_runtime_spec(runtime).name));
  }
  return all;
}

// The sizes of open dims say what goes into an ONNX model, and change nothing of it.
void VerifySubjects::read(ModelOptions model) {
  const std::string_view format =
      model.format.empty() ? convert::recognise(model.path).name : std::string_view(model.format);
  if (format == "onnx") {
    model.shapes.dims.clear();
    model.stays_open = true;
  }
  model.is_one_of_several = !options_.others.empty();
  model.stop = options_.stop;
  files_.emplace_back(model, folder_, fmt::format("model{}", files_.size() + 1), problems_);
}

void VerifySubjects::add_conversion() {
  if (files_.front().format() == "onnx") return;
  const std::string onnx = "onnx";
  const auto converted = files_.front().file_for(std::span(&onnx, 1), problems_);
  if (!converted) return;
  ModelOptions model;
  model.path = converted->path;
  read(std::move(model));
  conversion_ = &files_.back();
}

const runtimes::Discovery& VerifySubjects::discovered(const std::string& runtime) {
  const auto [it, is_new] = discovered_.try_emplace(runtime);
  if (is_new) {
    it->second = runtimes::discover(runtimes::parse_runtime_spec(runtime), search_);
    pass_over_broken(it->second, search_, problems_);
  }
  return it->second;
}

void VerifySubjects::add_on(ModelFiles& file, const std::string& runtime) {
  const runtimes::Discovery& found = discovered(runtime);
  if (!takes(*found.adapter, file.format())) return;
  try {
    if (auto subject = make(file, found)) add(std::move(*subject));
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::Environment) throw;
    missing_.push_back({.label = fmt::format("{}", found.adapter->name),
                        .model = file.path().string(),
                        .runtime = std::string(found.adapter->name),
                        .version = found.spec.version,
                        .status = "unavailable",
                        .why = error.what(),
                        .precision = {}});
    const bool is_asked_for = !options_.runtimes.empty();
    problems_.add({.severity = is_asked_for ? Severity::Error : Severity::Warning,
                   .code = error.code(),
                   .message = error.what(),
                   .where = {},
                   .help = error.help()});
  }
}

// Results name subjects by their labels: a file that is given twice has two.
void VerifySubjects::add(verify::VerifySubject subject) {
  const std::string label = subject.spec.label;
  const auto has_label = [&](const verify::VerifySubject& other) {
    return other.spec.label == subject.spec.label;
  };
  for (int count = 2; std::ranges::any_of(subjects_, has_label); ++count)
    subject.spec.label = fmt::format("{} ({})", label, count);
  subjects_.push_back(std::move(subject));
}

// Its file's name, with the path where several files have the same one.
std::string VerifySubjects::name_of(const ModelFiles& file, const std::string& path) const {
  const auto name = std::filesystem::path(path).filename();
  const bool has_twin = std::ranges::any_of(files_, [&](const ModelFiles& other) {
    return &other != &file && &other != conversion_ && &file != conversion_ &&
           other.path().filename() == name;
  });
  return has_twin ? path : name.string();
}

std::optional<verify::VerifySubject> VerifySubjects::make(ModelFiles& file,
                                                          const runtimes::Discovery& found) {
  const runtimes::Adapter& adapter = *found.adapter;
  const runtimes::Installation& installation = runtimes::require(found);
  const std::string format(file.format());
  const auto runnable = file.file_for(std::span(&format, 1), problems_);
  if (!runnable) {
    missing_.push_back(
        {.label = std::string(adapter.name),
         .model = file.path().string(),
         .runtime = std::string(adapter.name),
         .version = installation.version,
         .status = "refused",
         .why = fmt::format("there is no {} file with what the options say of the model", format),
         .precision = {}});
    return std::nullopt;
  }
  verify::VerifySubject subject;
  subject.graph = file.model().graph.get();
  if (&file != &files_.front() && &file != conversion_) {
    subject.shapes = verify::Shapes::MayDiffer;
    subject.names = options_.names;
    subject.has_chosen_outputs = !options_.model.outputs_at.empty();
  }
  verify::SubjectSpec& spec = subject.spec;
  spec.model_path = &file == conversion_
                        ? fmt::format("{}.onnx", options_.model.path.stem().string())
                        : file.path().string();
  spec.runtime = adapter.name;
  spec.version = installation.version;
  const bool has_versions = std::ranges::count_if(options_.runtimes, [&](const std::string& text) {
                              return runtimes::parse_runtime_spec(text).name == adapter.name;
                            }) > 1;
  spec.label = fmt::format("{}{} on {}", adapter.name,
                           has_versions ? fmt::format("@{}", installation.version) : "",
                           name_of(file, spec.model_path));
  spec.command = runtimes::worker_command(adapter, installation, search_);
  spec.worker = options_.worker;
  spec.worker.stop = options_.stop;
  spec.load.model = runnable->path.string();
  spec.load.weights = runnable->weights.string();
  spec.load.format = runnable->format;
  spec.load.settings = settings_of(adapter, options_);
  spec.precision.f32 = adapter.arithmetic("cpu", spec.load.settings).unit_roundoff;
  subject.variations = variations_of(adapter, spec.load.settings);
  subject.is_own_runtime = &adapter == &runtimes::own_runtime(format);
  return subject;
}

}  // namespace ponte::jobs
