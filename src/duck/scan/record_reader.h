#pragma once

#include <memory>

#include "duck/scan/row_sink.h"

namespace penstock::duck {

// Reads units of a scan into a sink. One a thread.
class RecordReader {
 public:
  virtual ~RecordReader() = default;
  virtual Status Begin(const ScanUnit& unit) = 0;
  // Reads records until the sink is full (true) or the unit is read (false).
  virtual Result<bool> Read() = 0;
};

std::unique_ptr<RecordReader> NewJsonReader(FileScan::State& state, RowSink& sink);
std::unique_ptr<RecordReader> NewCsvReader(FileScan::State& state, RowSink& sink);
std::unique_ptr<RecordReader> NewTextReader(FileScan::State& state, RowSink& sink);
std::unique_ptr<RecordReader> NewBinaryReader(FileScan::State& state, RowSink& sink);

}  // namespace penstock::duck
