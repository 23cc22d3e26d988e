#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/data_type.h"
#include "base/json.h"
#include "base/result.h"
#include "delta/actions.h"

// The columns of a table with all that the stored schema says of them: physical names and ids of
// column mapping, generation expressions, defaults, type changes, CHAR lengths …
namespace penstock::delta {

struct TableColumn {
  std::string name;
  DataType type;  // as Schema has it, nested parts included
  bool nullable = true;
  Json metadata = Json::object();  // of the field, as stored
  // A struct's fields; an array's "element"; a map's "key" and "value" (these have no metadata).
  std::vector<TableColumn> children;
  bool operator==(const TableColumn&) const = default;
};

// From metaData.schemaString; BAD_TABLE_SCHEMA, UNSUPPORTED_TYPE.
Result<std::vector<TableColumn>> TableColumns(const Metadata& metadata);
// The reverse: a schemaString; nested types are taken from `children`.
std::string EncodeColumns(const std::vector<TableColumn>& columns);
Schema SchemaOf(const std::vector<TableColumn>& columns);

// The name in data files and in the log's partition values and statistics: that of column mapping
// if the column has one, else its own.
std::string PhysicalName(const TableColumn& column);
// delta.columnMapping.id, or nothing.
std::optional<int64_t> ColumnId(const TableColumn& column);
// The column of that name without regard to ASCII case, or null.
const TableColumn* FindColumn(const std::vector<TableColumn>& columns, std::string_view name);

// How data files name their columns: delta.columnMapping.mode.
enum class ColumnMapping { kNone, kName, kId };
ColumnMapping ColumnMappingOf(const Metadata& metadata);

}  // namespace penstock::delta
