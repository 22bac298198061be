#include "verify/subject.h"

#include "base/error.h"

namespace ponte::verify {

runtimes::Outcome<SubjectSession> SubjectSession::start(const SubjectSpec& spec,
                                                        const std::vector<std::string>& keep) {
  auto worker = runtimes::Worker::start(spec.command, spec.worker);
  if (!worker) return worker.failure();
  runtimes::LoadRequest load = spec.load;
  load.keep = keep;
  if (const auto loaded = worker.value()->load(load); !loaded) return loaded.failure();
  return SubjectSession(std::move(worker.value()));
}

runtimes::Outcome<Values> SubjectSession::run(const Inputs& inputs) {
  if (const auto done = worker_->set_inputs(0, values::to_host(inputs)); !done)
    return done.failure();
  auto result = worker_->run(0);
  if (!result) return result.failure();
  try {
    return values::from_host(std::move(result->outputs), ops::Arithmetic::Judge);
  } catch (const Error& error) {
    return runtimes::WorkerFailure{
        .kind = runtimes::FailureKind::Protocol, .phase = "run", .message = error.what()};
  }
}

runtimes::Outcome<std::vector<Values>> run_subject(const SubjectSpec& spec,
                                                   const std::vector<Inputs>& sets,
                                                   const std::vector<std::string>& keep) {
  auto session = SubjectSession::start(spec, keep);
  if (!session) return session.failure();
  std::vector<Values> results;
  for (const Inputs& inputs : sets) {
    auto values = session->run(inputs);
    if (!values) return values.failure();
    results.push_back(std::move(values.value()));
  }
  return results;
}

}  // namespace ponte::verify
