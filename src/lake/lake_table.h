#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "delta/table.h"
#include "delta/table_columns.h"
#include "duck/engine.h"
#include "io/storage.h"

// Where Delta meets the engine.
namespace penstock::lake {

// Reads and writes checkpoints through the engine's Parquet. Engine and storage are borrowed.
std::unique_ptr<delta::CheckpointCodec> NewCheckpointCodec(duck::Engine* engine,
                                                           io::Storage* storage);

// The type of the _metadata column of files, and of a table: with row_id and row_commit_version
// when it tracks rows (PROTOCOL.md, "Row Tracking").
DataType FileMetadataType();
DataType FileMetadataType(const delta::Metadata& metadata);
// The names of the hidden columns of row ids and row commit versions in the files of a table that
// tracks rows; empty for any other.
std::vector<std::string> RowTrackingColumns(const delta::Metadata& metadata);

// A file that rows are read from.
struct FileRow {
  std::string path;
  int64_t size = 0;
  TimestampMicros modified = 0;
  std::vector<std::optional<std::string>> partition_values;  // as text
};
// A relation "files" of one row a file to join rows with: "__file" (the path as the engine's
// readers name it), "_metadata" and the partition columns.
std::string FileValuesSql(const std::vector<FileRow>& files, const Schema& partition_columns);

struct RelationOptions {
  // Only these (a change range) instead of the snapshot's.
  const std::vector<delta::AddFile>* files = nullptr;
  // With a list of files, one for each: only the rows that it deletes and the file's own vector
  // does not. Little else is read.
  const std::vector<delta::DeletionVector>* deleted_by = nullptr;
  bool with_file_metadata = false;  // a _metadata struct column
  // Adds the columns __penstock_file, the number of the row's file in the list of files, and
  // __penstock_row, its physical position in that file; both BIGINT, last.
  bool with_row_position = false;
  // Adds the row ids and commit versions that a table which tracks rows keeps, NULL where a file
  // has none: __penstock_row_id and __penstock_row_version, BIGINT, behind all others.
  bool with_row_ids = false;
};
inline constexpr char kRowIdColumn[] = "__penstock_row_id";
inline constexpr char kRowVersionColumn[] = "__penstock_row_version";
inline constexpr char kFileNumberColumn[] = "__penstock_file";
inline constexpr char kRowPositionColumn[] = "__penstock_row";

// A relation for queries of any connection of the engine, as long as `scan` lives.
struct Relation {
  std::string sql;
  std::shared_ptr<const void> scan;
};
// The rows of a snapshot as a relation with the table's column names, order and types: columns are
// found by column mapping, files of an older schema give NULL for columns they lack and are cast
// where the type was widened, partition values come from the log, and rows that deletion vectors
// delete are not there. Nothing is read before a query runs; what is wrong with a file
// (COLUMN_TYPE_MISMATCH, BAD_PARTITION_VALUE, BAD_DELETION_VECTOR) fails the query that needs it.
Result<Relation> SnapshotRelation(const std::string& table_path, const delta::Snapshot& snapshot,
                                  const RelationOptions& options = {});
// The same of files that need not be a snapshot's.
Result<Relation> RelationOfFiles(const std::string& table_path, const delta::Metadata& metadata,
                                 const std::vector<delta::AddFile>& files,
                                 const RelationOptions& options = {});

struct WriteOptions {
  std::vector<std::string> partition_columns;
  int64_t target_file_bytes = int64_t{512} << 20;
  std::string compression = "zstd";
  // The columns of the schema, where files and log name them otherwise (column mapping): files get
  // the physical names and field ids, the log's partition values and statistics the names. Empty:
  // everything has the names of the schema.
  std::vector<delta::TableColumn> mapped_columns = {};
  int64_t indexed_leaves = 32;  // columns (leaves) with statistics, from the first; -1: all
  // Instead of those: columns by their names, with all that is in them.
  std::optional<std::vector<std::vector<std::string>>> indexed_columns = {};
  std::string folder = {};  // below the table, of the files; empty: the table's own
  // BIGINT columns by their names in files, which the query yields behind those of the schema. They
  // get no statistics.
  std::vector<std::string> hidden_columns = {};
};
// As the properties of the table say: partition columns, delta.targetFileSize,
// delta.dataSkippingNumIndexedCols, delta.dataSkippingStatsColumns and delta.columnMapping.mode.
Result<WriteOptions> WriteOptionsOf(const delta::Metadata& metadata);

struct WriteResult {
  std::vector<delta::AddFile> files;
  int64_t rows = 0;
  int64_t bytes = 0;
};

// Runs `query` (whose columns are `schema`, in order) and writes its rows as data files of the
// table at `table_path`, synced, with statistics; nothing refers to them until a commit does. On
// failure the files are removed if possible. No rows: no files.
Result<WriteResult> WriteDataFiles(duck::Connection& connection, io::Storage& storage,
                                   const std::string& table_path, const std::string& query,
                                   const Schema& schema, const WriteOptions& options,
                                   int64_t now_ms);

}  // namespace penstock::lake
