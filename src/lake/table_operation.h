#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/predicate.h"
#include "delta/table.h"
#include "duck/engine.h"
#include "io/storage.h"

// What changes a Delta table. Each operation reads a snapshot, decides, writes data files, and
// commits; when another writer was faster it is decided again where that is allowed, and otherwise
// fails with COMMIT_CONFLICT, which names the other commit.
namespace penstock::lake {

using ExpressionTranslator = std::function<Result<std::string>(std::string_view)>;

// The state of its target that a statement's texts read besides the operation.
struct TargetReading {
  delta::Version version = -1;
  bool by_user = false;  // in a subquery or a source: any change of the table matters
};

// What an operation works with; all borrowed. The connection is used by one operation at a time;
// relations that conditions and queries name (temporary views) are found on it.
struct Lake {
  duck::Engine* engine = nullptr;
  duck::Connection* connection = nullptr;
  io::Storage* storage = nullptr;
  Clock* clock = nullptr;
  // Expressions that a table stores (constraints, generated columns, defaults) are Spark's SQL:
  // this makes them the engine's. Without it they are taken as they are.
  ExpressionTranslator translate = {};
  // The texts are bound to this state of the target: any other is COMMIT_CONFLICT, and the caller
  // binds them anew.
  std::optional<TargetReading> reading = {};
};

// What came of it: the version it made, and the numbers of operationMetrics by their names.
struct OperationResult {
  std::optional<delta::Version> version;  // nothing: there was nothing to do
  Json metrics = Json::object();
};

// SQL texts are the engine's (translated from the user's dialect before). An expression may name
// the columns of the table, bare or behind its alias.

struct Assignment {
  std::vector<std::string> column;  // a path: one name, or more into structs
  std::string value;                // an expression, or "DEFAULT" where `is_default`
  bool is_default = false;
};

struct DeleteRequest {
  std::string condition;  // empty: every row
  std::string alias = "target";
};

struct UpdateRequest {
  std::vector<Assignment> assignments;
  std::string condition;
  std::string alias = "target";
};

struct MergeClause {
  enum class When { kMatched, kNotMatched, kNotMatchedBySource };
  enum class Action { kUpdate, kUpdateStar, kDelete, kInsert, kInsertStar };
  When when = When::kMatched;
  Action action = Action::kDelete;
  std::string condition;                // empty: always
  std::vector<Assignment> assignments;  // of kUpdate and kInsert
};
struct MergeRequest {
  std::string source;  // a query
  std::string source_alias = "source";
  std::string alias = "target";
  std::string on;                    // an expression over both
  std::vector<MergeClause> clauses;  // in order; the first that fits decides
  bool schema_evolution = false;     // UPDATE SET * and INSERT * add the source's new columns
};

enum class WriteMode {
  kAppend,
  kOverwrite,          // every row goes
  kReplaceWhere,       // the rows that satisfy `replace_where` go; new rows must satisfy it
  kDynamicPartitions,  // the partitions that the new rows have go
};
struct WriteRequest {
  std::string query;
  // The columns of the table that the query's columns are, in order; empty: by name where the names
  // are those of the table (`by_name`), else by position.
  std::vector<std::string> columns;
  bool by_name = false;
  WriteMode mode = WriteMode::kAppend;
  std::string replace_where;      // an expression
  bool merge_schema = false;      // columns that the table lacks are added
  bool overwrite_schema = false;  // kOverwrite: the table takes the query's columns
  // All of them in the table already: nothing is written. Some of them: kTransactionsOverlap.
  std::vector<delta::SetTransaction> transactions;
};
inline constexpr char kTransactionsOverlap[] = "TRANSACTIONS_OVERLAP";

Result<OperationResult> DeleteRows(const Lake& lake, delta::Table& table,
                                   const DeleteRequest& request);
Result<OperationResult> UpdateRows(const Lake& lake, delta::Table& table,
                                   const UpdateRequest& request);
Result<OperationResult> MergeRows(const Lake& lake, delta::Table& table,
                                  const MergeRequest& request);
Result<OperationResult> WriteRows(const Lake& lake, delta::Table& table,
                                  const WriteRequest& request);

// ---- maintenance

struct OptimizeRequest {
  std::string condition;                    // over partition columns; empty: all
  std::vector<std::string> zorder_columns;  // empty: bin-packing, or the table's clustering
  bool full = false;                        // clustered tables: also what is clustered already
  bool purge_only = false;  // REORG … APPLY (PURGE): files with deletion vectors or dropped columns
  int64_t target_file_bytes = 0;  // 0: delta.targetFileSize, else the default
  int64_t min_file_bytes = 0;     // smaller files are taken; 0: three quarters of the target's size
  bool automatic = false;         // nobody asked: said in the log
};
struct VacuumRequest {
  std::optional<int64_t> retention_ms;  // default: delta.deletedFileRetentionDuration
  bool retention_check = true;          // a shorter retention than the table's is refused
  bool dry_run = false;
};
struct VacuumResult {
  std::vector<std::string> files;  // deleted, or what would be; absolute, sorted
  int64_t bytes = 0;
};
struct RestoreRequest {
  delta::TimeTravel to;
};
struct CloneRequest {
  delta::TimeTravel of;  // of the source
  bool replace = false;  // an existing target becomes the clone
  bool if_not_exists = false;
  delta::Configuration properties;  // set over the source's
};
struct ConvertRequest {
  Schema partition_columns;  // with types; empty: not partitioned
  bool collect_statistics = true;
};

Result<OperationResult> Optimize(const Lake& lake, delta::Table& table,
                                 const OptimizeRequest& request);
Result<VacuumResult> Vacuum(const Lake& lake, delta::Table& table, const VacuumRequest& request);
Result<OperationResult> Restore(const Lake& lake, delta::Table& table,
                                const RestoreRequest& request);
// A shallow clone: `target` names the data files of `source`.
Result<OperationResult> Clone(const Lake& lake, delta::Table& source, delta::Table& target,
                              const CloneRequest& request);
// Makes the folder of Parquet files at the table's path a Delta table.
Result<OperationResult> Convert(const Lake& lake, delta::Table& table,
                                const ConvertRequest& request);

}  // namespace penstock::lake
