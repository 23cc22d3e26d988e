#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/data_type.h"
#include "base/result.h"

// Reading JSON, CSV, text and binary files as rows with Spark's semantics: a table function of the
// engine that parses in parallel, keeps bad records with their raw text, file and position, and
// counts what it drops.
namespace penstock::duck {

enum class FileFormat { kJson, kCsv, kText, kBinary };
enum class ParseMode { kPermissive, kDropMalformed, kFailFast };

struct ScanFile {
  std::string path;
  int64_t size = 0;  // as listed; a file that is now shorter or gone fails with its name
  TimestampMicros modified = 0;
  std::vector<std::optional<std::string>>
      partition_values;  // one for each of ScanSpec::partition_columns
};

// Bytes of a file that lies in an object store: up to `length` from `offset` on, fewer only at the
// end of the file. FILE_CHANGED when it is no longer the one that was listed. Any thread.
using RangeReader =
    std::function<Result<std::string>(const ScanFile& file, int64_t offset, int64_t length)>;

struct CsvFormat {
  bool header = false;
  std::string separator = ",";
  char quote = '"';  // 0: none
  char escape = '\\';
  std::string null_value;
  std::optional<std::string> empty_value;
  char comment = 0;
  bool ignore_leading_space = false;
  bool ignore_trailing_space = false;
  bool enforce_schema = true;  // columns by position; false: by header name
};

struct ScanSpec {
  FileFormat format = FileFormat::kJson;
  std::vector<ScanFile> files;
  RangeReader ranges;        // reads the files; empty: they are files of this machine
  Schema data_columns;       // read from the records, by name (JSON) or position (CSV)
  Schema partition_columns;  // from folder names
  ParseMode mode = ParseMode::kPermissive;
  std::optional<std::string> corrupt_column;  // STRING column with the raw record of a bad one
  std::optional<std::string>
      rescue_column;           // STRING column with what did not fit, as JSON plus _file_path
  bool case_sensitive = true;  // JSON keys
  bool multi_line = false;
  std::string encoding = "UTF-8";
  std::string date_format;  // Java patterns, empty: lenient
  std::string timestamp_format;
  std::string timestamp_ntz_format;
  std::string line_separator;  // empty: \n, \r\n, \r
  bool whole_text = false;     // text: one row a file
  bool allow_single_quotes = true;
  bool allow_comments = false;
  bool allow_non_numeric = true;
  CsvFormat csv;
  bool keep_bad_records = false;  // collect bad records for badRecordsPath and drop them
  bool with_metadata = false;     // add column _metadata
  bool with_position = false;  // add column __penstock_position STRUCT(file VARCHAR, record BIGINT)
};

struct BadRecord {
  std::string file;
  int64_t offset = 0;  // bytes from the start of the (decompressed) file
  std::string record;  // raw, cut at 1 MB
  std::string reason;
};

struct ScanCounts {
  int64_t records = 0;
  int64_t corrupt = 0;  // records that did not parse as declared
  int64_t dropped = 0;  // of those, dropped (DROPMALFORMED, badRecordsPath)
  int64_t lost = 0;     // of those, kept as a row, but without a column that shows the record
  int64_t bytes = 0;
};

// A planned reading of files; lives from planning until the query that uses it has ended.
// Thread-safe while scanning.
class FileScan {
 public:
  // Registers the scan, so that RelationSql() can be used in queries of any connection.
  explicit FileScan(ScanSpec spec);
  ~FileScan();  // unregisters
  FileScan(const FileScan&) = delete;

  // "penstock_scan(17)": data columns, partition columns, then corrupt, rescue, _metadata,
  // __penstock_position as asked.
  std::string RelationSql() const;
  Schema Columns() const;
  ScanCounts counts() const;
  std::vector<BadRecord> TakeBadRecords();

  struct State;

 private:
  std::shared_ptr<State> state_;
  int64_t id_ = 0;
};

struct InferenceOptions {
  bool infer_column_types = true;  // false: every column STRING
  bool prefers_decimal = false;
  bool infer_timestamp = false;  // JSON dates and timestamps stay STRING by default
  int64_t max_files = 1000;
  int64_t max_bytes = int64_t{50} << 30;
  int64_t max_records = 0;  // 0: no limit
};

// Columns that the records of the files have (Spark's rules), without partition columns. `corrupt`
// tells whether a bad record was met. Fails with EMPTY_INPUT when there is no record,
// DUPLICATE_COLUMN for repeated names.
struct InferredSchema {
  Schema columns;
  bool corrupt = false;
};
Result<InferredSchema> InferSchema(const ScanSpec& spec, const InferenceOptions& options);

// The line, from 1, on which the byte at `offset` of the (unpacked) file lies; for messages. A file
// that `ranges` reads has to be given as it was listed.
Result<int64_t> LineNumber(const ScanFile& file, int64_t offset, const RangeReader& ranges);

}  // namespace penstock::duck
