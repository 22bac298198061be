#include "cli/report_form.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/error.h"
#include "base/text.h"

namespace ponte::cli {
namespace {

using jobs::ReportForm;

struct FormRow {
  std::string_view name;
  ReportForm form;
  std::string_view ending;
};

constexpr auto forms = std::to_array<FormRow>({
    {"html", ReportForm::Html, ".html"},
    {"json", ReportForm::Json, ".json"},
    {"markdown", ReportForm::Markdown, ".md"},
    {"csv", ReportForm::Csv, ".csv"},
});

}  // namespace

std::vector<std::string> form_names() {
  std::vector<std::string> names;
  for (const FormRow& row : forms) names.emplace_back(row.name);
  return names;
}

std::optional<ReportForm> report_form(const Arguments& arguments) {
  if (const auto name = arguments.text("--to"))
    return std::ranges::find(forms, *name, &FormRow::name)->form;
  const auto output = arguments.text("--output");
  if (!output || *output == "-") return std::nullopt;
  for (const FormRow& row : forms) {
    if (output->ends_with(row.ending)) return row.form;
  }
  throw Error(Code::UsageError,
              fmt::format("the name `{}` does not say a form", escape_control(*output, 200)),
              "end it in .html, .json, .md or .csv, or give --to");
}

}  // namespace ponte::cli
