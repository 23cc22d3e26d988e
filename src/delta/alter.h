#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/data_type.h"
#include "base/result.h"
#include "delta/change.h"
#include "delta/replay.h"
#include "delta/table_columns.h"

// Changes of what a table is, as values, and what they make of its metadata, protocol and domains.
// Pure: whoever commits them looks at the rows where `Alteration` says so. Expressions are texts of
// Spark's dialect, stored as given.
namespace penstock::delta {

using ColumnPath = std::vector<std::string>;  // one name, or more into structs; "element", "key",
                                              // "value" lead into arrays and maps

struct ColumnPlace {  // neither: where it is, or last
  bool first = false;
  std::string after;  // a neighbour in the same struct
};

struct NewColumn {
  Field field;
  std::optional<std::string> generated;      // GENERATED ALWAYS AS
  std::optional<std::string> default_value;  // DEFAULT
  ColumnPath parents;  // ALTER TABLE: the struct that gets it; empty: the table
  ColumnPlace place;
};

struct AddColumns {
  std::vector<NewColumn> columns;
  bool if_not_exists = false;
};
struct RenameColumn {
  ColumnPath column;
  std::string to;
};
struct DropColumns {
  std::vector<ColumnPath> columns;
  bool if_exists = false;
};
struct ChangeColumn {
  ColumnPath column;
  std::optional<DataType> type;
  std::optional<std::string> comment;
  std::optional<bool> nullable;              // false: SET NOT NULL, which looks at the rows
  std::optional<std::string> default_value;  // SET DEFAULT
  bool drop_default = false;
  ColumnPlace place;
};
struct SetProperties {
  Configuration properties;
};
struct UnsetProperties {
  std::vector<std::string> keys;
  bool if_exists = false;
};
struct AddConstraint {
  std::string name;
  std::string condition;
};
struct DropConstraint {
  std::string name;
  bool if_exists = false;
};
struct ClusterBy {
  std::vector<ColumnPath> columns;  // empty: NONE
};
struct DropFeature {
  std::string feature;
  // No version with a trace of the feature is left: whoever commits has cut the log off before.
  bool truncate_history = false;
};
struct SetComment {
  std::optional<std::string> comment;  // nothing: none
};
using AlterRequest = std::variant<AddColumns, RenameColumn, DropColumns, ChangeColumn,
                                  SetProperties, UnsetProperties, AddConstraint, DropConstraint,
                                  ClusterBy, DropFeature, SetComment>;

// What a request makes of a table. `change` has metadata, protocol and domains where they differ,
// and commitInfo's operation with its parameters.
struct Alteration {
  Change change;
  // Every row must satisfy the rules that the new metadata has and the old had not.
  bool check_rows = false;
  // A checkpoint must follow, from which readers start that know less.
  bool checkpoint = false;
};
// Nothing: the table is so already. COLUMN_NOT_FOUND, COLUMN_EXISTS, COLUMN_IN_USE (names what
// depends on it), COLUMN_MAPPING_NEEDED, UNSUPPORTED_TYPE_CHANGE, UNKNOWN_PROPERTY, BAD_PROPERTY,
// CONSTRAINT_EXISTS, CONSTRAINT_NOT_FOUND, BAD_CLUSTERING, CANNOT_DROP_FEATURE …
Result<std::optional<Alteration>> PlanAlteration(const TableState& table,
                                                 const AlterRequest& request);

// A new table.
struct TableDefinition {
  std::vector<NewColumn> columns;
  std::vector<std::string> partition_columns;
  std::vector<ColumnPath> cluster_columns;
  Configuration properties;  // delta.feature.* and delta.min*Version too, which are not stored
  std::vector<AddConstraint> constraints;
  std::optional<std::string> comment;
};
// The first commit of such a table: CREATE TABLE with protocol, metadata and domains. Deletion
// vectors are on unless the properties say otherwise. Errors as of PlanAlteration, and
// DUPLICATE_COLUMN, BAD_PARTITIONING.
Result<Change> NewTable(const TableDefinition& definition, int64_t now_ms);

}  // namespace penstock::delta
