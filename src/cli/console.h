// Where output goes: results to standard output, everything else to standard error.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/diagnostics.h"
#include "base/json_fwd.h"
#include "base/terminal.h"

namespace ponte::cli {

enum class OutputForm : std::uint8_t { Text, Json };
enum class Verbosity : std::uint8_t { Quiet, Normal, Verbose };

class Console {
 public:
  OutputForm form = OutputForm::Text;
  Verbosity verbosity = Verbosity::Normal;
  ColorChoice color = ColorChoice::Auto;

  // A result. That nobody reads any more is no error; throws CannotWriteFile for other failures.
  void print(std::string_view text);
  // One line of a message, without its line feed; not when quiet.
  void message(std::string_view line);
  // Grouped, with place and help; errors alone when quiet or where the JSON has them.
  void problems(const Diagnostics& problems);

  bool is_json() const { return form == OutputForm::Json; }
  Styles output_styles() const;
  std::size_t output_columns() const;

 private:
  bool nobody_reads_ = false;
};

}  // namespace ponte::cli
