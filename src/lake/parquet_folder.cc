#include "lake/parquet_folder.h"

#include <utility>

#include "base/text.h"

namespace penstock::lake {
namespace {

constexpr std::string_view kHiveNull = "__HIVE_DEFAULT_PARTITION__";

bool IsHidden(const std::string& name) { return name.starts_with('_') || name.starts_with('.'); }

bool IsDataFile(const std::string& name) {
  const std::string lower = AsciiLower(name);
  return lower.ends_with(".parquet") || lower.ends_with(".parq") ||
         lower.find('.') == std::string::npos;
}

using Partition = std::vector<std::pair<std::string, std::optional<std::string>>>;

Status Walk(io::Storage& storage, const std::string& folder, const Partition& partition,
            std::vector<FoundFile>* found) {
  ASSIGN_OR_RETURN(const auto files, storage.List(folder));
  for (const io::FileInfo& file : files) {
    const std::string name = io::BaseName(file.path);
    if (!IsHidden(name) && IsDataFile(name) && file.size > 0) found->push_back({file, partition});
  }
  ASSIGN_OR_RETURN(const auto folders, storage.ListFolders(folder));
  for (const std::string& name : folders) {
    const size_t equals = name.find('=');
    if (IsHidden(name) && (equals == std::string::npos || name.starts_with('.'))) continue;
    const std::string path = io::JoinPath(folder, name);
    ASSIGN_OR_RETURN(const bool link, storage.IsLink(path));
    if (link) continue;
    Partition inner = partition;
    if (equals != std::string::npos && equals > 0) {
      const std::string value = PercentDecode(std::string_view(name).substr(equals + 1));
      inner.emplace_back(PercentDecode(std::string_view(name).substr(0, equals)),
                         value == kHiveNull || value.empty() ? std::nullopt : std::optional(value));
    }
    RETURN_IF_ERROR(Walk(storage, path, inner, found));
  }
  return OkStatus();
}

}  // namespace

Result<std::vector<FoundFile>> FindParquetFiles(io::Storage& storage, const std::string& folder) {
  std::vector<FoundFile> found;
  RETURN_IF_ERROR(Walk(storage, folder, {}, &found));
  if (found.empty()) {
    return UserError("NO_PARQUET_FILES", "there are no Parquet files below " + folder,
                     "Name the folder that holds the files, or that of their partition folders.");
  }
  return found;
}

}  // namespace penstock::lake
