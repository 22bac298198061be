#include "jobs/working_runtime.h"

#include <fmt/format.h>

namespace ponte::jobs {

void pass_over_broken(runtimes::Discovery& discovery, const runtimes::SearchPath& search,
                      Diagnostics& problems) {
  const bool is_any = discovery.spec.version.empty() && discovery.spec.path.empty();
  if (!is_any || !discovery.found || discovery.all.size() < 2) return;
  const runtimes::Adapter& adapter = *discovery.adapter;
  Diagnostics passed_over;
  for (const runtimes::Installation& installation : discovery.all) {
    const auto answer = runtimes::probe(adapter, installation, search);
    if (answer) {
      discovery.found = installation;
      problems.append(passed_over);
      return;
    }
    passed_over.warn(
        runtimes::code_of(answer.failure().kind),
        fmt::format("{} {}; another copy is used", adapter.title,
                    broken_text(installation, answer.failure())),
        {},
        fmt::format("`ponte runtimes` lists all; `--runtime {}@VERSION` names one", adapter.name));
  }
}

std::string broken_text(const runtimes::Installation& installation,
                        const runtimes::WorkerFailure& failure) {
  std::string place = installation.version;
  if (!installation.library.empty())
    place += fmt::format("{}at `{}`", place.empty() ? "" : " ", installation.library.string());
  return fmt::format("{}{}does not work: {}", place, place.empty() ? "" : " ",
                     runtimes::describe(failure));
}

}  // namespace ponte::jobs
