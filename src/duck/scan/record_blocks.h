#pragma once

#include <memory>
#include <string>

#include "duck/scan/byte_source.h"
#include "duck/scan/scan_block.h"

namespace penstock::duck {

// Whole lines of a file in memory. *end is a line break, or NUL when the block is the whole file.
struct TextBlock {
  BlockPtr block;
  char* begin = nullptr;
  char* end = nullptr;
  int64_t offset = 0;  // of `begin` in the (unpacked) file
  bool valid_utf8 = true;
};

// The lines that begin in [begin, end) of one file, as blocks. Not thread-safe.
class RecordBlocks {
 public:
  // `separator` empty: \n, \r\n or \r. `whole`: the rest of the file is one block.
  // `spec` says how the file is read, and outlives this.
  RecordBlocks(const ScanSpec& spec, const ScanFile& file, std::string separator, int64_t begin,
               int64_t end, bool whole);
  // False when there is no more.
  Result<bool> Next(TextBlock* text);

 private:
  Status Open();
  Status Fill(size_t wanted);
  Result<bool> SkipPartialLine();
  // The end of the first line break in held bytes from `from` on, or npos.
  size_t BreakAfter(size_t from) const;
  size_t LastBreak() const;

  const ScanSpec& spec_;
  const ScanFile& file_;
  std::string separator_;
  int64_t begin_;
  int64_t end_;
  bool whole_;
  std::unique_ptr<ByteSource> source_;
  BlockPtr block_;
  size_t held_ = 0;     // bytes in block_
  int64_t offset_ = 0;  // of block_'s first byte in the file
  bool at_end_ = false;
};

}  // namespace penstock::duck
