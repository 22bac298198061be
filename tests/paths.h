// Where the tests find files. Defined once, so that no other object depends on where the checkout
// lies.
#pragma once

#include <filesystem>
#include <string>

namespace ponte::test {

std::filesystem::path source_folder();   // of the checkout
std::filesystem::path data_folder();     // tests/data
std::filesystem::path program_folder();  // where the built programs are

// Models that others trained: $PONTE_MODELS, or the folder beside the checkout. It may be missing:
// then a test skips, with missing_models() as its reason.
std::filesystem::path models_folder();
std::string missing_models();

}  // namespace ponte::test
