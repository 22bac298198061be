#include "report/html_reader.h"

#include <set>
#include <stdexcept>

namespace ponte::report {
namespace {

const std::set<std::string, std::less<>> known_elements = {
    "html",    "head",   "meta",    "title",   "style",   "body",       "a",      "header",
    "span",    "div",    "button",  "main",    "section", "p",          "h1",     "h2",
    "h3",      "nav",    "ul",      "li",      "dl",      "dt",         "dd",     "table",
    "caption", "thead",  "tbody",   "tfoot",   "tr",      "th",         "td",     "code",
    "pre",     "strong", "details", "summary", "figure",  "figcaption", "aside",  "footer",
    "script",  "svg",    "desc",    "line",    "path",    "rect",       "circle", "text"};
const std::set<std::string, std::less<>> known_attributes = {"lang",
                                                             "charset",
                                                             "http-equiv",
                                                             "content",
                                                             "name",
                                                             "class",
                                                             "href",
                                                             "id",
                                                             "hidden",
                                                             "type",
                                                             "role",
                                                             "tabindex",
                                                             "scope",
                                                             "rel",
                                                             "data-copy",
                                                             "aria-label",
                                                             "aria-labelledby",
                                                             "aria-hidden",
                                                             "viewBox",
                                                             "width",
                                                             "height",
                                                             "preserveAspectRatio",
                                                             "d",
                                                             "x",
                                                             "y",
                                                             "x1",
                                                             "x2",
                                                             "y1",
                                                             "y2",
                                                             "cx",
                                                             "cy",
                                                             "r",
                                                             "rx",
                                                             "text-anchor"};
const std::set<std::string, std::less<>> empty_elements = {"meta"};
const std::set<std::string, std::less<>> blocks = {
    "h1",      "h2",         "h3",  "p",   "li",     "dt",     "dd",      "tr", "caption",
    "summary", "figcaption", "pre", "div", "header", "button", "section", "nav"};

class Reader {
 public:
  explicit Reader(std::string_view page) : page_(page) {}

  std::vector<HtmlElement> read() {
    expect("<!doctype html>");
    while (position_ < page_.size()) {
      const std::size_t next = std::min(page_.find('<', position_), page_.size());
      add_text(page_.substr(position_, next - position_));
      position_ = next;
      if (position_ < page_.size()) read_tag();
    }
    if (!open_.empty()) fail("`" + elements_[open_.back()].name + "` is not closed");
    return elements_;
  }

 private:
  [[noreturn]] void fail(const std::string& what) const {
    throw std::runtime_error(
        what + " at: " + std::string(page_.substr(position_ < 60 ? 0 : position_ - 60, 160)));
  }

  void expect(std::string_view text) {
    if (page_.substr(position_, text.size()) != text) fail("expected " + std::string(text));
    position_ += text.size();
  }

  void add_text(std::string_view text) {
    for (const char c : text) {
      if (c == '>' || (static_cast<unsigned char>(c) < 0x20 && c != '\n'))
        fail("a raw character in text");
    }
    if (!open_.empty()) elements_[open_.back()].text += text;
  }

  std::string read_name() {
    std::string name;
    while (position_ < page_.size() &&
           (std::isalnum(static_cast<unsigned char>(page_[position_])) || page_[position_] == '-'))
      name += page_[position_++];
    return name;
  }

  void skip_spaces() {
    while (position_ < page_.size() && (page_[position_] == ' ' || page_[position_] == '\n'))
      ++position_;
  }

  void read_tag() {
    expect("<");
    const bool closing = page_.substr(position_).starts_with('/');
    if (closing) ++position_;
    const std::string name = read_name();
    if (!known_elements.contains(name)) fail("unknown element `" + name + "`");
    if (closing) {
      expect(">");
      if (open_.empty() || elements_[open_.back()].name != name)
        fail("`" + name + "` closes nothing");
      open_.pop_back();
      return;
    }
    HtmlElement element{name, {}, {}};
    bool closed = false;
    for (skip_spaces(); !page_.substr(position_).starts_with('>'); skip_spaces()) {
      if (page_.substr(position_).starts_with("/>")) {
        closed = true;
        ++position_;
        break;
      }
      read_attribute(element);
    }
    expect(">");
    elements_.push_back(element);
    if (closed || empty_elements.contains(name)) return;
    open_.push_back(elements_.size() - 1);
    if (name == "script" || name == "style") {
      const std::size_t end = page_.find("</" + name, position_);
      if (end == std::string_view::npos) fail("an open " + name);
      elements_.back().text = page_.substr(position_, end - position_);
      position_ = end;
    }
  }

  void read_attribute(HtmlElement& element) {
    const std::string name = read_name();
    if (!known_attributes.contains(name)) fail("unknown attribute `" + name + "`");
    std::string value;
    if (name != "hidden") {
      expect("=\"");
      const std::size_t end = page_.find('"', position_);
      if (end == std::string_view::npos) fail("an open attribute");
      value = page_.substr(position_, end - position_);
      if (value.find_first_of("<>") != std::string::npos) fail("a raw character in an attribute");
      position_ = end + 1;
    }
    if (!element.attributes.emplace(name, value).second) fail("`" + name + "` twice");
  }

  std::string_view page_;
  std::size_t position_ = 0;
  std::vector<HtmlElement> elements_;
  std::vector<std::size_t> open_;
};

std::string without_element(std::string page, const std::string& name) {
  for (std::size_t at = page.find("<" + name); at != std::string::npos;
       at = page.find("<" + name, at)) {
    int depth = 0;
    std::size_t end = at;
    do {
      const std::size_t opening = page.find("<" + name, end + 1);
      const std::size_t closing = page.find("</" + name + ">", end + 1);
      if (end == at) ++depth;
      if (closing == std::string::npos) return page;
      if (opening < closing) {
        ++depth;
        end = opening;
      } else {
        --depth;
        end = closing;
      }
    } while (depth > 0);
    page.erase(at, end + name.size() + 3 - at);
  }
  return page;
}

}  // namespace

std::vector<HtmlElement> read_html(std::string_view page) { return Reader(page).read(); }

std::string page_outline(std::string_view page) {
  std::string rest(page);
  for (const char* const name : {"style", "script", "svg"})
    rest = without_element(std::move(rest), name);
  std::string out;
  for (std::size_t position = rest.find("<body>"); position < rest.size();) {
    const std::size_t tag = rest.find('<', position);
    if (tag == std::string::npos) break;
    for (const char c : rest.substr(position, tag - position)) {
      if (c != '\n' || (!out.empty() && out.back() != '\n')) out += c;
    }
    const std::size_t end = rest.find('>', tag);
    const std::size_t name_end = rest.find_first_of(" />", tag + 1);
    const std::string name = rest.substr(tag + 1, name_end - tag - 1);
    if (blocks.contains(name) && !out.empty() && out.back() != '\n') out += '\n';
    if (name == "h1" || name == "h2" || name == "h3")
      out += std::string(static_cast<std::size_t>(name[1] - '0'), '#') + ' ';
    if (name == "td" || name == "th") out += " | ";
    if (name == "span" || name == "strong") out += ' ';
    position = end + 1;
  }
  return out + '\n';
}

}  // namespace ponte::report
