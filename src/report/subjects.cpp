#include "report/subjects.h"

#include <set>

#include "report/fields.h"
#include "report/figures.h"
#include "report/names.h"

namespace ponte::report {

std::string subject_title(const Json& subject) {
  std::string out = runtime_name(text_field(subject, "runtime"));
  if (const std::string version = text_field(subject, "version"); !version.empty())
    out += ' ' + version;
  if (const std::string model = text_field(subject, "model"); !model.empty())
    out += " on " + file_name(model);
  return out;
}

std::string subject_name(const Json& verify, const Json& subject) {
  const Json::array_t& subjects = items(field(verify, "subjects"));
  if (subject.is_number_integer() || subject.is_number_unsigned()) {
    const auto index = subject.get<std::int64_t>();
    if (index < 0 || static_cast<std::size_t>(index) >= subjects.size()) return text_of(subject);
    const Json& found = subjects[static_cast<std::size_t>(index)];
    const std::string runtime = runtime_name(text_field(found, "runtime"));
    for (const Json& other : subjects) {
      const bool same_runtime = text_field(other, "runtime") == text_field(found, "runtime");
      if (&other != &found && same_runtime) return subject_title(found);
    }
    return runtime;
  }
  return runtime_name(text_of(subject));
}

std::size_t distinct_outputs(const Json& verify) {
  std::set<std::string> names;
  for (const Json& output : items(field(verify, "outputs")))
    names.insert(text_field(output, "name"));
  return names.size();
}

}  // namespace ponte::report
