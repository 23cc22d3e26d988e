#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sql/query/query.h"
#include "sql/token.h"

namespace penstock::sql {

// Translated text that still knows where it came from.
struct Fragment {
  std::string text;
  std::vector<SourceMap::Entry> entries;  // ascending by translated

  void Append(std::string_view added, size_t original);
  void Append(const Fragment& added);
};

// Changes to a token sequence, rendered in one pass at the end. Token numbers are indices into
// `tokens`; ranges are [first, last). Text put around one token nests: what was added later stands
// outside of what was added before.
class Rewrite {
 public:
  // `text` and `tokens` must outlive the object.
  Rewrite(std::string_view text, const std::vector<Token>& tokens);

  void Replace(size_t token, const std::string& replacement);
  void Replace(size_t token, Fragment replacement);
  void Remove(size_t first, size_t last);
  // Replaces the whole range, and what was changed inside it, by the fragment.
  void ReplaceRange(size_t first, size_t last, Fragment replacement);
  void Before(size_t token, std::string added);
  void After(size_t token, std::string added);
  // `before` and `after` around the range.
  void Wrap(size_t first, size_t last, std::string before, std::string after);

  Fragment Render(size_t first, size_t last) const;

 private:
  struct Change {
    std::vector<std::string> before;  // innermost first
    std::optional<Fragment> replacement;
    std::vector<std::string> after;  // innermost first
    bool removed = false;            // with the blanks before it
  };
  void AppendGap(size_t token, Fragment* out) const;
  void AppendToken(size_t token, Fragment* out) const;

  std::string_view text_;
  const std::vector<Token>& tokens_;
  std::vector<Change> changes_;
};

}  // namespace penstock::sql
