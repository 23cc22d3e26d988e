#include "lake/parquet_columns.h"

#include <algorithm>
#include <map>
#include <optional>
#include <set>

#include "base/text.h"
#include "lake/file_path.h"

namespace penstock::lake {
namespace {

constexpr size_t kFilesAtOnce = 500;
constexpr std::string_view kNotInNames = " ,;{}()\n\t=";
constexpr int kMaxPrecision = 38;

// Files whose footers describe the same columns.
struct Kind {
  std::string example;  // path
  std::string leaves;   // of the columns, in order: '1' for INT96, else '0'
};

Status AddKinds(duck::Connection& connection, const std::vector<std::string>& paths,
                std::map<std::string, Kind>* kinds) {
  std::vector<std::string> literal;
  for (const std::string& path : paths) literal.push_back(EscapeGlob(path));
  ASSIGN_OR_RETURN(
      duck::ResultSet rows,
      connection.Query(
          "SELECT min(file_name), description, any_value(leaves) FROM (SELECT file_name, "
          "md5(string_agg(concat_ws(chr(31), name, type, repetition_type, num_children, "
          "logical_type, duckdb_type), chr(30) ORDER BY column_id)) AS description, "
          "string_agg(CASE type WHEN 'INT96' THEN '1' ELSE '0' END, '' ORDER BY column_id) FILTER "
          "(WHERE type IS NOT NULL) AS leaves FROM parquet_schema(" +
          duck::QuoteList(literal) + ") GROUP BY file_name) GROUP BY description"));
  while (true) {
    ASSIGN_OR_RETURN(const bool more, rows.NextChunk());
    if (!more) return OkStatus();
    for (size_t row = 0; row < rows.RowCount(); ++row) {
      Kind kind{rows.Text(row, 0), rows.IsNull(row, 2) ? "" : rows.Text(row, 2)};
      kinds->emplace(rows.Text(row, 1), std::move(kind));
    }
  }
}

// INT96 is always an instant, wherever it stands; the engine shows it as a local time. Leaves are
// in the order of the columns.
void MarkInstants(const std::string& leaves, size_t* next, DataType* type) {
  for (Field& field : type->fields) MarkInstants(leaves, next, &field.type);
  if (!type->fields.empty()) return;
  if (leaves[*next] == '1') *type = DataType::Of(TypeId::kTimestamp);
  ++*next;
}

size_t LeafCount(const DataType& type) {
  size_t count = type.fields.empty() ? 1 : 0;
  for (const Field& field : type.fields) count += LeafCount(field.type);
  return count;
}

Status MarkInstants(const Kind& kind, Schema* columns) {
  if (kind.leaves.find('1') == std::string::npos) return OkStatus();
  size_t count = 0;
  for (const Field& column : *columns) count += LeafCount(column.type);
  if (count != kind.leaves.size()) {
    return DataError("UNSUPPORTED_TYPE",
                     kind.example + " has INT96 timestamps beside columns that are stored in parts",
                     "Write the file anew with TIMESTAMP_MICROS.");
  }
  size_t next = 0;
  for (Field& column : *columns) MarkInstants(kind.leaves, &next, &column.type);
  return OkStatus();
}

int Digits(TypeId id) {
  switch (id) {
    case TypeId::kByte:
      return 3;
    case TypeId::kShort:
      return 5;
    case TypeId::kInteger:
      return 10;
    case TypeId::kLong:
      return 19;
    default:
      return 0;
  }
}

// The type that holds every value of both as it is, or nothing.
std::optional<DataType> Widest(const DataType& a, const DataType& b);

std::optional<DataType> WidestNested(const DataType& a, const DataType& b) {
  if (a.id != b.id || a.fields.empty()) return std::nullopt;
  DataType wide = a;
  for (const Field& theirs : b.fields) {
    const auto ours = std::find_if(wide.fields.begin(), wide.fields.end(), [&](const Field& field) {
      return EqualsIgnoreCase(field.name, theirs.name);
    });
    if (ours == wide.fields.end()) {
      wide.fields.push_back(theirs);
      wide.fields.back().nullable = true;
      continue;
    }
    auto type = Widest(ours->type, theirs.type);
    if (!type) return std::nullopt;
    ours->type = *std::move(type);
    ours->nullable = ours->nullable || theirs.nullable;
  }
  return wide;
}

std::optional<DataType> Widest(const DataType& a, const DataType& b) {
  if (a == b) return a;
  if (!a.fields.empty()) return WidestNested(a, b);
  if (a.id == TypeId::kVoid) return b;
  if (b.id == TypeId::kVoid) return a;
  const int whole_a = Digits(a.id), whole_b = Digits(b.id);
  if (whole_a > 0 && whole_b > 0) return whole_a > whole_b ? a : b;
  const auto is = [&](TypeId x, TypeId y) {
    return (a.id == x && b.id == y) || (a.id == y && b.id == x);
  };
  if (is(TypeId::kFloat, TypeId::kDouble)) return DataType::Of(TypeId::kDouble);
  const bool decimals =
      (a.id == TypeId::kDecimal || whole_a > 0) && (b.id == TypeId::kDecimal || whole_b > 0);
  if (!decimals) return std::nullopt;
  const int scale = std::max(a.scale, b.scale);
  const int digits = std::max(whole_a > 0 ? whole_a : a.precision - a.scale,
                              whole_b > 0 ? whole_b : b.precision - b.scale);
  if (digits + scale > kMaxPrecision) return std::nullopt;
  return DataType::Decimal(digits + scale, scale);
}

Error Incompatible(const std::string& column, const std::string& why) {
  return DataError("INCOMPATIBLE_SCHEMAS", "the column " + column + ": " + why,
                   "Write those files anew with one type, or convert them into a table with a "
                   "query instead.");
}

Status CheckNames(const Schema& columns, const std::string& path) {
  for (size_t i = 0; i < columns.size(); ++i) {
    const std::string& name = columns[i].name;
    if (name.empty() || name.find_first_of(kNotInNames) != std::string::npos) {
      return UserError(
          "INVALID_COLUMN_NAME",
          "the column '" + name + "' of " + path +
              " has a character in its name that Delta allows only with column mapping",
          "Rename the column (none of \" ,;{}()=\", tabs and line ends).");
    }
    for (size_t j = 0; j < i; ++j) {
      if (EqualsIgnoreCase(columns[j].name, name)) {
        return Incompatible(name, path + " has it twice but for the case");
      }
    }
  }
  return OkStatus();
}

}  // namespace

Result<Schema> MergedColumns(duck::Connection& connection, const std::vector<std::string>& paths) {
  std::map<std::string, Kind> kinds;
  for (size_t start = 0; start < paths.size(); start += kFilesAtOnce) {
    const auto end = std::min(start + kFilesAtOnce, paths.size());
    RETURN_IF_ERROR(AddKinds(connection,
                             {paths.begin() + static_cast<ptrdiff_t>(start),
                              paths.begin() + static_cast<ptrdiff_t>(end)},
                             &kinds));
  }
  std::map<std::string, const Kind*> in_order;
  for (const auto& [description, kind] : kinds) in_order.emplace(kind.example, &kind);
  Schema merged;
  std::map<std::string, std::string> first_file;  // that has the column
  for (const auto& [path, kind] : in_order) {
    ASSIGN_OR_RETURN(Schema columns, connection.Describe("SELECT * FROM read_parquet(" +
                                                         duck::QuoteLiteral(EscapeGlob(path)) +
                                                         ", hive_partitioning = false)"));
    RETURN_IF_ERROR(CheckNames(columns, path));
    RETURN_IF_ERROR(MarkInstants(*kind, &columns));
    for (Field& column : columns) {
      column.nullable = true;
      const auto known = std::find_if(merged.begin(), merged.end(), [&](const Field& field) {
        return EqualsIgnoreCase(field.name, column.name);
      });
      if (known == merged.end()) {
        first_file[AsciiLower(column.name)] = path;
        merged.push_back(std::move(column));
        continue;
      }
      auto type = Widest(known->type, column.type);
      if (!type) {
        return Incompatible(column.name, ToString(known->type) + " in " +
                                             first_file[AsciiLower(column.name)] + ", but " +
                                             ToString(column.type) + " in " + path);
      }
      known->type = *std::move(type);
    }
  }
  return merged;
}

}  // namespace penstock::lake
