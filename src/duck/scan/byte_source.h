#pragma once

#include <memory>
#include <string>

#include "base/result.h"
#include "duck/scan/file_scan.h"

namespace penstock::duck {

// The bytes of one file from a place on, unpacked (.gz, .zst by name) and as UTF-8. Not
// thread-safe. A file that ends before its listed size is FILE_CHANGED, one that is gone
// FILE_VANISHED, a packed one that breaks off FILE_TRUNCATED; each names the file. What a plain
// file gained after it was listed is not read.
class ByteSource {
 public:
  virtual ~ByteSource() = default;
  // Up to `size` bytes; 0 at the end.
  virtual Result<size_t> Read(char* to, size_t size) = 0;
};

// Whether reading may begin anywhere.
bool IsSeekable(const std::string& path, const std::string& encoding);

// `begin` must be 0 unless the file is seekable. `ranges` reads it, or nothing does when the file
// is one of this machine.
Result<std::unique_ptr<ByteSource>> OpenBytes(const ScanFile& file, const RangeReader& ranges,
                                              const std::string& encoding, int64_t begin);

// The bytes as they lie on the disk or in the store.
Result<std::unique_ptr<ByteSource>> OpenRawBytes(const ScanFile& file, const RangeReader& ranges,
                                                 int64_t begin = 0);

}  // namespace penstock::duck
