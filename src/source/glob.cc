#include "source/glob.h"

namespace penstock::source {
namespace {

constexpr std::string_view kSpecial = "*?[{";
constexpr size_t kMaxAlternatives = 4096;

// Index of the brace that closes the one at `open`, or npos.
size_t ClosingBrace(std::string_view pattern, size_t open) {
  int depth = 0;
  for (size_t i = open; i < pattern.size(); ++i) {
    if (pattern[i] == '\\') {
      ++i;
    } else if (pattern[i] == '{') {
      ++depth;
    } else if (pattern[i] == '}' && --depth == 0) {
      return i;
    }
  }
  return std::string_view::npos;
}

std::vector<std::string_view> SplitChoices(std::string_view body) {
  std::vector<std::string_view> choices;
  int depth = 0;
  size_t begin = 0;
  for (size_t i = 0; i < body.size(); ++i) {
    if (body[i] == '{') ++depth;
    if (body[i] == '}') --depth;
    if (body[i] == ',' && depth == 0) {
      choices.push_back(body.substr(begin, i - begin));
      begin = i + 1;
    }
  }
  choices.push_back(body.substr(begin));
  return choices;
}

void Expand(const std::string& pattern, std::vector<std::string>* expanded) {
  if (expanded->size() >= kMaxAlternatives) return;
  const size_t open = pattern.find('{');
  const size_t close = open == pattern.npos ? pattern.npos : ClosingBrace(pattern, open);
  if (close == pattern.npos) {
    expanded->push_back(pattern);
    return;
  }
  const std::string_view body = std::string_view(pattern).substr(open + 1, close - open - 1);
  for (const std::string_view choice : SplitChoices(body)) {
    Expand(pattern.substr(0, open) + std::string(choice) + pattern.substr(close + 1), expanded);
  }
}

// Takes a class such as [a-z] off the front of the pattern; whether it holds `c`.
bool TakeClass(std::string_view* pattern, char c) {
  pattern->remove_prefix(1);
  const bool negated = !pattern->empty() && (pattern->front() == '!' || pattern->front() == '^');
  if (negated) pattern->remove_prefix(1);
  bool found = false;
  bool first = true;
  while (!pattern->empty() && (first || pattern->front() != ']')) {
    first = false;
    const char low = pattern->front();
    char high = low;
    if (pattern->size() > 2 && (*pattern)[1] == '-' && (*pattern)[2] != ']') {
      high = (*pattern)[2];
      pattern->remove_prefix(2);
    }
    pattern->remove_prefix(1);
    if (low <= c && c <= high) found = true;
  }
  if (!pattern->empty()) pattern->remove_prefix(1);
  return found != negated && c != '/';
}

bool Match(std::string_view pattern, std::string_view text);

bool MatchStar(std::string_view pattern, std::string_view text) {
  const bool folders = pattern.starts_with("**");
  while (!pattern.empty() && pattern.front() == '*') pattern.remove_prefix(1);
  if (folders && pattern.starts_with("/") && Match(pattern.substr(1), text)) return true;
  for (size_t i = 0;; ++i) {
    if (Match(pattern, text.substr(i))) return true;
    if (i == text.size() || (text[i] == '/' && !folders)) return false;
  }
}

bool Match(std::string_view pattern, std::string_view text) {
  while (!pattern.empty()) {
    if (pattern.front() == '*') return MatchStar(pattern, text);
    if (text.empty()) return false;
    if (pattern.front() == '?') {
      if (text.front() == '/') return false;
      pattern.remove_prefix(1);
    } else if (pattern.front() == '[') {
      if (!TakeClass(&pattern, text.front())) return false;
    } else {
      if (pattern.front() == '\\' && pattern.size() > 1) pattern.remove_prefix(1);
      if (pattern.front() != text.front()) return false;
      pattern.remove_prefix(1);
    }
    text.remove_prefix(1);
  }
  return text.empty();
}

}  // namespace

bool IsGlob(std::string_view pattern) { return pattern.find_first_of(kSpecial) != pattern.npos; }

Glob::Glob(std::string_view pattern) { Expand(std::string(pattern), &alternatives_); }

bool Glob::Matches(std::string_view path) const {
  for (const std::string& alternative : alternatives_) {
    if (Match(alternative, path)) return true;
  }
  return false;
}

std::string FixedFolder(std::string_view pattern) {
  const size_t special = pattern.find_first_of(kSpecial);
  const size_t slash = pattern.rfind('/', special);
  if (slash == pattern.npos) return "";
  return slash == 0 ? "/" : std::string(pattern.substr(0, slash));
}

}  // namespace penstock::source
