#include "sql/path_pattern.h"

#include <fnmatch.h>

namespace penstock::sql {
namespace {

constexpr std::string_view kSpecial = "*?[{";

// "a{b,c}d" → "abd", "acd"; nested braces too. An unclosed brace stands for itself.
std::vector<std::string> ExpandBraces(const std::string& pattern) {
  const size_t open = pattern.find('{');
  if (open == pattern.npos) return {pattern};
  std::vector<std::string> choices(1);
  size_t close = open + 1;
  for (int depth = 1; close < pattern.size(); ++close) {
    const char c = pattern[close];
    depth += c == '{' ? 1 : c == '}' ? -1 : 0;
    if (depth == 0) break;
    if (c == ',' && depth == 1) {
      choices.emplace_back();
    } else {
      choices.back() += c;
    }
  }
  if (close == pattern.size()) return {pattern};
  std::vector<std::string> expanded;
  for (const std::string& choice : choices) {
    for (std::string& text :
         ExpandBraces(pattern.substr(0, open) + choice + pattern.substr(close + 1))) {
      expanded.push_back(std::move(text));
    }
  }
  return expanded;
}

std::vector<std::string> Segments(std::string_view path) {
  std::vector<std::string> segments;
  while (!path.empty()) {
    const size_t slash = path.find('/');
    const std::string_view segment = path.substr(0, slash);
    if (!segment.empty() && segment != ".") segments.emplace_back(segment);
    if (slash == path.npos) break;
    path.remove_prefix(slash + 1);
  }
  return segments;
}

bool Matches(const std::vector<std::string>& pattern, size_t p,
             const std::vector<std::string>& path, size_t i) {
  if (p == pattern.size()) return i == path.size();
  if (pattern[p] == "**") {
    // At the end it names files at any depth, but not the folder itself.
    if (p + 1 == pattern.size()) return i < path.size();
    for (size_t skipped = i; skipped <= path.size(); ++skipped) {
      if (Matches(pattern, p + 1, path, skipped)) return true;
    }
    return false;
  }
  return i < path.size() && ::fnmatch(pattern[p].c_str(), path[i].c_str(), FNM_PERIOD) == 0 &&
         Matches(pattern, p + 1, path, i + 1);
}

}  // namespace

bool MatchesPathPattern(std::string_view pattern, std::string_view path) {
  const std::vector<std::string> segments = Segments(path);
  for (const std::string& expanded : ExpandBraces(std::string(pattern))) {
    if (Matches(Segments(expanded), 0, segments, 0)) return true;
  }
  return false;
}

std::string FixedFolder(std::string_view pattern) {
  const size_t special = pattern.find_first_of(kSpecial);
  const size_t slash = pattern.rfind('/', special);
  return slash == pattern.npos ? std::string() : std::string(pattern.substr(0, slash));
}

}  // namespace penstock::sql
