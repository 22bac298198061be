#include "cli/internal_error.h"

#include <fmt/format.h>
#include <unistd.h>

#include <ctime>

#include "base/environment.h"
#include "base/file_writer.h"
#include "base/json.h"
#include "jobs/program.h"

namespace ponte::cli {
namespace {

std::string timestamp() {
  const std::time_t now = std::time(nullptr);
  std::tm utc{};
  ::gmtime_r(&now, &utc);
  char text[32];
  return {text, std::strftime(text, sizeof(text), "%Y%m%dT%H%M%SZ", &utc)};
}

std::filesystem::path write_log(std::string_view exception, std::string_view message,
                                const std::vector<std::string>& words) {
  const std::filesystem::path folder = cache_folder() / "logs";
  std::filesystem::create_directories(folder);
  auto path = folder / fmt::format("internal-{}-{}.json", timestamp(), ::getpid());
  write_file(path, json_text({{"schema", "ponte/log/1"},
                              {"time", timestamp()},
                              {"version", jobs::program_version()},
                              {"arguments", words},
                              {"exception", exception},
                              {"message", message}}));
  return path;
}

}  // namespace

Error internal_error(std::string_view exception, std::string_view message,
                     const std::vector<std::string>& words) {
  const std::string text = fmt::format("internal error: {}", message);
  try {
    return {Code::InternalError, text,
            fmt::format("this is a defect of ponte, and its log is `{}`",
                        write_log(exception, message, words).string())};
  } catch (const std::exception& error) {
    return {Code::InternalError, text,
            fmt::format("this is a defect of ponte; there is no log: {}", error.what())};
  }
}

}  // namespace ponte::cli
