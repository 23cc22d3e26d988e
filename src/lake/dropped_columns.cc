#include "lake/dropped_columns.h"

#include <map>

#include "delta/table_columns.h"
#include "lake/file_path.h"
#include "lake/lake_table.h"

namespace penstock::lake {
namespace {

constexpr size_t kFilesAtOnce = 500;

// Names that files give to the parts of arrays and maps, besides those of columns.
constexpr const char* kPartNames[] = {"list",      "element", "array", "array_element", "bag",
                                      "key_value", "key",     "value", "map",           "item"};

void AddNames(const std::vector<delta::TableColumn>& columns, std::string* names) {
  for (const delta::TableColumn& column : columns) {
    *names += ", " + duck::QuoteLiteral(delta::PhysicalName(column));
    AddNames(column.children, names);
  }
}

Status Look(duck::Connection& connection, const std::map<std::string, std::string>& paths,
            const std::string& names, std::set<std::string>* found) {
  std::vector<std::string> literal;
  for (const auto& [path, log_path] : paths) literal.push_back(EscapeGlob(path));
  // The first row of a file is its root.
  ASSIGN_OR_RETURN(duck::ResultSet result,
                   connection.Query("SELECT DISTINCT file_name FROM (SELECT file_name, name, "
                                    "row_number() OVER (PARTITION BY file_name ORDER BY column_id) "
                                    "AS n FROM parquet_schema(" +
                                    duck::QuoteList(literal) + ")) WHERE n > 1 AND name NOT IN (" +
                                    names + ")"));
  while (true) {
    ASSIGN_OR_RETURN(const bool more, result.NextChunk());
    if (!more) return OkStatus();
    for (size_t row = 0; row < result.RowCount(); ++row) {
      const auto path = paths.find(result.Text(row, 0));
      if (path != paths.end()) found->insert(path->second);
    }
  }
}

}  // namespace

Result<std::set<std::string>> FilesWithDroppedColumns(duck::Connection& connection,
                                                      const std::string& table_path,
                                                      const delta::Metadata& metadata,
                                                      const std::vector<delta::AddFile>& files) {
  std::set<std::string> found;
  if (delta::ColumnMappingOf(metadata) == delta::ColumnMapping::kNone) return found;
  ASSIGN_OR_RETURN(const auto columns, delta::TableColumns(metadata));
  std::string names;
  for (const char* part : kPartNames) {
    names += (names.empty() ? "" : ", ") + duck::QuoteLiteral(part);
  }
  AddNames(columns, &names);
  for (const std::string& hidden : RowTrackingColumns(metadata)) {
    names += ", " + duck::QuoteLiteral(hidden);
  }
  std::map<std::string, std::string> paths;
  for (const delta::AddFile& file : files) {
    paths.emplace(DataFilePath(table_path, file.path), file.path);
    if (paths.size() < kFilesAtOnce) continue;
    RETURN_IF_ERROR(Look(connection, paths, names, &found));
    paths.clear();
  }
  if (!paths.empty()) RETURN_IF_ERROR(Look(connection, paths, names, &found));
  return found;
}

}  // namespace penstock::lake
