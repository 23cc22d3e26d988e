#include <algorithm>
#include <array>
#include <vector>

#include "io/storage.h"

namespace penstock::io {

namespace {

// Other spellings of a scheme become the first of their row.
constexpr std::array<std::pair<std::string_view, std::string_view>, 10> kSchemes = {{
    {"s3://", "s3://"},
    {"s3a://", "s3://"},
    {"s3n://", "s3://"},
    {"gs://", "gs://"},
    {"gcs://", "gs://"},
    {"az://", "az://"},
    {"azure://", "az://"},
    {"abfss://", "abfss://"},
    {"abfs://", "abfss://"},
    {"wasbs://", "wasbs://"},
}};

struct SplitPath {
  std::string root;  // "" of this machine's, or "s3://bucket" with what follows the scheme up to /
  std::string_view rest;
};

// The scheme's row at the beginning of the text, whatever its case.
const std::pair<std::string_view, std::string_view>* Scheme(std::string_view path) {
  const auto* const found = std::find_if(kSchemes.begin(), kSchemes.end(), [&](const auto& scheme) {
    return path.size() >= scheme.first.size() &&
           std::equal(scheme.first.begin(), scheme.first.end(), path.begin(),
                      [](char a, char b) { return a == (b >= 'A' && b <= 'Z' ? b + 32 : b); });
  });
  return found == kSchemes.end() ? nullptr : found;
}

SplitPath Split(std::string_view path) {
  const auto* const scheme = Scheme(path);
  if (scheme == nullptr) return {"", path};
  path.remove_prefix(scheme->first.size());
  const size_t slash = std::min(path.find('/'), path.size());
  return {std::string(scheme->second).append(path.substr(0, slash)), path.substr(slash)};
}

// "." and empty parts vanish, ".." takes its parent away; above the root there is only the root.
std::string Normalize(std::string_view path) {
  const auto [root, rest] = Split(path);
  std::vector<std::string_view> parts;
  size_t start = 0;
  while (start <= rest.size()) {
    const size_t end = std::min(rest.find('/', start), rest.size());
    const std::string_view part = rest.substr(start, end - start);
    if (part == "..") {
      if (!parts.empty()) parts.pop_back();
    } else if (!part.empty() && part != ".") {
      parts.push_back(part);
    }
    start = end + 1;
  }
  std::string result = root;
  for (const std::string_view part : parts) result.append("/").append(part);
  return result.empty() ? "/" : result;
}

// Of a normal path: how long the part is that has no parent.
size_t RootSize(std::string_view normal) { return Split(normal).root.size(); }

}  // namespace

bool IsRemote(std::string_view path) { return Scheme(path) != nullptr; }

std::string JoinPath(std::string_view folder, std::string_view path) {
  if (path.starts_with('/') || IsRemote(path)) return Normalize(path);
  return Normalize(std::string(folder).append("/").append(path));
}

std::string ParentPath(std::string_view path) {
  const std::string normal = Normalize(path);
  const size_t root = RootSize(normal);
  if (normal.size() == root) return normal;
  const size_t slash = normal.rfind('/');
  if (slash <= root) return root == 0 ? "/" : normal.substr(0, root);
  return normal.substr(0, slash);
}

std::string BaseName(std::string_view path) {
  const std::string normal = Normalize(path);
  const size_t root = RootSize(normal);
  return normal.size() == root ? "" : normal.substr(normal.rfind('/') + 1);
}

bool IsInside(std::string_view folder, std::string_view path) {
  const std::string outer = Normalize(folder);
  const std::string inner = Normalize(path);
  if (inner == outer) return true;
  if (outer == "/") return !IsRemote(inner);
  return inner.size() > outer.size() && inner.starts_with(outer) && inner[outer.size()] == '/';
}

}  // namespace penstock::io
