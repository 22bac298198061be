// ponte doctor
#include "jobs/doctor.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/json.h"
#include "base/text.h"
#include "cli/invocation.h"

namespace ponte::cli {
namespace {

Style style_of(jobs::Health health) {
  switch (health) {
    case jobs::Health::Good:
      return Style::Green;
    case jobs::Health::Limited:
      return Style::Yellow;
    case jobs::Health::Bad:
      break;
  }
  return Style::Red;
}

std::string view(const jobs::DoctorResult& result, const Styles& styles) {
  std::string text;
  for (const jobs::Checkup& checkup : result.checkups) {
    const std::string health = fmt::format("{:<8}", jobs::to_string(checkup.health));
    text += fmt::format("{} {:<24} {}\n", styles.apply(style_of(checkup.health), health),
                        checkup.name, escape_control(checkup.finding, 300));
    if (!checkup.remedy.empty())
      text += fmt::format("{:9}help: {}\n", "", escape_control(checkup.remedy, 500));
  }
  const auto count = [&](jobs::Health health) {
    return std::ranges::count(result.checkups, health, &jobs::Checkup::health);
  };
  return text + fmt::format("{} good, {} limited, {} bad\n", count(jobs::Health::Good),
                            count(jobs::Health::Limited), count(jobs::Health::Bad));
}

int run(Invocation& invocation) {
  const jobs::DoctorResult result = jobs::examine();
  const int code = invocation.finish(
      jobs::to_json(result), {}, [&] { return view(result, invocation.console.output_styles()); });
  const bool is_bad =
      std::ranges::count(result.checkups, jobs::Health::Bad, &jobs::Checkup::health) > 0;
  return is_bad ? exit_code(ErrorKind::Environment) : code;
}

constexpr auto examples = std::to_array<Example>({
    {"ponte doctor", "what works here, what does not, and how to get it"},
});

}  // namespace

extern constinit const Command doctor_command{
    .name = "doctor",
    .summary = "is this machine ready, and how to get what is missing",
    .details =
        "It starts each runtime once. It ends with 5 when something is bad; what is only "
        "limited is no failure.",
    .examples = examples,
    .run = run,
};

}  // namespace ponte::cli
