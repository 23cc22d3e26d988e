#include <charconv>

#include "base/text.h"
#include "lake/lake_table.h"
#include "lake/physical_columns.h"

namespace penstock::lake {
namespace {

constexpr int64_t kLeastFileBytes = int64_t{1} << 20;
constexpr int64_t kMostFileBytes = int64_t{1} << 40;

const std::string* Find(const delta::Metadata& metadata, const char* key) {
  const auto found = metadata.configuration.find(key);
  return found == metadata.configuration.end() ? nullptr : &found->second;
}

// "1073741824", "128mb", "1 GB"; nothing for anything else.
std::optional<int64_t> ByteCount(std::string_view text) {
  text = Trim(text);
  int64_t number = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (failure != std::errc{} || number < 0) return std::nullopt;
  std::string unit = AsciiLower(Trim(text.substr(end - text.data())));
  if (unit.ends_with('b')) unit.pop_back();
  constexpr std::string_view kUnits = "kmgt";
  int shift = 0;
  if (!unit.empty()) {
    const size_t at = unit.size() == 1 ? kUnits.find(unit[0]) : std::string_view::npos;
    if (at == std::string_view::npos) return std::nullopt;
    shift = 10 * static_cast<int>(at + 1);
  }
  if (number > (kMostFileBytes >> shift)) return std::nullopt;
  return number << shift;
}

// "a, s.x, `odd name`.y" as paths.
std::vector<std::vector<std::string>> ColumnPaths(std::string_view text) {
  std::vector<std::vector<std::string>> paths(1);
  std::string part;
  bool quoted = false;
  const auto end_part = [&] {
    const std::string_view trimmed = Trim(part);
    if (!trimmed.empty()) paths.back().emplace_back(trimmed);
    part.clear();
  };
  for (const char c : text) {
    if (c == '`') {
      quoted = !quoted;
    } else if (c == '.' && !quoted) {
      end_part();
    } else if (c == ',' && !quoted) {
      end_part();
      paths.emplace_back();
    } else {
      part += c;
    }
  }
  end_part();
  std::erase_if(paths, [](const auto& path) { return path.empty(); });
  return paths;
}

std::optional<std::vector<std::vector<std::string>>> IndexedColumns(
    const delta::Metadata& metadata, const std::vector<delta::TableColumn>& columns) {
  const std::string* names = Find(metadata, "delta.dataSkippingStatsColumns");
  if (names == nullptr) return std::nullopt;
  auto paths = ColumnPaths(*names);
  for (auto& path : paths) path = PhysicalPath(columns, path);
  std::erase_if(paths, [](const auto& path) { return path.empty(); });
  return paths;
}

}  // namespace

Result<WriteOptions> WriteOptionsOf(const delta::Metadata& metadata) {
  ASSIGN_OR_RETURN(std::vector<delta::TableColumn> columns, delta::TableColumns(metadata));
  WriteOptions options;
  options.partition_columns = metadata.partition_columns;
  if (const std::string* size = Find(metadata, "delta.targetFileSize")) {
    const auto bytes = ByteCount(*size);
    if (bytes && *bytes >= kLeastFileBytes) options.target_file_bytes = *bytes;
  }
  if (const std::string* count = Find(metadata, "delta.dataSkippingNumIndexedCols")) {
    int64_t leaves = 0;
    const auto [end, failure] =
        std::from_chars(count->data(), count->data() + count->size(), leaves);
    if (failure == std::errc{} && end == count->data() + count->size() && leaves >= -1) {
      options.indexed_leaves = leaves;
    }
  }
  options.indexed_columns = IndexedColumns(metadata, columns);
  if (delta::ColumnMappingOf(metadata) != delta::ColumnMapping::kNone) {
    options.mapped_columns = std::move(columns);
  }
  return options;
}

}  // namespace penstock::lake
