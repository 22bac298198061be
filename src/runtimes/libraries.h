// Looks for shared libraries by name, in the folders where packages put them.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "runtimes/adapter.h"

namespace ponte::runtimes {

// Where below a place a library may lie, beside the place itself, its `lib` and its
// `lib/<machine>-linux-gnu`.
struct LibraryName {
  std::string_view stem;  // "libonnxruntime.so": the file is this, or this with a version behind it
  std::string_view python_folder;  // in site-packages; empty: not from Python packages
};

// Every file of that name at a place, the newest first and each one once (links are resolved). The
// place may be a Python environment, a folder, or the library itself.
std::vector<Installation> find_libraries(const Place& place, const LibraryName& name,
                                         std::string_view runtime);

// "1.32.0" of ".../libonnxruntime.so.1.32.0"; empty when the name has no version.
std::string version_of(const std::filesystem::path& library, std::string_view stem);

// Compares versions number by number.
bool is_newer(std::string_view a, std::string_view b);

}  // namespace ponte::runtimes
