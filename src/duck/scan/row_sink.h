#pragma once

#include <duckdb.h>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "duck/scan/json_parser.h"
#include "duck/scan/scan_state.h"

namespace penstock::duck {

// How a record was read.
struct RecordOutcome {
  bool bad = false;
  std::string_view reason;
};

// Takes records as rows of a chunk: decides which are kept, and fills the columns that do not come
// from the record itself. One a thread.
class RowSink {
 public:
  // `projected`: which of the scan's columns are asked for, in the order of the chunk.
  RowSink(FileScan::State& state, const std::vector<size_t>& projected);
  ~RowSink();

  void BeginChunk(duckdb_data_chunk chunk);
  void EndChunk();
  bool Full() const { return row_ == capacity_; }
  idx_t row() const { return row_; }

  // The data columns to fill at row(); null: not asked for.
  ObjectTarget& target() { return target_; }
  void ClearRow();  // all of them NULL

  void BeginFile(size_t file);
  // The bytes that the rows since the last call point into are let go.
  void EndBlock(const BlockPtr& block);

  // Ends the record at row(): keeps, drops or refuses it. `raw` is its text.
  Status Finish(int64_t offset, std::string_view raw, const RecordOutcome& outcome,
                const std::vector<RescuedValue>& rescued);

 private:
  enum class Role { kData, kPartition, kCorrupt, kRescue, kMetadata, kPosition };
  struct Column {
    Role role = Role::kData;
    size_t index = 0;  // of data and partition columns
    std::unique_ptr<ColumnWriter> writer;
  };

  void AddColumn(size_t column);
  void AddHidden();
  void EndFileRows();
  Status Drop(int64_t offset, std::string_view raw, std::string_view reason);
  Error Malformed(int64_t offset, std::string_view reason) const;
  void WriteRescued(ColumnWriter& writer, const std::vector<RescuedValue>& rescued,
                    std::string_view broken);
  void WriteMetadata(ColumnWriter& writer);
  void WritePartition(Column& column);

  FileScan::State& state_;
  std::vector<Column> columns_;
  std::vector<Column> hidden_;  // data columns nobody asks for that decide whether a record is bad
  duckdb_data_chunk scratch_ = nullptr;
  ObjectTarget target_;
  ColumnWriter* corrupt_ = nullptr;
  ColumnWriter* rescue_ = nullptr;
  ColumnWriter* position_ = nullptr;
  duckdb_data_chunk chunk_ = nullptr;
  idx_t row_ = 0;
  idx_t capacity_;
  idx_t file_rows_ = 0;  // first row of the current file
  size_t file_ = 0;
  int64_t records_ = 0;
  int64_t bad_ = 0;
  int64_t dropped_ = 0;
  int64_t lost_ = 0;
};

}  // namespace penstock::duck
