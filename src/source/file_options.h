#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/data_type.h"
#include "base/result.h"

namespace penstock::source {

enum class SchemaEvolutionMode { kAddNewColumns, kRescue, kFailOnNewColumns, kNone };

// The options of read_files, cloud_files and path queries, checked and typed. docs/files.md lists
// them.
struct FileOptions {
  std::string format;  // json, csv, parquet, text, binaryfile (lower case)
  std::optional<Schema> schema;
  Schema schema_hints;
  SchemaEvolutionMode evolution =
      SchemaEvolutionMode::kAddNewColumns;  // kNone when a schema is given
  bool infer_column_types = true;
  bool prefers_decimal = false;
  bool infer_timestamp = false;
  std::optional<std::string> rescued_data_column;  // "_rescued_data" when the schema is inferred
  std::string corrupt_column = "_corrupt_record";
  std::string mode = "PERMISSIVE";  // PERMISSIVE, DROPMALFORMED, FAILFAST
  std::optional<std::string> bad_records_path;
  // Listing.
  std::string path_glob_filter;
  std::optional<TimestampMicros> modified_after;
  std::optional<TimestampMicros> modified_before;
  bool recursive_file_lookup = false;  // true: no partition columns from folders
  std::optional<std::vector<std::string>> partition_columns;  // nothing: as the folders say
  // Batches.
  int64_t max_files_per_trigger = 1000;
  std::optional<int64_t> max_bytes_per_trigger;
  bool include_existing_files = true;
  bool allow_overwrites = false;
  // What concerns parsing, by lower-case option name, checked: header, sep, quote, escape,
  // nullvalue, emptyvalue, multiline, dateformat, timestampformat, timestampntzformat, encoding,
  // linesep, wholetext, comment, …
  std::map<std::string, std::string> parsing;
};

// Checks and types the options as written. `defaults_from_read_files`: column types are inferred by
// default (cloud_files: all STRING). UNKNOWN_OPTION proposes the nearest name, BAD_OPTION names
// option and value.
Result<FileOptions> ParseFileOptions(const std::string& format,
                                     const std::map<std::string, std::string>& options,
                                     bool defaults_from_read_files);

}  // namespace penstock::source
