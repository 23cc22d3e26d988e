#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/data_type.h"
#include "base/predicate.h"
#include "base/result.h"
#include "base/row_set.h"

// Reading the Parquet files of a table as one relation: columns found by stored name or field id,
// missing ones NULL, older types cast, values that are the same in a whole file given from outside,
// deleted rows left out, and files that cannot match a condition not opened.
namespace penstock::duck {

// A column of the relation, or a part of a nested one.
struct TableFilesColumn {
  std::string name;  // in the relation
  DataType type;
  std::string stored_name;          // in data files
  std::optional<int32_t> field_id;  // when given, it alone finds the column
  // Not read from files: its value of each file is FileConstants()[*constant]. Top level only.
  std::optional<size_t> constant;
  // A struct's fields; an array's "element"; a map's "key" and "value".
  std::vector<TableFilesColumn> children;
};

struct DataFile {
  std::string path;  // as the engine opens it
  int64_t size = 0;
  TimestampMicros modified = 0;
  bool selects_rows = false;  // not all of its rows are part of the relation
};

// Reads bytes of a file through the engine.
using ReadBytes =
    std::function<Result<std::string>(const std::string& path, int64_t offset, int64_t length)>;
// Positions of rows of a file: all others are part of the relation, or with `only` just these.
struct RowSelection {
  RowSet rows;
  bool only = false;
};
// Numbers of files, ascending.
using FileNumbers = std::vector<uint32_t>;

// The files of a relation, numbered from 0. Asked by several threads at once while queries run.
class DataFiles {
 public:
  virtual ~DataFiles() = default;

  virtual size_t size() const = 0;
  virtual DataFile File(size_t number) const = 0;
  // Rows that are part of the relation; an estimate where that is not known.
  virtual int64_t Rows(size_t number) const = 0;
  // The values of constant columns as text, in the form of Delta's partition values; nothing is
  // NULL.
  virtual std::vector<std::optional<std::string>> FileConstants(size_t number) const = 0;
  // Of a file that selects rows.
  virtual Result<RowSelection> Selection(size_t number, const ReadBytes& read) const = 0;
  // Those of `among` (null: all) that may have rows for which the condition holds; column paths
  // begin with names of the relation.
  virtual FileNumbers Matching(const Predicate& condition, const FileNumbers* among) const = 0;
};

struct TableFilesSpec {
  std::string table;  // for messages
  std::vector<TableFilesColumn> columns;
  bool with_file_metadata = false;  // the column _metadata
  bool with_row_position = false;   // the file's number and the row's position in it, BIGINT both
  std::string file_number_column;
  std::string row_position_column;
  // The files' selections are of few rows: row groups that have none of them are not read. Asks for
  // the row position.
  bool of_few_rows = false;
  std::shared_ptr<const DataFiles> files;
};

// Keeps the relation alive; queries that use it must end first. Immutable, any thread.
class TableFilesScan {
 public:
  explicit TableFilesScan(TableFilesSpec spec);
  ~TableFilesScan();
  TableFilesScan(const TableFilesScan&) = delete;

  // "SELECT … FROM penstock_files(17)" with the columns of the spec in order, then _metadata, file
  // number and row position as asked.
  std::string RelationSql() const;

 private:
  int64_t id_ = 0;
  std::shared_ptr<const TableFilesSpec> spec_;
};

// The type of the _metadata column.
DataType FileMetadataType();

}  // namespace penstock::duck
