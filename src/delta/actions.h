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
  bool operator==(const Metadata&) const = default;
};

struct AddFile {
  std::string path;  // as in the log: relative to the table or absolute, percent-encoded
  PartitionValues partition_values;
  int64_t size = 0;
  int64_t modification_time_ms = 0;
  bool data_change = true;
  std::string stats;     // JSON text as in the log, may be empty
  Json deletion_vector;  // null when there is none; not interpreted yet
  bool operator==(const AddFile&) const = default;
};

struct RemoveFile {
  std::string path;
  std::optional<int64_t> deletion_timestamp_ms;
  bool data_change = true;
  PartitionValues partition_values;
  std::optional<int64_t> size;
  bool operator==(const RemoveFile&) const = default;
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

using Action = std::variant<Protocol, Metadata, AddFile, RemoveFile, SetTransaction, CommitInfo>;

}  // namespace penstock::delta
