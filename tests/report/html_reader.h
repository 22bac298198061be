// A strict reader of the pages: it takes only what the report may contain, so that nothing else can
// hide in them.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace ponte::report {

struct HtmlElement {
  std::string name;
  std::map<std::string, std::string> attributes;
  std::string text;  // directly inside it, entities as they are
};

// All elements in document order. Throws std::runtime_error with the place where tags don't nest,
// an attribute isn't quoted, or an element or attribute occurs that reports don't use (scripts by
// attribute, styles, sources, frames).
std::vector<HtmlElement> read_html(std::string_view page);

// What a reader sees, one line per block, with headings marked; pictures, style, script and data
// left out.
std::string page_outline(std::string_view page);

}  // namespace ponte::report
