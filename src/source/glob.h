#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace penstock::source {

// Whether the text has *, ?, [ or {.
bool IsGlob(std::string_view pattern);

// A path pattern: * and ? within one name, [a-z], [!a], {a,b} and ** for any number of folders;
// \ takes the next character as it is.
class Glob {
 public:
  explicit Glob(std::string_view pattern);
  bool Matches(std::string_view path) const;

 private:
  std::vector<std::string> alternatives_;  // without braces
};

// The longest folder before the first special character: "/a/b" of "/a/b/c*/d".
std::string FixedFolder(std::string_view pattern);

}  // namespace penstock::source
