#include "duck/empty_parquet.h"

#include <sys/mman.h>
#include <unistd.h>

#include <string_view>

namespace penstock::duck {
namespace {

using std::string_view_literals::operator""sv;

// The smallest file of the format: its magic, the footer in Thrift's compact protocol, the footer's
// length, the magic (apache/parquet-format, parquet.thrift).
constexpr std::string_view kEmptyParquet =
    "PAR1"
    "\x15\x02"                    // version 1
    "\x19\x2c"                    // schema, two elements:
    "\x48\x06schema\x15\x02\x00"  //   the root, with one child,
    "\x15\x02\x25\x02\x18\x05"
    "empty\x00"  //   an optional INT32 named empty
    "\x16\x00"   // no rows
    "\x19\x0c"   // no row groups
    "\x00"       // end of the footer
    "\x20\x00\x00\x00"
    "PAR1"sv;

std::string MakeFile() {
  const int file = memfd_create("penstock-empty.parquet", MFD_CLOEXEC);
  if (file < 0) return "";
  const ssize_t written = write(file, kEmptyParquet.data(), kEmptyParquet.size());
  if (written != static_cast<ssize_t>(kEmptyParquet.size())) return "";
  return "/proc/self/fd/" + std::to_string(file);
}

}  // namespace

const std::string& EmptyParquetPath() {
  static const std::string path = MakeFile();
  return path;
}

}  // namespace penstock::duck
