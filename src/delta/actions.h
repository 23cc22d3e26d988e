#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/clock.h"
#include "base/data_type.h"
#include "base/json.h"

// The actions of the Delta transaction log as values (delta-io/delta, PROTOCOL.md, "Actions").
namespace penstock::delta {

using Version = int64_t;  // -1: no version

// Partition values as in the log: text, or nothing for null. Keys are column names.
using PartitionValues = std::map<std::string, std::optional<std::string>>;
using Configuration = std::map<std::string, std::string>;

struct Protocol {
  int min_reader_version = 1;
  int min_writer_version = 2;
  std::vector<std::string> reader_features;  // only with reader version 3
  std::vector<std::string> writer_features;  // only with writer version 7
  bool operator==(const Protocol&) const = default;
};

struct Metadata {
  std::string id;  // UUID of the table
  std::optional<std::string> name;
  std::optional<std::string> description;
  std::string format_provider = "parquet";
  Schema schema;
  std::string schema_string;  // as stored; what this program does not interpret (field metadata) is
                              // kept by it
  std::vector<std::string> partition_columns;
  Configuration configuration;
  std::optional<int64_t> created_time_ms;
  Json extra;  // as of AddFile
  bool operator==(const Metadata&) const = default;
};

// Where the deleted rows of a data file are listed (PROTOCOL.md, "Deletion Vectors").
struct DeletionVector {
  std::string storage_type;       // "u": a file named by an encoded UUID, "i": inline, "p": a path
  std::string path_or_inline;     // as in the log
  std::optional<int64_t> offset;  // bytes into the file; none for inline
  int64_t size_in_bytes = 0;
  int64_t cardinality = 0;  // rows it deletes
  bool operator==(const DeletionVector&) const = default;
};

struct AddFile {
  std::string path;  // as in the log: relative to the table or absolute, percent-encoded
  PartitionValues partition_values;
  int64_t size = 0;
  int64_t modification_time_ms = 0;
  bool data_change = true;
  std::string stats;  // JSON text as in the log, may be empty
  std::optional<DeletionVector> deletion_vector;
  std::optional<int64_t> base_row_id;
  std::optional<int64_t> default_row_commit_version;
  std::optional<std::string> clustering_provider;
  Configuration tags;
  Json extra;  // an object of the fields this program does not know; null: none
  bool operator==(const AddFile&) const = default;
};

struct RemoveFile {
  std::string path;
  std::optional<int64_t> deletion_timestamp_ms;
  bool data_change = true;
  PartitionValues partition_values;
  std::optional<int64_t> size;
  std::optional<DeletionVector> deletion_vector;
  std::optional<int64_t> base_row_id;
  std::optional<int64_t> default_row_commit_version;
  Configuration tags;
  Json extra;  // as of AddFile
  bool operator==(const RemoveFile&) const = default;
};

// A file of row changes, for readers of the change data feed; no data of the table.
struct AddCdcFile {
  std::string path;
  PartitionValues partition_values;
  int64_t size = 0;
  Configuration tags;
  bool operator==(const AddCdcFile&) const = default;
};

// Configuration of one feature, by a name only its owner writes ("delta.clustering" …).
struct DomainMetadata {
  std::string domain;
  std::string configuration;  // JSON text as its owner wrote it
  bool removed = false;
  bool operator==(const DomainMetadata&) const = default;
};

// Progress of one writer: appId is the flow and its incarnation, version its batch.
struct SetTransaction {
  std::string app_id;
  int64_t version = -1;
  std::optional<int64_t> last_updated_ms;
  bool operator==(const SetTransaction&) const = default;
};

struct CommitInfo {
  int64_t timestamp_ms = 0;
  std::string operation;                       // "WRITE", "STREAMING UPDATE", "CREATE TABLE" …
  Json operation_parameters = Json::object();  // values are JSON text, as Spark writes them
  Json operation_metrics = Json::object();     // values are numbers written as text
  std::string engine_info;
  std::optional<bool> is_blind_append;
  std::optional<int64_t> read_version;
  Json extra = Json::object();  // fields of other writers, kept for history
  bool operator==(const CommitInfo&) const = default;
};

using Action = std::variant<Protocol, Metadata, AddFile, RemoveFile, AddCdcFile, SetTransaction,
                            DomainMetadata, CommitInfo>;

}  // namespace penstock::delta
