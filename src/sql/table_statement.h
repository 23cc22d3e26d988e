#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/data_type.h"
#include "model/dataset.h"

// The statements that change tables or tell of them, as they were written: nothing is resolved,
// and expressions and queries are texts of the user's dialect with their places.
namespace penstock::sql {

// t, s.t, c.s.t, delta.`/path` or (where a statement allows it) parquet.`/path`.
struct TableReference {
  std::vector<std::string> parts;  // one to three; empty for a path
  std::string path;                // as written; empty for a name
  std::string format;              // "delta" or "parquet" of a path
  model::QueryText text;           // as written
  bool operator==(const TableReference&) const = default;
};
// VERSION AS OF n, TIMESTAMP AS OF expression, @v3; nothing of it: the newest.
struct TableVersion {
  std::optional<int64_t> version;
  std::optional<model::QueryText> timestamp;  // an expression
  bool operator==(const TableVersion&) const = default;
};

// ---- rows

struct ColumnAssignment {
  std::vector<std::string> column;  // a path
  model::QueryText value;           // empty for DEFAULT
  bool is_default = false;
  bool operator==(const ColumnAssignment&) const = default;
};
// One entry of PARTITION (a = 1, b); without a value it is dynamic.
struct PartitionEntry {
  std::string column;
  std::optional<model::QueryText> value;
  bool operator==(const PartitionEntry&) const = default;
};
struct InsertRows {
  TableReference table;
  bool overwrite = false;
  bool by_name = false;
  bool schema_evolution = false;
  std::vector<std::string> columns;
  std::vector<PartitionEntry> partition;
  std::optional<model::QueryText> replace_where;
  model::QueryText query;
  // The rows of VALUES when DEFAULT is among them (nothing); then `query` is only a place.
  std::vector<std::vector<std::optional<model::QueryText>>> values;
  bool operator==(const InsertRows&) const = default;
};
// COPY INTO t FROM 'path' FILEFORMAT = f …
struct CopyFiles {
  TableReference table;
  std::string path;
  std::string format;
  std::map<std::string, std::string> format_options;
  bool merge_schema = false;
  bool force = false;   // also files that were copied before
  std::string pattern;  // a glob of file names
  SourceLocation where;
  bool operator==(const CopyFiles&) const = default;
};
struct DeleteRows {
  TableReference table;
  std::string alias;
  std::optional<model::QueryText> condition;
  bool truncate = false;  // TRUNCATE TABLE
  bool operator==(const DeleteRows&) const = default;
};
struct UpdateRows {
  TableReference table;
  std::string alias;
  std::vector<ColumnAssignment> assignments;
  std::optional<model::QueryText> condition;
  bool operator==(const UpdateRows&) const = default;
};
struct MergeClause {
  enum class When { kMatched, kNotMatched, kNotMatchedBySource };
  enum class Action { kUpdate, kUpdateStar, kDelete, kInsert, kInsertStar };
  When when = When::kMatched;
  Action action = Action::kDelete;
  std::optional<model::QueryText> condition;
  std::vector<ColumnAssignment> assignments;
  bool operator==(const MergeClause&) const = default;
};
struct MergeRows {
  TableReference table;
  std::string alias;
  model::QueryText source;  // a query
  std::string source_alias;
  std::vector<std::string> source_columns;  // of AS b (x, y); empty: the query's own
  model::QueryText on;
  std::vector<MergeClause> clauses;
  bool schema_evolution = false;
  bool operator==(const MergeRows&) const = default;
};

// ---- definition

struct ColumnDefinition {
  Field field;
  std::optional<model::QueryText> generated;      // GENERATED ALWAYS AS (…)
  std::optional<model::QueryText> default_value;  // DEFAULT …
  // FIRST, or AFTER that column; only in ALTER TABLE.
  bool first = false;
  std::string after;
  // Of a field inside of structs: the path before the name. Only in ALTER TABLE.
  std::vector<std::string> parents;
  SourceLocation where;
  bool operator==(const ColumnDefinition&) const = default;
};
struct CheckConstraint {
  std::string name;
  model::QueryText condition;
  bool operator==(const CheckConstraint&) const = default;
};
struct CreateTable {
  TableReference table;
  bool replace = false;
  bool if_not_exists = false;
  bool must_exist = false;  // REPLACE TABLE
  std::vector<ColumnDefinition> columns;
  std::vector<CheckConstraint> constraints;
  std::vector<std::string> partitioned_by;
  std::vector<std::string> clustered_by;
  std::optional<std::string> location;
  std::optional<std::string> comment;
  std::map<std::string, std::string> properties;
  std::optional<model::QueryText> query;
  std::optional<TableReference> like;
  bool operator==(const CreateTable&) const = default;
};
struct CloneTable {
  TableReference table;
  bool replace = false;
  bool if_not_exists = false;
  TableReference source;
  TableVersion version;
  std::optional<std::string> location;
  std::map<std::string, std::string> properties;
  bool operator==(const CloneTable&) const = default;
};
struct DropTable {
  TableReference table;
  bool if_exists = false;
  bool operator==(const DropTable&) const = default;
};

// ALTER TABLE t RENAME TO u
struct RenameTable {
  TableReference table;
  TableReference to;
  bool operator==(const RenameTable&) const = default;
};

// ---- ALTER TABLE

struct AddColumns {
  std::vector<ColumnDefinition> columns;
  bool if_not_exists = false;
  bool operator==(const AddColumns&) const = default;
};
struct RenameColumn {
  std::vector<std::string> column;
  std::string to;
  bool operator==(const RenameColumn&) const = default;
};
struct DropColumns {
  std::vector<std::vector<std::string>> columns;
  bool if_exists = false;
  bool operator==(const DropColumns&) const = default;
};
// One change of a column's own.
struct ChangeColumn {
  std::vector<std::string> column;
  std::optional<DataType> type;
  std::optional<std::string> comment;
  std::optional<bool> nullable;                   // SET/DROP NOT NULL
  std::optional<model::QueryText> default_value;  // SET DEFAULT
  bool drop_default = false;
  bool first = false;
  std::string after;
  bool operator==(const ChangeColumn&) const = default;
};
struct SetProperties {
  std::map<std::string, std::string> properties;
  bool operator==(const SetProperties&) const = default;
};
struct UnsetProperties {
  std::vector<std::string> keys;
  bool if_exists = false;
  bool operator==(const UnsetProperties&) const = default;
};
struct AddConstraint {
  CheckConstraint constraint;
  bool operator==(const AddConstraint&) const = default;
};
struct DropConstraint {
  std::string name;
  bool if_exists = false;
  bool operator==(const DropConstraint&) const = default;
};
struct ClusterBy {
  std::vector<std::string> columns;  // empty: NONE
  bool operator==(const ClusterBy&) const = default;
};
struct DropFeature {
  std::string feature;
  bool truncate_history = false;
  bool operator==(const DropFeature&) const = default;
};
struct SetTableComment {
  std::optional<std::string> comment;  // nothing: IS NULL
  bool operator==(const SetTableComment&) const = default;
};
using TableAlteration = std::variant<AddColumns, RenameColumn, DropColumns, ChangeColumn,
                                     SetProperties, UnsetProperties, AddConstraint, DropConstraint,
                                     ClusterBy, DropFeature, SetTableComment>;
struct AlterTable {
  TableReference table;
  TableAlteration change;
  bool operator==(const AlterTable&) const = default;
};

// ---- maintenance

struct OptimizeTable {
  TableReference table;
  bool full = false;
  std::optional<model::QueryText> condition;
  std::vector<std::string> zorder_by;
  bool purge = false;  // REORG TABLE … APPLY (PURGE)
  bool operator==(const OptimizeTable&) const = default;
};
struct VacuumTable {
  TableReference table;
  std::optional<double> retain_hours;
  bool dry_run = false;
  bool operator==(const VacuumTable&) const = default;
};
struct RestoreTable {
  TableReference table;
  TableVersion to;
  bool operator==(const RestoreTable&) const = default;
};
struct ConvertTable {
  TableReference table;
  Schema partition_columns;
  bool statistics = true;
  bool operator==(const ConvertTable&) const = default;
};

// ---- questions

struct ShowProperties {
  TableReference table;
  std::string key;  // empty: all
  bool operator==(const ShowProperties&) const = default;
};
struct ShowColumns {
  TableReference table;
  bool operator==(const ShowColumns&) const = default;
};
// SHOW PARTITIONS t
struct ShowPartitions {
  TableReference table;
  bool operator==(const ShowPartitions&) const = default;
};
struct ShowCreateTable {
  TableReference table;
  bool operator==(const ShowCreateTable&) const = default;
};
struct DescribeHistory {
  TableReference table;
  int64_t limit = 0;  // 0: all
  bool operator==(const DescribeHistory&) const = default;
};
struct DescribeDetail {
  TableReference table;
  bool operator==(const DescribeDetail&) const = default;
};

using TableStatement =
    std::variant<InsertRows, CopyFiles, DeleteRows, UpdateRows, MergeRows, CreateTable, CloneTable,
                 DropTable, RenameTable, AlterTable, OptimizeTable, VacuumTable, RestoreTable,
                 ConvertTable, ShowProperties, ShowColumns, ShowPartitions, ShowCreateTable,
                 DescribeHistory, DescribeDetail>;

}  // namespace penstock::sql
