#include "lake/footer_statistics.h"

#include "lake/file_path.h"

namespace penstock::lake {
namespace {

constexpr size_t kFilesAtOnce = 500;
constexpr char kFooters[] = "__penstock_footers";

bool HasBounds(const DataType& type) {
  switch (type.id) {
    case TypeId::kByte:
    case TypeId::kShort:
    case TypeId::kInteger:
    case TypeId::kLong:
    case TypeId::kDecimal:
    case TypeId::kString:
    case TypeId::kDate:
    case TypeId::kTimestamp:
    case TypeId::kTimestampNtz:
      return true;
    default:
      return false;
  }
}

using Files = std::map<std::string, duck::WrittenFile>;

Status AddRows(duck::Connection& connection, Files* files) {
  ASSIGN_OR_RETURN(duck::ResultSet rows,
                   connection.Query(std::string("SELECT file_name, sum(n)::BIGINT FROM (SELECT "
                                                "DISTINCT file_name, row_group_id, "
                                                "row_group_num_rows AS n FROM ") +
                                    kFooters + ") GROUP BY file_name"));
  while (true) {
    ASSIGN_OR_RETURN(const bool more, rows.NextChunk());
    if (!more) return OkStatus();
    for (size_t row = 0; row < rows.RowCount(); ++row) {
      duck::WrittenFile& file = (*files)[rows.Text(row, 0)];
      file.path = rows.Text(row, 0);
      file.rows = rows.Int64(row, 1);
    }
  }
}

// Bounds hold only if every row group with a value has them.
Status AddColumn(duck::Connection& connection, const Field& column, Files* files) {
  const auto bound = [&](const char* which, const char* name) {
    // The older fields of texts and decimals are in an order of bytes that no reader shares.
    const bool older_holds =
        column.type.id != TypeId::kString && column.type.id != TypeId::kDecimal;
    const std::string newer = std::string("stats_") + name + "_value";
    const std::string value = older_holds ? "coalesce(" + newer + ", stats_" + name + ")" : newer;
    const std::string typed = "TRY_CAST(" + value + " AS " + duck::EngineType(column.type) + ")";
    return "CASE WHEN bool_and(coalesce(" + typed +
           " IS NOT NULL OR stats_null_count = num_values, false)) THEN " + "CAST(" + which + "(" +
           typed + ") AS VARCHAR) END";
  };
  const bool bounds = HasBounds(column.type);
  ASSIGN_OR_RETURN(duck::ResultSet rows,
                   connection.Query("SELECT file_name, " + (bounds ? bound("min", "min") : "NULL") +
                                    ", " + (bounds ? bound("max", "max") : "NULL") +
                                    ", CASE WHEN count(stats_null_count) = count(*) THEN "
                                    "sum(stats_null_count)::BIGINT END FROM " +
                                    kFooters + " WHERE lower(path_in_schema) = lower(" +
                                    duck::QuoteLiteral(column.name) + ") GROUP BY file_name"));
  while (true) {
    ASSIGN_OR_RETURN(const bool more, rows.NextChunk());
    if (!more) return OkStatus();
    for (size_t row = 0; row < rows.RowCount(); ++row) {
      duck::WrittenColumn written;
      written.name = duck::QuoteIdentifier(column.name);
      if (!rows.IsNull(row, 1)) written.min = rows.Text(row, 1);
      if (!rows.IsNull(row, 2)) written.max = rows.Text(row, 2);
      if (!rows.IsNull(row, 3)) written.null_count = rows.Int64(row, 3);
      (*files)[rows.Text(row, 0)].columns.push_back(std::move(written));
    }
  }
}

// A column of which a file has nothing is NULL in all its rows.
void AddMissing(const Schema& columns, Files* files) {
  for (auto& [path, file] : *files) {
    for (const Field& column : columns) {
      if (!column.type.fields.empty()) continue;
      const std::string name = duck::QuoteIdentifier(column.name);
      bool found = false;
      for (const auto& written : file.columns) found = found || written.name == name;
      if (!found) file.columns.push_back({name, std::nullopt, std::nullopt, file.rows, false});
    }
  }
}

}  // namespace

Result<std::map<std::string, duck::WrittenFile>> FooterStatistics(
    duck::Connection& connection, const std::vector<std::string>& paths, const Schema& columns) {
  Files files;
  for (size_t start = 0; start < paths.size(); start += kFilesAtOnce) {
    std::vector<std::string> literal;
    for (size_t i = start; i < paths.size() && i < start + kFilesAtOnce; ++i) {
      literal.push_back(EscapeGlob(paths[i]));
    }
    RETURN_IF_ERROR(connection.Execute(std::string("CREATE OR REPLACE TEMP TABLE ") + kFooters +
                                       " AS SELECT file_name, row_group_id, row_group_num_rows, "
                                       "path_in_schema, num_values, stats_min, stats_max, "
                                       "stats_min_value, stats_max_value, stats_null_count FROM "
                                       "parquet_metadata(" +
                                       duck::QuoteList(literal) + ")"));
    RETURN_IF_ERROR(AddRows(connection, &files));
    for (const Field& column : columns) {
      if (column.type.fields.empty()) RETURN_IF_ERROR(AddColumn(connection, column, &files));
    }
  }
  RETURN_IF_ERROR(connection.Execute(std::string("DROP TABLE IF EXISTS ") + kFooters));
  AddMissing(columns, &files);
  return files;
}

}  // namespace penstock::lake
