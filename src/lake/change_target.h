#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "delta/table.h"
#include "delta/table_columns.h"
#include "lake/lake_table.h"
#include "lake/table_operation.h"
#include "lake/table_rules.h"

namespace penstock::lake {

// A table whose rows an operation changes, at one snapshot.
struct ChangeTarget {
  std::string path;
  delta::SnapshotPtr snapshot;
  delta::Metadata metadata;  // as it will be: the snapshot's, or with what schema evolution added
  std::vector<delta::TableColumn> columns;  // of `metadata`
  Schema schema;                            // of `columns`
  std::vector<TableRule> rules;
  WriteOptions options;
  bool uses_vectors = false;  // rows are deleted through deletion vectors, else files are rewritten
  bool change_feed = false;   // delta.enableChangeDataFeed
  // The hidden columns of files that keep ids and versions of rows that are written anew; empty:
  // the table does not track rows.
  std::vector<std::string> row_columns;

  bool tracks_rows() const { return !row_columns.empty(); }
};
enum class TargetUse { kAppends, kTakesRows };
// APPEND_ONLY_TABLE when rows are to be taken that must stay.
// `evolved`: the metadata that the operation gives the table. Tables whose row changes cannot be
// written as the protocol asks are refused: UNSUPPORTED_TABLE_FEATURE.
Result<ChangeTarget> OpenTarget(const Lake& lake, const delta::Table& table,
                                const delta::SnapshotPtr& snapshot, TargetUse use,
                                const std::optional<delta::Metadata>& evolved = {});

// "true" without regard to case.
bool IsPropertySet(const delta::Metadata& metadata, const char* key);

// For each column of the target its SQL over a relation of the snapshot behind `alias` (empty: bare
// names); NULL for what the snapshot lacks.
std::vector<std::string> OldValues(const ChangeTarget& target, const std::string& alias);

// The target's columns and, where asked for, kRowIdColumn, which is no column of the table.
std::vector<delta::TableColumn> WrittenColumns(const ChangeTarget& target, bool with_row_ids);

// The names of the target's columns as a list, each with `prefix` before it.
std::string ColumnList(const std::vector<delta::TableColumn>& columns);

// A temporary table of the connection that goes with the value.
class TempTable {
 public:
  explicit TempTable(duck::Connection* connection);
  ~TempTable();
  TempTable(const TempTable&) = delete;
  TempTable& operator=(const TempTable&) = delete;

  Status Fill(const std::string& query);             // once
  const std::string& name() const { return name_; }  // quoted

 private:
  duck::Connection* connection_;
  std::string name_;
};

// The first value of a query's first row, a whole number; 0 for NULL and no row.
Result<int64_t> QueryNumber(duck::Connection& connection, const std::string& query);

}  // namespace penstock::lake
