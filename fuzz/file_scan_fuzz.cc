// Records of JSON and CSV files as a stranger may have written them: reading and inferring never
// crash, and no record is lost: whatever a file holds, each of its records is a row.
#include <unistd.h>

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>

#include "duck/engine.h"
#include "duck/file_scan.h"

namespace {

using namespace penstock;        // NOLINT
using namespace penstock::duck;  // NOLINT

void Scan(Engine& engine, const ScanSpec& spec) {
  FileScan scan(spec);
  auto connection = engine.Connect();
  if (!connection.ok()) std::abort();
  auto rows = connection->Query("SELECT * FROM " + scan.RelationSql());
  int64_t count = 0;
  while (rows.ok()) {
    const auto more = rows->NextChunk();
    if (!more.ok() || !*more) break;
    count += static_cast<int64_t>(rows->RowCount());
    for (size_t row = 0; row < rows->RowCount(); ++row) {
      for (size_t column = 0; column < rows->ColumnCount(); ++column) {
        if (!rows->IsNull(row, column)) (void)rows->Text(row, column);
      }
    }
  }
  if (rows.ok() && count != scan.counts().records) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static const auto engine = Engine::Open({.threads = 1}).value();
  static const std::string path = "/tmp/penstock_fuzz_" + std::to_string(getpid());
  if (size < 1) return 0;
  std::FILE* const file = std::fopen(path.c_str(), "wb");
  if (file == nullptr) std::abort();
  std::fwrite(data + 1, 1, size - 1, file);
  std::fclose(file);
  ScanSpec spec;
  spec.format = (data[0] & 1) != 0 ? FileFormat::kCsv : FileFormat::kJson;
  spec.multi_line = (data[0] & 2) != 0;
  spec.allow_comments = true;
  spec.files = {{path, static_cast<int64_t>(size - 1), 0, {}}};
  if ((data[0] & 4) != 0) spec.rescue_column = "r";
  if ((data[0] & 8) != 0) spec.corrupt_column = "c";
  if ((data[0] & 16) != 0) spec.line_separator = "|";
  spec.data_columns =
      *ParseSchema(spec.format == FileFormat::kCsv
                       ? "a BIGINT, b STRING, d DECIMAL(10,2), t TIMESTAMP"
                       : "a BIGINT, b STRING, d DECIMAL(10,2), t TIMESTAMP, s STRUCT<x: INT, "
                         "y: ARRAY<DATE>>, m MAP<STRING, DOUBLE>");
  Scan(*engine, spec);
  (void)InferSchema(spec, {});
  std::remove(path.c_str());
  return 0;
}
