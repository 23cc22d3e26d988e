#include "run/parquet_source.h"

#include <algorithm>
#include <map>
#include <set>

#include "base/text.h"
#include "lake/file_path.h"
#include "lake/lake_table.h"
#include "run/relation_sql.h"

namespace penstock::run {
namespace {

using Files = std::vector<source::FileEntry>;

// Files that have the same columns.
struct ParquetGroup {
  Files files;
  Schema columns;
  std::set<std::string> int96;  // those of the columns that are stored as INT96
};

std::string ReadParquet(const Files& files, const std::string& options) {
  std::vector<std::string> paths;
  for (const source::FileEntry& file : files) paths.push_back(lake::EscapeGlob(file.path));
  return "read_parquet(" + duck::QuoteList(paths) + ", hive_partitioning = false" + options + ")";
}

// What the footer of one file says of its columns.
struct Footer {
  std::string description;
  std::set<std::string> int96;
  int64_t columns_left = -1;  // elements of the current column still to come
};

// Takes one element of the schema; they come in depth-first order, the root first.
void TakeElement(const duck::ResultSet& rows, size_t row, Footer* footer) {
  for (size_t i = 1; i < rows.ColumnCount(); ++i) {
    footer->description += rows.IsNull(row, i) ? "-" : rows.Text(row, i);
    footer->description += '\0';
  }
  if (footer->columns_left < 0) {
    footer->columns_left = 0;
    return;
  }
  const bool top = footer->columns_left == 0;
  if (top && !rows.IsNull(row, 2) && rows.Text(row, 2) == "INT96") {
    footer->int96.insert(rows.Text(row, 1));
  }
  const int64_t children = rows.IsNull(row, 3) ? 0 : rows.Int64(row, 3);
  footer->columns_left += children - (top ? 0 : 1);
}

Result<std::map<std::string, Footer>> ReadFooters(duck::Connection& connection,
                                                  const Files& files) {
  std::vector<std::string> paths;
  for (const source::FileEntry& file : files) paths.push_back(lake::EscapeGlob(file.path));
  ASSIGN_OR_RETURN(duck::ResultSet rows,
                   connection.Query("SELECT file_name, name, type, num_children, duckdb_type, "
                                    "logical_type FROM parquet_schema(" +
                                    duck::QuoteList(paths) + ") ORDER BY file_name, column_id"));
  std::map<std::string, Footer> footers;
  while (true) {
    ASSIGN_OR_RETURN(const bool more, rows.NextChunk());
    if (!more) return footers;
    for (size_t row = 0; row < rows.RowCount(); ++row) {
      TakeElement(rows, row, &footers[rows.Text(row, 0)]);
    }
  }
}

Result<std::vector<ParquetGroup>> GroupsOf(duck::Connection& connection, const Files& files) {
  ASSIGN_OR_RETURN(auto footers, ReadFooters(connection, files));
  std::vector<ParquetGroup> groups;
  std::map<std::string, size_t> by_description;
  for (const source::FileEntry& file : files) {
    const Footer& footer = footers[file.path];
    const auto [known, added] = by_description.emplace(footer.description, groups.size());
    if (added) groups.push_back({{}, {}, footer.int96});
    groups[known->second].files.push_back(file);
  }
  for (ParquetGroup& group : groups) {
    ASSIGN_OR_RETURN(group.columns, connection.Describe("SELECT * FROM " +
                                                        ReadParquet({group.files.front()}, "")));
    // The engine gives INT96 no zone, but it has always been an instant.
    for (Field& column : group.columns) {
      if (group.int96.contains(column.name)) column.type = DataType::Of(TypeId::kTimestamp);
    }
  }
  return groups;
}

Result<DataType> CommonType(duck::Connection& connection, const DataType& a, const DataType& b) {
  const auto select = [](const DataType& type) {
    return "SELECT CAST(NULL AS " + duck::EngineType(type) + ") AS common";
  };
  ASSIGN_OR_RETURN(const Schema common, connection.Describe(select(a) + " UNION ALL " + select(b)));
  return common.front().type;
}

bool IsNested(const DataType& type) { return !type.fields.empty(); }

// Types whose casts round silently.
bool Rounds(const DataType& type) {
  return type.id <= TypeId::kLong || type.id == TypeId::kDecimal || type.id == TypeId::kDate;
}

bool ShareField(const DataType& a, const DataType& b) {
  return std::any_of(a.fields.begin(), a.fields.end(),
                     [&](const Field& field) { return FindField(b.fields, field.name); });
}

std::string TryCast(const std::string& value, const DataType& type) {
  return "TRY_CAST(" + value + " AS " + duck::EngineType(type) + ")";
}

// A column of the source from one of a file.
struct FittedColumn {
  std::string value;
  std::string misfit;  // whether some of it is lost; empty: never
};

FittedColumn Fit(const std::string& value, const DataType& from, const DataType& to) {
  const std::string cast = TryCast(value, to);
  const std::string back = TryCast(cast, from) + " IS DISTINCT FROM " + value;
  if (from == to) return {value, ""};
  // The engine refuses to plan what can never fit.
  if (from.id == TypeId::kStruct && to.id == TypeId::kStruct && !ShareField(from, to)) {
    return {"CAST(NULL AS " + duck::EngineType(to) + ")", value + " IS NOT NULL"};
  }
  if (IsNested(from) || IsNested(to)) return {cast, back};
  const std::string lost = value + " IS NOT NULL AND " + cast + " IS NULL";
  if (from.id == TypeId::kString && to.id >= TypeId::kByte && to.id <= TypeId::kLong) {
    const std::string whole = "regexp_full_match(" + value + ", '\\s*[+-]?[0-9]+\\s*')";
    return {"CASE WHEN " + whole + " THEN " + cast + " END",
            lost + " OR (" + value + " IS NOT NULL AND NOT " + whole + ")"};
  }
  if (!Rounds(to) || from.id == TypeId::kString) return {cast, lost};
  return {"CASE WHEN " + back + " THEN NULL ELSE " + cast + " END", back};
}

// As in the rescue column of other formats: nested values are text.
std::string RescuedPart(const std::string& name, const std::string& value, const DataType& type,
                        const std::string& condition) {
  std::string json = "CAST(to_json(" + value + ") AS VARCHAR)";
  if (IsNested(type)) json = "CAST(to_json(" + json + ") AS VARCHAR)";
  return "CASE WHEN " + condition + " THEN " + duck::QuoteLiteral(QuoteJson(name) + ":") + " || " +
         json + " || ',' END";
}

// One SELECT over the files of a group.
class GroupQuery {
 public:
  GroupQuery(const FilesSource& source, const FilesRelationOptions& options,
             const ParquetGroup& group)
      : source_(source), options_(options), group_(group) {}

  std::string Build() {
    for (const Field& field : source_.data_columns) AddData(field);
    for (const Field& field : source_.partition_columns) {
      Add("files." + duck::QuoteIdentifier(field.name), field.name);
    }
    if (source_.options.rescued_data_column) AddRescued(*source_.options.rescued_data_column);
    if (options_.with_metadata) Add("files.\"_metadata\"", "_metadata");
    if (options_.with_position) {
      Add("struct_pack(file := rows.\"__file\", record := rows.file_row_number)", kPositionColumn);
    }
    const std::string query =
        "SELECT " + columns_ + " FROM " +
        ReadParquet(group_.files, ", filename = '__file', file_row_number = true") + " AS rows";
    // A list of many files takes longer to plan than the files to read.
    const bool joins =
        !source_.partition_columns.empty() || options_.with_metadata || !rescued_.empty();
    if (!joins) return query;
    return query + " JOIN " + FileValues() + " ON rows.\"__file\" = files.\"__file\"";
  }

 private:
  void Add(const std::string& value, const std::string& name) {
    columns_ += (columns_.empty() ? "" : ", ") + value + " AS " + duck::QuoteIdentifier(name);
  }

  std::string ValueOf(const Field& stored) const {
    const std::string value = "rows." + duck::QuoteIdentifier(stored.name);
    return group_.int96.contains(stored.name) ? "timezone('UTC', " + value + ")" : value;
  }

  void AddData(const Field& field) {
    if (field.name == source_.options.rescued_data_column) return;
    const Field* stored = FindField(group_.columns, field.name);
    const std::string type = duck::EngineType(field.type);
    if (stored == nullptr) return Add("CAST(NULL AS " + type + ")", field.name);
    const std::string value = ValueOf(*stored);
    const bool rescues = source_.options.rescued_data_column.has_value();
    if (!rescues && (IsNested(stored->type) || IsNested(field.type))) {
      return Add("CAST(" + value + " AS " + type + ")", field.name);
    }
    const FittedColumn fitted = Fit(value, stored->type, field.type);
    if (!rescues && !fitted.misfit.empty()) {
      return Add("CASE WHEN " + fitted.misfit + " THEN error(" + Complaint(value, field) +
                     ") ELSE CAST(" + fitted.value + " AS " + type + ") END",
                 field.name);
    }
    // The engine has more types than Penstock: an unsigned number is still to be cast.
    Add("CAST(" + fitted.value + " AS " + type + ")", field.name);
    if (!fitted.misfit.empty()) Rescue(*stored, value, fitted.misfit);
  }

  static std::string Complaint(const std::string& value, const Field& field) {
    return "concat('the column ', " + duck::QuoteLiteral(field.name) +
           ", ' of ', rows.\"__file\", ' holds ', CAST(" + value + " AS VARCHAR), ', which is no " +
           penstock::ToString(field.type) +
           "; read it as STRING (schemaHints or schema), or keep what does not fit with "
           "rescuedDataColumn => ''_rescued_data''')";
  }

  void Rescue(const Field& stored, const std::string& value, const std::string& condition) {
    rescued_ +=
        (rescued_.empty() ? "" : ", ") + RescuedPart(stored.name, value, stored.type, condition);
  }

  void AddRescued(const std::string& name) {
    for (const Field& stored : group_.columns) {
      if (FindField(source_.data_columns, stored.name) != nullptr ||
          FindField(source_.partition_columns, stored.name) != nullptr) {
        continue;
      }
      const std::string value = ValueOf(stored);
      Rescue(stored, value, value + " IS NOT NULL");
    }
    if (rescued_.empty()) return Add("CAST(NULL AS VARCHAR)", name);
    const std::string parts = "concat(" + rescued_ + ")";
    Add("CASE WHEN " + parts + " <> '' THEN '{' || " + parts +
            " || '\"_file_path\":' || CAST(to_json(files.\"_metadata\".file_path) AS VARCHAR) || "
            "'}' END",
        name);
  }

  std::string FileValues() const {
    std::vector<lake::FileRow> rows;
    for (const source::FileEntry& file : group_.files) {
      rows.push_back({file.path, file.size, file.modified,
                      source::PartitionValuesOf(file.path, source_.partition_columns)});
    }
    return lake::FileValuesSql(rows, source_.partition_columns);
  }

  const FilesSource& source_;
  const FilesRelationOptions& options_;
  const ParquetGroup& group_;
  std::string columns_;
  std::string rescued_;
};

}  // namespace

Result<Schema> InferParquet(Workspace& workspace, const Files& files) {
  ASSIGN_OR_RETURN(duck::Connection connection, workspace.engine->Connect());
  ASSIGN_OR_RETURN(const auto groups, GroupsOf(connection, files));
  Schema columns;
  for (const ParquetGroup& group : groups) {
    for (const Field& field : group.columns) {
      const auto known = std::find_if(columns.begin(), columns.end(), [&](const Field& column) {
        return EqualsIgnoreCase(column.name, field.name);
      });
      if (known == columns.end()) {
        columns.push_back(field);
      } else if (known->type != field.type) {
        ASSIGN_OR_RETURN(known->type, CommonType(connection, known->type, field.type));
      }
    }
  }
  return columns;
}

Result<std::string> ParquetQuery(Workspace& workspace, const FilesSource& source,
                                 const Files& files, const FilesRelationOptions& options) {
  ASSIGN_OR_RETURN(duck::Connection connection, workspace.engine->Connect());
  ASSIGN_OR_RETURN(const auto groups, GroupsOf(connection, files));
  std::string query;
  for (const ParquetGroup& group : groups) {
    query += (query.empty() ? "" : " UNION ALL ") + GroupQuery(source, options, group).Build();
  }
  return query;
}

}  // namespace penstock::run
