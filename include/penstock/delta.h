#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/data_type.h"
#include "base/result.h"

// Delta Lake tables for C++ programs: read at any version, changed row by row, maintained; on disk
// and on S3. The protocol is that of delta-io/delta, PROTOCOL.md; docs/delta.md says which of its
// features are followed. Link penstock_api.
//
//   auto lake = penstock::DeltaLake::Open();
//   auto table = (*lake)->OpenTable("/data/orders");
//   auto rows = table->Read({.where = "country = 'DE'"});
//   while (*rows->Next()) use(rows->Int64(0), rows->Text(1));
//
// Functions that can fail return Result<T> or Status (base/result.h), which must be looked at, and
// throw nothing. An Error has a stable `code`, says what was wrong with which value, and what to
// do; `where` is the line and column in the SQL text that was given, if there is one.
//
// SQL texts (conditions, expressions, queries) are Spark SQL. A query reads files and tables by
// path: read_files('…', format => 'parquet'), parquet.`/data/new`, delta.`/data/orders`, VALUES
// (…).
namespace penstock {

// How a DeltaLake works. Times are UTC.
struct DeltaLakeOptions {
  int threads = 0;                // of the engine; 0: the machine's
  std::string memory_limit = {};  // "2GB"; empty: 80 % of the machine's memory
  std::string temp_folder = {};   // below it large operations spill; empty: the system's
  // Object stores: "penstock.s3.endpoint", "penstock.s3.region" … (docs/storage.md). Credentials
  // come from the environment or the profile file.
  std::map<std::string, std::string> configuration = {};
};

// Which state of a table: at most one of the two; neither: the newest.
struct DeltaVersion {
  std::optional<int64_t> version = {};
  std::optional<int64_t> timestamp_ms = {};  // since 1970; the newest version at or before it
};

// What to read.
struct DeltaRead {
  std::vector<std::string> columns = {};  // names; empty: all, in the table's order
  std::string where = {};  // a condition; empty: every row. Files it excludes stay shut
  DeltaVersion at = {};
};

// Rows of a finished query, one after the other, in no order. Movable; not thread-safe. Values are
// those of the row that Next moved to, by the number of their column, counted from 0; of NULL they
// say nothing.
class DeltaRows {
 public:
  DeltaRows(DeltaRows&&) noexcept;
  DeltaRows& operator=(DeltaRows&&) noexcept;
  ~DeltaRows();

  const Schema& columns() const;
  // Moves to the next row; false at the end.
  Result<bool> Next();
  bool IsNull(size_t column) const;
  // Any integer type, booleans (0, 1), dates (days since 1970), timestamps (µs since 1970); of
  // fractions the whole part. 0 for types that are no numbers.
  int64_t Int64(size_t column) const;
  double Double(size_t column) const;  // any numeric type, and as Int64
  // Strings and binaries: their bytes. Others as text: exact numbers, ISO 8601 times, JSON for
  // arrays, maps and structs. NULL: nothing.
  std::string Text(size_t column) const;

  struct State;  // Penstock's own
  explicit DeltaRows(std::unique_ptr<State> state);

 private:
  std::unique_ptr<State> state_;
};

// A new table.
struct DeltaDefinition {
  Schema columns = {};
  std::vector<std::string> partitioned_by = {};
  std::vector<std::string> clustered_by = {};  // instead of partitions; dots lead into structs
  std::string comment = {};
  // "delta.enableChangeDataFeed", "delta.constraints.positive" … (docs/delta.md)
  std::map<std::string, std::string> properties = {};
};

enum class DeltaWriteMode {
  kAppend,
  kOverwrite,          // every row goes
  kReplaceWhere,       // the rows that satisfy `replace_where` go; new ones must satisfy it
  kDynamicPartitions,  // the partitions that the new rows have go
};
// The query's columns are those of the table with their names; what it lacks gets its default, or
// NULL.
struct DeltaWrite {
  DeltaWriteMode mode = DeltaWriteMode::kAppend;
  bool by_position = false;  // the query's columns are the table's in their order
  std::string replace_where = {};
  bool merge_schema = false;      // add the columns the table lacks
  bool overwrite_schema = false;  // kOverwrite: take the query's columns
  // Exactly once: a write is skipped when its number, or a higher one, was committed before under
  // this name.
  std::optional<std::pair<std::string, int64_t>> transaction = {};
};

// column = expression. Without a value: the column's default.
struct DeltaAssignment {
  std::string column = {};  // dots lead into structs
  std::optional<std::string> value = {};
};

// MERGE INTO target USING (source) AS source ON …; the first clause that fits decides.
struct DeltaMergeClause {
  enum class When { kMatched, kNotMatched, kNotMatchedBySource };
  enum class Action { kUpdate, kUpdateAll, kDelete, kInsert, kInsertAll };
  When when = When::kMatched;
  Action action = Action::kDelete;
  std::string condition = {};                     // empty: always
  std::vector<DeltaAssignment> assignments = {};  // of kUpdate and kInsert
};
struct DeltaMerge {
  std::string source = {};  // a query; its rows are named source.…, the table's target.…
  std::string on = {};
  std::vector<DeltaMergeClause> clauses = {};
  bool schema_evolution = false;
};

// What an operation did: the version it made (nothing when there was nothing to do) and its numbers
// by the names of operationMetrics ("numTargetRowsInserted" …).
struct DeltaOutcome {
  std::optional<int64_t> version;
  std::map<std::string, int64_t> metrics;
};

// One commit of the history.
struct DeltaCommit {  // what another writer did not say is 0 or empty
  int64_t version = 0;
  int64_t timestamp_ms = 0;
  std::string operation;
  std::string parameters;  // JSON
  std::string metrics;     // JSON
  std::string engine;
};

// One table. Movable; thread-safe, but one changing or reading call runs at a time. Losing a race
// against another writer is decided anew where the rules of WriteSerializable allow it, and
// otherwise COMMIT_CONFLICT, which names the other commit.
class DeltaTable {
 public:
  DeltaTable(DeltaTable&&) noexcept;
  DeltaTable& operator=(DeltaTable&&) noexcept;
  ~DeltaTable();

  const std::string& location() const;
  // The newest version there is; each call looks.
  Result<int64_t> Version();
  Result<Schema> Columns();
  Result<std::map<std::string, std::string>> Properties();
  // Newest first, at most `limit` (0: all the log still has).
  Result<std::vector<DeltaCommit>> History(int64_t limit = 0);

  Result<DeltaRows> Read(const DeltaRead& read = {});
  // Rows of the versions from `first` to `last` with _change_type, _commit_version and
  // _commit_timestamp (docs/delta.md, "Change data feed").
  Result<DeltaRows> Changes(int64_t first, int64_t last);

  Result<DeltaOutcome> Write(std::string_view query, const DeltaWrite& write = {});
  Result<DeltaOutcome> Delete(std::string_view condition);  // empty: every row
  Result<DeltaOutcome> Update(const std::vector<DeltaAssignment>& assignments,
                              std::string_view condition = {});
  Result<DeltaOutcome> Merge(const DeltaMerge& merge);

  // Writes small files together; with `zorder_by`, orders rows by these columns.
  Result<DeltaOutcome> Optimize(const std::vector<std::string>& zorder_by = {});
  // Deletes files that no version of the last `retention_ms` needs (default: the table's
  // delta.deletedFileRetentionDuration, which it must not undercut). The files, or with `dry_run`
  // those that would be deleted.
  Result<std::vector<std::string>> Vacuum(std::optional<int64_t> retention_ms = {},
                                          bool dry_run = false);
  Result<DeltaOutcome> Restore(const DeltaVersion& to);
  Status Checkpoint();

  struct State;  // Penstock's own
  explicit DeltaTable(std::unique_ptr<State> state);

 private:
  std::unique_ptr<State> state_;
};

// The engine and the stores that tables are worked on with. Thread-safe; outlives its tables and
// their rows.
class DeltaLake {
 public:
  static Result<std::unique_ptr<DeltaLake>> Open(const DeltaLakeOptions& options = {});
  ~DeltaLake();

  // The table at an absolute path or an s3:// URI (BAD_LOCATION). NOT_A_DELTA_TABLE when there is
  // none.
  Result<DeltaTable> OpenTable(std::string_view location);
  // TABLE_EXISTS when there is one.
  Result<DeltaTable> CreateTable(std::string_view location, const DeltaDefinition& definition);
  // A table at `target` that shares the data files of `source` (a shallow clone).
  Result<DeltaTable> CloneTable(std::string_view source, std::string_view target,
                                const DeltaVersion& of = {});
  // Makes a folder of Parquet files a table; `partition_columns` are those of its folder names.
  Result<DeltaTable> ConvertParquet(std::string_view location,
                                    const Schema& partition_columns = {});

  struct State;  // Penstock's own

 private:
  explicit DeltaLake(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace penstock
