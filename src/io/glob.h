#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace penstock::io {

// Whether the text has *, ?, [ or {.
bool IsGlob(std::string_view pattern);

// A pattern of paths: * and ? within one name, [a-z], [!a], {a,b}, and ** as a whole name for any
// number of folders; \ takes the next character as it is. A name that begins with a dot is only
// matched by one that does. A pattern without any of these names the path itself.
class Glob {
 public:
  explicit Glob(std::string_view pattern);
  bool Matches(std::string_view path) const;

 private:
  std::vector<std::vector<std::string>> alternatives_;  // without braces, as names between slashes
};

// A pattern that names this path alone.
std::string EscapeGlob(std::string_view path);

// The longest folder before the first special character, where a search can begin: "/a/b" of
// "/a/b/c*/d".
std::string FixedFolder(std::string_view pattern);

}  // namespace penstock::io
