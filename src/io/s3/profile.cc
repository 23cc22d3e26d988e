#include "io/s3/profile.h"

#include "base/text.h"

namespace penstock::io::s3 {
namespace {

std::string SectionName(std::string_view line) {
  std::string_view name = Trim(line.substr(1, line.find(']') - 1));
  constexpr std::string_view kWord = "profile ";
  if (name.starts_with(kWord)) name = Trim(name.substr(kWord.size()));
  return std::string(name);
}

std::string_view WithoutComment(std::string_view value) {
  for (const std::string_view mark : {" #", " ;", "\t#", "\t;"})
    value = value.substr(0, value.find(mark));
  return Trim(value);
}

}  // namespace

std::map<std::string, Profile> ParseProfiles(std::string_view text) {
  std::map<std::string, Profile> profiles;
  Profile* current = nullptr;
  while (!text.empty()) {
    const size_t end = std::min(text.find('\n'), text.size());
    const std::string_view raw = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    const std::string_view line = Trim(raw);
    if (line.empty() || line.front() == '#' || line.front() == ';') continue;
    if (line.front() == '[') {
      current = line.find(']') == line.npos ? nullptr : &profiles[SectionName(line)];
      continue;
    }
    const size_t equals = line.find('=');
    if (current == nullptr || equals == line.npos || raw.front() == ' ' || raw.front() == '\t') {
      continue;
    }
    (*current)[AsciiLower(Trim(line.substr(0, equals)))] = WithoutComment(line.substr(equals + 1));
  }
  return profiles;
}

}  // namespace penstock::io::s3
