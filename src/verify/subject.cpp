#include "verify/subject.h"

namespace ponte::verify {

runtimes::Outcome<std::vector<Values>> run_subject(const SubjectSpec& spec,
                                                   const std::vector<Inputs>& sets,
                                                   const std::vector<std::string>& keep) {
  auto worker = runtimes::Worker::start(spec.command);
  if (!worker) return worker.failure();
  runtimes::LoadRequest load = spec.load;
  load.keep = keep;
  if (const auto loaded = worker.value()->load(load); !loaded) return loaded.failure();
  std::vector<Values> results;
  for (std::size_t set = 0; set < sets.size(); ++set) {
    if (const auto done = worker.value()->set_inputs(set, values::to_host(sets[set])); !done)
      return done.failure();
    auto result = worker.value()->run(set);
    if (!result) return result.failure();
    results.push_back(values::from_host(std::move(result->outputs), ops::Arithmetic::Judge));
  }
  (void)worker.value()->bye();
  return results;
}

}  // namespace ponte::verify
