#include "lake/file_path.h"

#include "base/text.h"
#include "io/storage.h"

namespace penstock::lake {

std::string DataFilePath(const std::string& table_path, std::string_view log_path) {
  std::string path = PercentDecode(log_path);
  // file:///a and file:/a are both in use.
  constexpr std::string_view kScheme = "file:";
  if (path.starts_with(kScheme)) {
    path = path.substr(kScheme.size());
    if (path.starts_with("//")) path = path.substr(2);
  }
  return io::JoinPath(table_path, path);  // also of s3a://bucket/… in the log
}

std::string LogPath(const std::string& table_path, std::string_view file_path) {
  std::string encoded;
  for (const char c : file_path.substr(table_path.size() + 1)) {
    encoded += c == '/' || c == '=' ? std::string(1, c) : PercentEncode(std::string_view(&c, 1));
  }
  return encoded;
}

std::string EscapeGlob(std::string_view path) {
  std::string escaped;
  for (const char c : path) {
    if (c == '*' || c == '?' || c == '[') {
      escaped += std::string("[") + c + "]";
    } else {
      escaped += c;
    }
  }
  return escaped;
}

}  // namespace penstock::lake
