// Records of JSON, CSV and text files as a stranger may have written them: reading and inferring
// never crash, whatever a file holds is valid text in rows, and no record is lost: each is a row,
// and dividing a file among threads changes nothing of that.
#include <unistd.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>

#include "duck/scan/file_scan.h"
#include "duck/scan/scan_chunk.h"
#include "io/temp_folder.h"

namespace {

using namespace penstock;        // NOLINT
using namespace penstock::duck;  // NOLINT

void Require(bool holds) {
  if (!holds) std::abort();
}

// The rows of the scan, or -1 when it fails.
int64_t Rows(FileScan::State& state) {
  ChunkScan scan(state);
  int64_t rows = 0;
  while (true) {
    const auto count = scan.Next();
    if (!count.ok()) return -1;
    if (*count == 0) break;
    rows += static_cast<int64_t>(*count);
    Require(scan.See([](std::string_view text, TypeId type) {
      if (type == TypeId::kString) Require(ValidUtf8(text) == text);
    }));
  }
  Require(rows == state.records);
  return rows;
}

// `text` is what the file holds.
void Scan(const ScanSpec& spec, std::string_view text) {
  FileScan::State whole(spec);
  const int64_t rows = Rows(whole);
  if (rows < 0 || whole.units.size() != 1 || whole.units[0].end != spec.files[0].size) return;
  FileScan::State divided(spec);
  const int64_t middle = spec.files[0].size / 2;
  if (middle <= 3) return;  // no part is as short as the mark of UTF-8 at the beginning
  // Parts are megabytes: a header behind so many blank lines is not looked for.
  const std::string_view first = text.substr(0, middle);
  if (spec.csv.header && std::none_of(first.begin(), first.end(),
                                      [](char c) { return static_cast<unsigned char>(c) > ' '; })) {
    return;
  }
  divided.units = {{0, 0, middle}, {0, middle, spec.files[0].size}};
  Require(Rows(divided) == rows);
}

ScanSpec SpecOf(uint8_t flags, const std::string& path, size_t size) {
  const auto has = [&](uint8_t flag) { return (flags & flag) != 0; };
  ScanSpec spec;
  spec.format = has(64) ? FileFormat::kText : has(1) ? FileFormat::kCsv : FileFormat::kJson;
  spec.multi_line = has(2);
  spec.whole_text = has(2);
  if (has(4)) spec.rescue_column = "r";
  if (has(8)) spec.corrupt_column = "c";
  if (has(16)) spec.line_separator = "|";
  spec.csv.header = has(32);
  spec.csv.enforce_schema = !has(32);
  spec.case_sensitive = !has(32);
  if (has(128)) spec.encoding = has(32) ? "UTF-16LE" : "windows-1252";
  spec.allow_comments = true;
  spec.with_position = true;
  spec.files = {{path, static_cast<int64_t>(size), 0, {}}};
  std::string columns = "value STRING";
  if (spec.format != FileFormat::kText) {
    columns = "a BIGINT, b STRING, d DECIMAL(10,2), w DECIMAL(38,9), t TIMESTAMP, f FLOAT";
  }
  if (spec.format == FileFormat::kJson) {
    columns += ", s STRUCT<x: INT, y: ARRAY<DATE>>, m MAP<STRING, ARRAY<DOUBLE>>, z BINARY";
  }
  spec.data_columns = *ParseSchema(columns);
  return spec;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static const io::TempFolder folder;
  static const std::string path = folder / "input";
  static std::FILE* const file = std::fopen(path.c_str(), "wb");
  if (size < 1) return 0;
  std::rewind(file);
  Require(ftruncate(fileno(file), 0) == 0);
  Require(std::fwrite(data + 1, 1, size - 1, file) == size - 1 && std::fflush(file) == 0);
  const ScanSpec spec = SpecOf(data[0], path, size - 1);
  Scan(spec, {reinterpret_cast<const char*>(data) + 1, size - 1});
  (void)InferSchema(spec, {});
  return 0;
}
