#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "delta/checkpoint.h"
#include "duck/engine.h"
#include "duck/nested_column.h"
#include "lake/checkpoint_columns.h"

namespace penstock::lake {

// Gives the rows of CheckpointRowsSql to a sink. The sink is borrowed.
class CheckpointRow {
 public:
  // `path` for errors.
  CheckpointRow(std::string path, delta::CheckpointSink& sink);

  // The rows of the current chunk; CORRUPT_CHECKPOINT names the file and what is wrong with a row.
  Status Take(const duck::ResultSet& rows);

 private:
  const duck::NestedColumn& Column(CheckpointColumn column) const {
    return columns_[static_cast<size_t>(column)];
  }
  bool Has(CheckpointColumn column, size_t row) const { return !Column(column).IsNull(row); }
  Status TakeRow(size_t row);
  Status TakeAdd(size_t row);
  Status TakeRemove(size_t row);
  Status TakeText(const char* kind, std::string_view json);
  Status Corrupt(const std::string& what) const;
  Status Named(Status status) const;

  const std::string path_;
  delta::CheckpointSink& sink_;
  std::vector<duck::NestedColumn> columns_;
  // Kept from row to row for their memory.
  delta::Action add_ = delta::AddFile();
  delta::Action remove_ = delta::RemoveFile();
};

}  // namespace penstock::lake
