// The style and the script of the page, made into C++ by embed_assets.cmake from the files in
// assets/.
#pragma once

#include <string_view>

namespace ponte::report {

struct Asset {
  std::string_view text;
  std::string_view policy_hash;  // for the content security policy: "sha256-..."
};

extern const Asset page_style;
extern const Asset page_script;

}  // namespace ponte::report
