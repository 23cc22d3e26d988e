#include <vector>

#include "io/storage.h"

namespace penstock::io {

namespace {

// "." and empty parts vanish, ".." takes its parent away; above the root there is only the root.
std::string Normalize(std::string_view path) {
  std::vector<std::string_view> parts;
  size_t start = 0;
  while (start <= path.size()) {
    const size_t end = std::min(path.find('/', start), path.size());
    const std::string_view part = path.substr(start, end - start);
    if (part == "..") {
      if (!parts.empty()) parts.pop_back();
    } else if (!part.empty() && part != ".") {
      parts.push_back(part);
    }
    start = end + 1;
  }
  std::string result;
  for (const std::string_view part : parts) result.append("/").append(part);
  return result.empty() ? "/" : result;
}

}  // namespace

std::string JoinPath(std::string_view folder, std::string_view path) {
  if (path.starts_with('/')) return Normalize(path);
  return Normalize(std::string(folder).append("/").append(path));
}

std::string ParentPath(std::string_view path) {
  const std::string normal = Normalize(path);
  const size_t slash = normal.rfind('/');
  return slash == 0 ? "/" : normal.substr(0, slash);
}

std::string BaseName(std::string_view path) {
  const std::string normal = Normalize(path);
  return normal.substr(normal.rfind('/') + 1);
}

bool IsInside(std::string_view folder, std::string_view path) {
  const std::string outer = Normalize(folder);
  const std::string inner = Normalize(path);
  if (outer == "/" || inner == outer) return true;
  return inner.size() > outer.size() && inner.starts_with(outer) && inner[outer.size()] == '/';
}

}  // namespace penstock::io
