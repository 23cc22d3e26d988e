#include "io/glob.h"

#include <fnmatch.h>

namespace penstock::io {
namespace {

constexpr std::string_view kSpecial = "*?[{";
constexpr size_t kMaxAlternatives = 4096;

// Index of the brace that closes the one at `open`, or npos. The commas between its choices go to
// `commas`.
size_t ClosingBrace(std::string_view pattern, size_t open, std::vector<size_t>* commas) {
  int depth = 0;
  for (size_t i = open; i < pattern.size(); ++i) {
    if (pattern[i] == '\\') {
      ++i;
    } else if (pattern[i] == '{') {
      ++depth;
    } else if (pattern[i] == '}' && --depth == 0) {
      return i;
    } else if (pattern[i] == ',' && depth == 1) {
      commas->push_back(i);
    }
  }
  return pattern.npos;
}

// Index of the first of these characters that no \ stands before, or npos.
size_t FirstOf(std::string_view special, std::string_view pattern) {
  for (size_t i = 0; i < pattern.size(); ++i) {
    if (special.find(pattern[i]) != special.npos) return i;
    if (pattern[i] == '\\') ++i;
  }
  return pattern.npos;
}

// "a{b,c}d" → "abd", "acd"; nested braces too. An unclosed brace stands for itself.
void ExpandBraces(const std::string& pattern, std::vector<std::string>* expanded) {
  if (expanded->size() >= kMaxAlternatives) return;
  std::vector<size_t> ends;
  const size_t open = FirstOf("{", pattern);
  const size_t close = open == pattern.npos ? open : ClosingBrace(pattern, open, &ends);
  if (close == pattern.npos) {
    expanded->push_back(pattern);
    return;
  }
  ends.push_back(close);
  size_t begin = open + 1;
  for (const size_t end : ends) {
    ExpandBraces(
        pattern.substr(0, open) + pattern.substr(begin, end - begin) + pattern.substr(close + 1),
        expanded);
    begin = end + 1;
  }
}

// The names of a path; an absolute one has an empty name in front.
std::vector<std::string> Names(std::string_view path) {
  std::vector<std::string> names;
  if (path.starts_with('/')) names.emplace_back();
  while (!path.empty()) {
    const size_t slash = path.find('/');
    const std::string_view name = path.substr(0, slash);
    if (!name.empty() && name != ".") names.emplace_back(name);
    if (slash == path.npos) break;
    path.remove_prefix(slash + 1);
  }
  return names;
}

bool MatchNames(const std::vector<std::string>& pattern, size_t p,
                const std::vector<std::string>& path, size_t i) {
  if (p == pattern.size()) return i == path.size();
  if (pattern[p] == "**") {
    // At the end it names files at any depth, but not the folder itself.
    if (p + 1 == pattern.size()) return i < path.size();
    for (size_t skipped = i; skipped <= path.size(); ++skipped) {
      if (MatchNames(pattern, p + 1, path, skipped)) return true;
    }
    return false;
  }
  return i < path.size() && ::fnmatch(pattern[p].c_str(), path[i].c_str(), FNM_PERIOD) == 0 &&
         MatchNames(pattern, p + 1, path, i + 1);
}

}  // namespace

bool IsGlob(std::string_view pattern) { return pattern.find_first_of(kSpecial) != pattern.npos; }

std::string EscapeGlob(std::string_view path) {
  std::string escaped;
  for (const char c : path) {
    if (c == '\\' || kSpecial.find(c) != kSpecial.npos) escaped += '\\';
    escaped += c;
  }
  return escaped;
}

Glob::Glob(std::string_view pattern) {
  std::vector<std::string> expanded;
  ExpandBraces(std::string(pattern), &expanded);
  for (const std::string& alternative : expanded) alternatives_.push_back(Names(alternative));
}

bool Glob::Matches(std::string_view path) const {
  const std::vector<std::string> names = Names(path);
  for (const std::vector<std::string>& alternative : alternatives_) {
    if (MatchNames(alternative, 0, names, 0)) return true;
  }
  return false;
}

std::string FixedFolder(std::string_view pattern) {
  const size_t slash = pattern.rfind('/', FirstOf(kSpecial, pattern));
  if (slash == pattern.npos) return "";
  std::string folder;
  for (size_t i = 0; i < slash; ++i) {
    if (pattern[i] == '\\' && i + 1 < slash) ++i;
    folder += pattern[i];
  }
  return folder.empty() ? "/" : folder;
}

}  // namespace penstock::io
