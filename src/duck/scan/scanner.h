#pragma once

#include <duckdb.h>

#include <atomic>
#include <memory>
#include <vector>

#include "duck/scan/record_reader.h"

namespace penstock::duck {

// A thread's part of a scan: reads unit after unit into chunks. The state is borrowed, and so is
// the number of the next unit, which the threads of a scan share.
class Scanner {
 public:
  // `projected`: which of the scan's columns the chunks have, in their order.
  Scanner(FileScan::State& state, const std::vector<size_t>& projected,
          std::atomic<size_t>& next_unit);

  // Fills an empty chunk; it stays empty at the end.
  Status Fill(duckdb_data_chunk chunk);

 private:
  FileScan::State& state_;
  std::atomic<size_t>& next_unit_;
  RowSink sink_;
  std::unique_ptr<RecordReader> reader_;
  bool in_unit_ = false;
};

}  // namespace penstock::duck
