#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "base/text.h"
#include "lake/file_path.h"
#include "lake/footer_statistics.h"
#include "lake/lake_table.h"
#include "lake/parquet_columns.h"
#include "lake/parquet_folder.h"
#include "lake/statistics.h"
#include "lake/table_commit.h"
#include "lake/table_operation.h"

namespace penstock::lake {
namespace {

Error PartitionMismatch(const std::string& what, const FoundFile& file) {
  std::string found;
  for (const auto& [name, value] : file.partition) {
    found += (found.empty() ? "" : ", ") + name;
  }
  return UserError(
      "PARTITION_MISMATCH",
      file.info.path + " " + what + "; its folders name " + (found.empty() ? "no columns" : found),
      "Say the partition columns with their types: PARTITIONED BY (name TYPE, …), "
      "--partitioned-by \"name TYPE, …\".");
}

// The log's text of a value of each type, by the text in a folder's name.
using ValueTexts = std::map<std::string, std::string>;

std::string LogText(const DataType& type) {
  if (type.id == TypeId::kTimestamp) {
    return "strftime(value AT TIME ZONE 'UTC', '%Y-%m-%dT%H:%M:%S.%fZ')";
  }
  return "CAST(value AS VARCHAR)";
}

Result<ValueTexts> TypedValues(duck::Connection& connection, const Field& column,
                               const std::set<std::string>& values) {
  ValueTexts texts;
  if (values.empty()) return texts;
  ASSIGN_OR_RETURN(
      duck::ResultSet rows,
      connection.Query("SELECT text, " + LogText(column.type) +
                       " FROM (SELECT text, TRY_CAST(text "
                       "AS " +
                       duck::EngineType(column.type) + ") AS value FROM (SELECT unnest(" +
                       duck::QuoteList({values.begin(), values.end()}) + ") AS text))"));
  while (true) {
    ASSIGN_OR_RETURN(const bool more, rows.NextChunk());
    if (!more) return texts;
    for (size_t row = 0; row < rows.RowCount(); ++row) {
      if (rows.IsNull(row, 1)) {
        return DataError("INVALID_PARTITION_VALUE",
                         "the folder " + column.name + "=" + rows.Text(row, 0) + " is no " +
                             ToString(column.type),
                         "Give the partition column another type, such as STRING.");
      }
      texts[rows.Text(row, 0)] = rows.Text(row, 1);
    }
  }
}

class Converter {
 public:
  Converter(const Lake& lake, delta::Table& table, const ConvertRequest& request)
      : lake_(lake), table_(table), request_(request) {}

  Result<OperationResult> Run() {
    ASSIGN_OR_RETURN(const bool exists, table_.Exists());
    if (exists) {
      return UserError("TABLE_EXISTS", table_.path() + " is a Delta table already",
                       "There is nothing to convert.");
    }
    ASSIGN_OR_RETURN(files_, FindParquetFiles(*lake_.storage, table_.path()));
    for (const FoundFile& file : files_) {
      RETURN_IF_ERROR(CheckPartition(file));
      paths_.push_back(file.info.path);
    }
    RETURN_IF_ERROR(ReadValues());
    ASSIGN_OR_RETURN(stored_, MergedColumns(*lake_.connection, paths_));
    std::erase_if(stored_, [&](const Field& field) {
      return FindField(request_.partition_columns, field.name) != nullptr;
    });
    if (request_.collect_statistics) {
      ASSIGN_OR_RETURN(statistics_, FooterStatistics(*lake_.connection, paths_, stored_));
    }
    return Commit();
  }

 private:
  Status CheckPartition(const FoundFile& file) const {
    for (const Field& column : request_.partition_columns) {
      const auto same = [&](const auto& part) { return EqualsIgnoreCase(part.first, column.name); };
      const auto count = std::count_if(file.partition.begin(), file.partition.end(), same);
      if (count == 0) {
        return PartitionMismatch("has no folder of the partition column " + column.name, file);
      }
      if (count > 1) return PartitionMismatch("has two folders of " + column.name, file);
    }
    for (const auto& [name, value] : file.partition) {
      if (FindField(request_.partition_columns, name) != nullptr) continue;
      return PartitionMismatch("lies in a folder of " + name + ", which is no partition column",
                               file);
    }
    return OkStatus();
  }

  Status ReadValues() {
    for (const Field& column : request_.partition_columns) {
      std::set<std::string> values;
      for (const FoundFile& file : files_) {
        for (const auto& [name, value] : file.partition) {
          if (value && EqualsIgnoreCase(name, column.name)) values.insert(*value);
        }
      }
      ASSIGN_OR_RETURN(values_[column.name], TypedValues(*lake_.connection, column, values));
    }
    return OkStatus();
  }

  Result<OperationResult> Commit() {
    Schema schema = stored_;
    std::vector<std::string> names;
    for (const Field& column : request_.partition_columns) {
      schema.push_back(column);
      names.push_back(column.name);
    }
    delta::Change change;
    change.info.operation = "CONVERT";
    change.info.operation_parameters = {
        {"numFiles", std::to_string(files_.size())},
        {"partitionedBy", DumpJson(names)},
        {"collectStats", request_.collect_statistics ? "true" : "false"}};
    OperationResult result;
    result.metrics = {{"numConvertedFiles", files_.size()}};
    change.info.operation_metrics = TextMetrics(result.metrics);
    change.metadata = delta::NewMetadata(schema, std::move(names), {}, std::nullopt, NowMs(lake_));
    change.protocol = delta::RequiredProtocol(*change.metadata);
    for (const FoundFile& file : files_) change.adds.push_back(Add(file));
    ASSIGN_OR_RETURN(result.version, CommitOperation(lake_, table_, nullptr, change));
    return result;
  }

  delta::AddFile Add(const FoundFile& file) const {
    delta::AddFile add;
    add.path = LogPath(table_.path(), file.info.path);
    add.size = file.info.size;
    add.modification_time_ms = file.info.modified / 1000;
    for (const Field& column : request_.partition_columns) {
      for (const auto& [name, value] : file.partition) {
        if (!EqualsIgnoreCase(name, column.name)) continue;
        add.partition_values[column.name] =
            value ? std::optional(values_.at(column.name).at(*value)) : std::nullopt;
      }
    }
    const auto found = statistics_.find(file.info.path);
    if (found != statistics_.end()) add.stats = FileStatistics(stored_, found->second);
    return add;
  }

  const Lake& lake_;
  delta::Table& table_;
  const ConvertRequest& request_;
  std::vector<FoundFile> files_;
  std::vector<std::string> paths_;
  std::map<std::string, ValueTexts> values_;  // by column
  Schema stored_;
  std::map<std::string, duck::WrittenFile> statistics_;
};

}  // namespace

Result<OperationResult> Convert(const Lake& lake, delta::Table& table,
                                const ConvertRequest& request) {
  return Converter(lake, table, request).Run();
}

}  // namespace penstock::lake
