#include "duck/alias_error.h"

#include <algorithm>
#include <cctype>

#include "base/text.h"

namespace penstock::duck {
namespace {

bool IsNameByte(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' ||
         static_cast<unsigned char>(c) >= 0x80;
}

// The name in `Column "x" referenced that exists in the SELECT clause`, quotes escaped or not.
std::string AliasInMessage(std::string_view message) {
  static constexpr std::string_view kBehind = " referenced that exists in the SELECT clause";
  const size_t behind = message.find(kBehind);
  if (behind == std::string_view::npos) return "";
  std::string_view before = message.substr(0, behind);
  const bool escaped = before.ends_with("\\\"");
  const std::string_view quote = escaped ? "\\\"" : "\"";
  if (!before.ends_with(quote)) return "";
  before.remove_suffix(quote.size());
  const size_t begin = before.rfind(quote);
  return begin == std::string_view::npos ? "" : std::string(before.substr(begin + quote.size()));
}

}  // namespace

std::optional<std::string> WithOtherAlias(std::string_view sql, std::string_view message) {
  const std::string name = AliasInMessage(message);
  if (name.empty()) return std::nullopt;
  std::string changed(sql);
  bool found = false;
  for (size_t at = 0; at + 2 < sql.size(); ++at) {
    const bool as = EqualsIgnoreCase(sql.substr(at, 2), "as") &&
                    (at == 0 || !IsNameByte(sql[at - 1])) && !IsNameByte(sql[at + 2]);
    if (!as) continue;
    size_t begin = at + 2;
    while (begin < sql.size() && std::isspace(static_cast<unsigned char>(sql[begin])) != 0) ++begin;
    const bool quoted = begin < sql.size() && sql[begin] == '"';
    if (quoted) ++begin;
    const size_t end = begin + name.size();
    const bool same = EqualsIgnoreCase(sql.substr(begin, name.size()), name) &&
                      (end >= sql.size() || (quoted ? sql[end] == '"' : !IsNameByte(sql[end])));
    if (!same) continue;
    std::fill(changed.begin() + static_cast<ptrdiff_t>(begin),
              changed.begin() + static_cast<ptrdiff_t>(end), quoted ? '~' : '_');
    found = true;
  }
  if (!found) return std::nullopt;
  return changed;
}

}  // namespace penstock::duck
