#include "jobs/accuracy.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "base/counted.h"
#include "base/error.h"
#include "base/json.h"
#include "base/text.h"
#include "jobs/problems.h"
#include "lab/measurement.h"
#include "lab/worker_executor.h"
#include "runtimes/values/values.h"

namespace ponte::jobs {
namespace {

using runtimes::HostTensor;

const ir::Tensor& array_named(const Arrays& arrays, const std::string& name) {
  std::vector<std::string> names;
  for (const auto& [own, array] : arrays) {
    if (own == name) return array;
    names.push_back(own);
  }
  const auto near = closest(name, names);
  throw Error(Code::UnknownName, fmt::format("the samples have no array `{}`", name),
              near ? fmt::format("did you mean `{}`?", *near)
                   : fmt::format("they have {}", fmt::join(names, ", ")));
}

std::vector<std::int64_t> classes_of(const ir::Tensor& array, const std::string& name) {
  if (array.shape().size() == 1 && !ir::is_float(array.dtype())) return array.to_i64();
  throw Error(Code::InvalidInputValue,
              fmt::format("the labels `{}` are no list of whole numbers", name),
              "one integer for each sample: the number of its class, from 0");
}

std::size_t row_count(std::span<const std::int64_t> shape) {
  return shape.empty() ? 0 : static_cast<std::size_t>(shape.front());
}

std::size_t batch_of(const lab::Trial& trial) {
  return std::max<std::size_t>(1, row_count(trial.model.inputs->front().shape));
}

// `count` samples from `first` on; after the last one the first ones again.
HostTensor rows(const std::string& name, const ir::Tensor& array, std::size_t first,
                std::size_t count) {
  const std::size_t all = row_count(array.shape());
  HostTensor part{.name = name, .dtype = array.dtype(), .shape = array.shape()};
  part.shape.front() = static_cast<std::int64_t>(count);
  for (std::size_t from = first; count > 0; from = 0) {
    const std::size_t taken = std::min(count, all - from);
    const auto bytes = ir::sliced(array, 0, static_cast<std::int64_t>(from),
                                  static_cast<std::int64_t>(from + taken))
                           .read_all();
    part.bytes.insert(part.bytes.end(), bytes.begin(), bytes.end());
    count -= taken;
  }
  return part;
}

std::vector<std::size_t> largest_scores(HostTensor output, std::size_t samples) {
  const std::string name = output.name;
  std::vector<HostTensor> one;
  one.push_back(std::move(output));
  const values::Values given = values::from_host(std::move(one), ops::Arithmetic::Judge);
  const ops::Array& array = given.at(name).array();
  if (!array.holds<double>() || array.as<double>().size() < samples) return {};
  const auto scores = array.as<double>();
  const std::size_t classes = scores.size() / samples;
  std::vector<std::size_t> largest;
  for (std::size_t i = 0; i < samples; ++i) {
    const auto row = scores.subspan(i * classes, classes);
    largest.push_back(static_cast<std::size_t>(std::ranges::max_element(row) - row.begin()));
  }
  return largest;
}

class Counting {
 public:
  Counting(const lab::Trial& trial, const LabelledSamples& samples)
      : trial_(trial), samples_(samples) {
    result_ = {.trial = trial.id,
               .runtime = trial.runtime.name,
               .version = trial.runtime.version,
               .why = {}};
  }

  Accuracy run(const runtimes::WorkerOptions& workers) {
    auto worker = lab::start_worker(trial_, workers);
    if (!worker) {
      result_.why = lab::reason_of(worker.failure());
      return result_;
    }
    const std::size_t batch = batch_of(trial_);
    for (std::size_t first = 0; first < samples_.labels.size() && result_.why.empty();
         first += batch) {
      throw_if_stopped(workers.stop);
      add_batch(*worker.value(), first, batch);
    }
    return result_;
  }

 private:
  void add_batch(runtimes::Worker& worker, std::size_t first, std::size_t batch) {
    std::vector<HostTensor> inputs;
    for (const auto& [name, array] : samples_.inputs)
      inputs.push_back(rows(name, array, first, batch));
    if (const auto set = worker.set_inputs(0, std::move(inputs)); !set) {
      result_.why = lab::reason_of(set.failure());
      return;
    }
    auto answer = worker.run(0);
    if (!answer) {
      result_.why = lab::reason_of(answer.failure());
    } else if (answer->outputs.size() != 1) {
      result_.why = fmt::format("the model has {} outputs, and a class is the largest score of one",
                                answer->outputs.size());
    } else {
      count(largest_scores(std::move(answer->outputs.front()), batch), first);
    }
  }

  void count(const std::vector<std::size_t>& classes, std::size_t first) {
    if (classes.empty()) result_.why = "the output has no score for each sample";
    for (std::size_t i = 0; i < classes.size() && first + i < samples_.labels.size(); ++i) {
      ++result_.samples;
      result_.right += std::cmp_equal(classes[i], samples_.labels[first + i]);
    }
  }

  const lab::Trial& trial_;
  const LabelledSamples& samples_;
  Accuracy result_;
};

}  // namespace

LabelledSamples labelled_samples(const Arrays& arrays, const std::vector<HostTensor>& model_inputs,
                                 const std::string& labels) {
  LabelledSamples samples{.inputs = {}, .labels = classes_of(array_named(arrays, labels), labels)};
  for (const HostTensor& input : model_inputs) {
    const ir::Tensor& array = array_named(arrays, input.name);
    const std::size_t count = row_count(array.shape());
    if (count != samples.labels.size() || count == 0) {
      throw Error(Code::InvalidInputValue,
                  fmt::format("`{}` has {}, and `{}` has {}", input.name,
                              counted(count, "sample", "samples"), labels, samples.labels.size()),
                  "the first axis of both counts the samples");
    }
    samples.inputs.emplace_back(input.name, array);
  }
  return samples;
}

std::vector<Accuracy> measure_accuracy(const lab::Plan& plan, const LabelledSamples& samples,
                                       const runtimes::WorkerOptions& workers) {
  std::vector<Accuracy> accuracies;
  std::set<std::string> asked;
  for (const lab::Trial& trial : plan.trials) {
    if (trial.status == store::TrialStatus::Ok && trial.model.inputs &&
        !trial.model.inputs->empty() &&
        asked.insert(trial.runtime.name + '@' + trial.runtime.version).second)
      accuracies.push_back(Counting(trial, samples).run(workers));
  }
  return accuracies;
}

Json to_json(const std::vector<Accuracy>& accuracies) {
  Json rows = Json::array();
  for (const Accuracy& row : accuracies) {
    const bool is_known = row.why.empty() && row.samples > 0;
    const auto share = static_cast<double>(row.right) / static_cast<double>(row.samples);
    rows.push_back({{"trial", row.trial},
                    {"runtime", row.runtime},
                    {"version", text_or_null(row.version)},
                    {"accuracy", is_known ? Json(share) : Json()},
                    {"right", row.right},
                    {"samples", row.samples},
                    {"why", text_or_null(row.why)}});
  }
  return rows;
}

}  // namespace ponte::jobs
