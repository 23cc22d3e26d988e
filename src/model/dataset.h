#pragma once

#include <compare>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/data_type.h"
#include "base/error.h"
#include "model/auto_cdc.h"

// What the user declared, as values. Nothing here is resolved: names may not exist, queries may not
// parse.
namespace penstock::model {

// A three-part name; parts are stored as written (compare with EqualsName, which ignores ASCII
// case).
struct TableName {
  std::string catalog;
  std::string schema;
  std::string table;
  bool operator==(const TableName&) const = default;
  auto operator<=>(const TableName&) const = default;
};
// "catalog.schema.table" without empty parts; parts that need it are in backticks.
std::string ToString(const TableName& name);
// Lower-cased copy: the identity of a table.
TableName Key(const TableName& name);

enum class DatasetKind { kStreamingTable, kMaterializedView, kView };
std::string_view ToString(DatasetKind kind);  // "streaming table" …

// How a materialized view may be brought up to date.
enum class RefreshPolicy {
  kAuto,         // by what changed in its sources where that is possible and costs less
  kIncremental,  // by what changed wherever that is possible
  kStrict,       // the update fails where that is not possible
  kFull,         // recomputed by every update
};
std::string_view ToString(RefreshPolicy policy);  // "AUTO", "INCREMENTAL STRICT" …

enum class OnViolation { kWarn, kDrop, kFail, kQuarantine };
std::string_view ToString(OnViolation action);

// EXPECT (row condition)
struct RowRule {
  std::string condition;  // as written, in the project's dialect
  bool operator==(const RowRule&) const = default;
};
// EXPECT UNIQUE (a, b)
struct UniqueRule {
  std::vector<std::string> columns;
  bool operator==(const UniqueRule&) const = default;
};
// EXPECT NOT EMPTY
struct NotEmptyRule {
  bool operator==(const NotEmptyRule&) const = default;
};
// EXPECT COLUMNS (a, b): the table has these columns
struct ColumnsRule {
  std::vector<std::string> columns;
  bool operator==(const ColumnsRule&) const = default;
};
// EXPECT FOREIGN KEY (a) REFERENCES t (b)
struct ForeignKeyRule {
  std::vector<std::string> columns;
  TableName references;
  std::vector<std::string> referenced_columns;
  bool operator==(const ForeignKeyRule&) const = default;
};
// EXPECT (condition over aggregates of the whole table)
struct AggregateRule {
  std::string condition;
  bool operator==(const AggregateRule&) const = default;
};
using Rule =
    std::variant<RowRule, UniqueRule, NotEmptyRule, ColumnsRule, ForeignKeyRule, AggregateRule>;

// Where the characters of a text from `offset` on stand in the user's file. Characters that a
// parameter put in
// (`inserted`) all stand where its ${key} does.
struct TextAnchor {
  size_t offset = 0;
  int line = 0;
  int column = 0;
  bool inserted = false;
  bool operator==(const TextAnchor&) const = default;
};

// Text of a query or condition as the user wrote it, parameters replaced, with where its first
// character stands.
struct QueryText {
  std::string text;
  SourceLocation where;
  std::vector<TextAnchor> anchors;  // ascending by offset; empty without parameters
  bool operator==(const QueryText&) const = default;
};
// Where the character at `offset` of the text stands in the user's file, parameters allowed for.
SourceLocation LocationAt(const QueryText& text, size_t offset);

struct Expectation {
  std::string name;
  Rule rule;
  OnViolation on_violation = OnViolation::kWarn;
  SourceLocation where;                  // of the CONSTRAINT
  SourceLocation rule_where;             // of the first character of the condition or rule
  std::vector<TextAnchor> rule_anchors;  // of the condition's text
  bool operator==(const Expectation&) const = default;
};
// The condition of a RowRule or AggregateRule with its place; nothing for the other rules.
std::optional<QueryText> ConditionText(const Expectation& expectation);

struct Dataset {
  TableName name;  // complete
  DatasetKind kind = DatasetKind::kMaterializedView;
  bool temporary = false;  // TEMPORARY, PRIVATE or LIVE VIEW: pipeline scope, never published
  bool if_not_exists = false;
  std::optional<Schema>
      columns;  // declared columns with types; their comments travel in the fields
  std::vector<std::string>
      column_names;  // columns declared without types: the query's columns, in its order
  std::map<std::string, std::string> column_comments;  // for columns declared without a type
  std::vector<std::string> partitioned_by;
  std::vector<std::string> clustered_by;
  std::string comment;
  std::map<std::string, std::string> properties;
  std::vector<Expectation> expectations;
  std::optional<std::string> location;  // LOCATION: an external table's path
  RefreshPolicy refresh = RefreshPolicy::kAuto;
  SourceLocation where;
  bool operator==(const Dataset&) const = default;
};

// A query that feeds a dataset. A table declared AS SELECT has one flow of its own name.
struct Flow {
  TableName name;  // catalog and schema as the target's
  TableName target;
  QueryText query;
  std::optional<AutoCdc> cdc;  // the query gives changes (model/auto_cdc.h), not rows
  bool once = false;           // INSERT INTO ONCE, AUTO CDC ONCE
  bool by_name = true;
  std::string comment;
  std::map<std::string, std::string>
      configuration;  // parameters in force where it stands (after SET)
  TableName current;  // catalog and schema in force where it stands (after USE); table empty
  SourceLocation where;
  bool operator==(const Flow&) const = default;
};

}  // namespace penstock::model
