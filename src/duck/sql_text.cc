#include "duck/engine.h"

namespace penstock::duck {
namespace {

std::string Quote(std::string_view text, char quote) {
  std::string quoted(1, quote);
  quoted.reserve(text.size() + 2);
  for (char c : text) {
    if (c == quote) quoted += quote;
    quoted += c;
  }
  quoted += quote;
  return quoted;
}

}  // namespace

std::string QuoteIdentifier(std::string_view name) { return Quote(name, '"'); }

std::string QuoteLiteral(std::string_view text) {
  // The engine's parser ends the text at a NUL byte.
  if (text.find('\0') == std::string_view::npos) return Quote(text, '\'');
  std::string joined;
  while (true) {
    size_t nul = text.find('\0');
    joined += Quote(text.substr(0, nul), '\'');
    if (nul == std::string_view::npos) return "(" + joined + ")";
    joined += " || chr(0) || ";
    text.remove_prefix(nul + 1);
  }
}

std::string QuoteList(const std::vector<std::string>& texts) {
  std::string list = "[";
  for (const std::string& text : texts) {
    if (list.size() > 1) list += ", ";
    list += QuoteLiteral(text);
  }
  return list + "]";
}

}  // namespace penstock::duck
