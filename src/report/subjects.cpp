#include "report/subjects.h"

#include <set>

#include "report/fields.h"
#include "report/figures.h"
#include "report/names.h"

namespace ponte::report {
namespace {

// The runtime alone, unless others run on it too.
std::string title_among(const Json& subject, const Json::array_t& subjects) {
  for (const Json& other : subjects) {
    const bool same_runtime = text_field(other, "runtime") == text_field(subject, "runtime");
    if (&other != &subject && same_runtime) return subject_title(subject);
  }
  return runtime_name(text_field(subject, "runtime"));
}

}  // namespace

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
    return title_among(subjects[static_cast<std::size_t>(index)], subjects);
  }
  const std::string label = text_of(subject);
  for (const Json& found : subjects) {
    if (!label.empty() && text_field(found, "label") == label) return title_among(found, subjects);
  }
  return runtime_name(label);
}

std::size_t distinct_outputs(const Json& verify) {
  std::set<std::string> names;
  for (const Json& output : items(field(verify, "outputs")))
    names.insert(text_field(output, "name"));
  return names.size();
}

}  // namespace ponte::report
