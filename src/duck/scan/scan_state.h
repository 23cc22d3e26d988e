#pragma once

#include <atomic>
#include <mutex>
#include <string>
#include <vector>

#include "duck/scan/column_writer.h"
#include "duck/scan/file_scan.h"

namespace penstock::duck {

// A part of a file that one thread reads at a time.
struct ScanUnit {
  size_t file = 0;
  int64_t begin = 0;
  int64_t end = 0;
};

// What the threads of one scan share.
struct FileScan::State {
  explicit State(ScanSpec spec);

  ScanSpec spec;
  TimeFormats formats;
  std::optional<Error> unusable;  // why the spec cannot be read
  Schema columns;
  std::vector<ScanUnit> units;
  std::atomic<int64_t> records{0};
  std::atomic<int64_t> corrupt{0};
  std::atomic<int64_t> dropped{0};
  std::atomic<int64_t> lost{0};
  std::atomic<int64_t> bytes{0};

  std::mutex mutex;
  std::vector<BadRecord> bad_records;
  int64_t bad_bytes = 0;  // of the text in bad_records
};

// Compiles the patterns of the spec.
Result<TimeFormats> CompileFormats(const ScanSpec& spec);

// The text with what is no UTF-8 replaced by U+FFFD.
std::string ValidUtf8(std::string_view text);

}  // namespace penstock::duck
