#include <algorithm>
#include <set>

#include "base/clock.h"
#include "base/text.h"
#include "delta/table_columns.h"
#include "run/statement_runners.h"

namespace penstock::run {
namespace {

constexpr int64_t kMicrosPerMs = 1000;

std::string CommitTime(int64_t ms) {
  std::string text = FormatTimestamp(ms * kMicrosPerMs);
  return text.substr(0, text.size() - 4) + "Z";  // commits know milliseconds
}

template <typename T>
Json OrNull(const std::optional<T>& value) {
  return value ? Json(*value) : Json();
}

Result<delta::SnapshotPtr> SnapshotAt(Workspace& workspace, const StatementContext& context,
                                      const sql::TableReference& reference, NamedTable* table) {
  ASSIGN_OR_RETURN(*table, OpenTable(workspace, context, reference));
  auto snapshot = table->table->Latest();
  if (!snapshot.ok()) return std::move(snapshot).error().At(reference.text.where);
  return snapshot;
}

std::string Backticked(std::string_view name) {
  std::string quoted = "`";
  for (const char c : name) {
    quoted += c;
    if (c == '`') quoted += c;
  }
  return quoted + "`";
}

std::string SparkText(std::string_view text) {
  std::string quoted = "'";
  for (const char c : text) {
    if (c == '\'' || c == '\\') quoted += '\\';
    quoted += c;
  }
  return quoted + "'";
}

std::string NameList(const std::vector<std::string>& names) {
  std::string list;
  for (const std::string& name : names) list += (list.empty() ? "" : ", ") + Backticked(name);
  return list;
}

}  // namespace

Result<StatementRows> Run(Workspace& workspace, const StatementContext& context,
                          const sql::DescribeHistory& statement) {
  ASSIGN_OR_RETURN(const NamedTable table, OpenTable(workspace, context, statement.table));
  ASSIGN_OR_RETURN(const std::vector<delta::CommitEntry> commits,
                   table.table->History(statement.limit));
  StatementRows rows{{{"version", true},
                      {"timestamp"},
                      {"operation"},
                      {"operationParameters"},
                      {"operationMetrics"},
                      {"engineInfo"},
                      {"isBlindAppend"},
                      {"readVersion", true}},
                     {}};
  for (const delta::CommitEntry& commit : commits) {
    const delta::CommitInfo* info = nullptr;
    for (const delta::Action& action : commit.actions) {
      if (const auto* found = std::get_if<delta::CommitInfo>(&action)) info = found;
    }
    if (info == nullptr) {
      rows.rows.push_back({commit.version, Json(), Json(), Json(), Json(), Json(), Json(), Json()});
      continue;
    }
    rows.rows.push_back({commit.version, CommitTime(info->timestamp_ms), info->operation,
                         info->operation_parameters, info->operation_metrics, info->engine_info,
                         OrNull(info->is_blind_append), OrNull(info->read_version)});
  }
  return rows;
}

Result<StatementRows> Run(Workspace& workspace, const StatementContext& context,
                          const sql::DescribeDetail& statement) {
  NamedTable table;
  ASSIGN_OR_RETURN(const delta::SnapshotPtr snapshot,
                   SnapshotAt(workspace, context, statement.table, &table));
  const delta::Metadata& metadata = snapshot->metadata();
  const delta::Protocol& protocol = snapshot->protocol();
  std::vector<std::string> features = protocol.reader_features;
  for (const std::string& feature : protocol.writer_features) {
    if (std::find(features.begin(), features.end(), feature) == features.end())
      features.push_back(feature);
  }
  StatementRows rows{{{"format"},
                      {"id"},
                      {"name"},
                      {"description"},
                      {"location"},
                      {"createdAt"},
                      {"lastModified"},
                      {"partitionColumns"},
                      {"numFiles", true},
                      {"sizeInBytes", true},
                      {"properties"},
                      {"minReaderVersion", true},
                      {"minWriterVersion", true},
                      {"tableFeatures"}},
                     {}};
  rows.rows.push_back(
      {"delta", metadata.id, table.name ? Json(table.label) : OrNull(metadata.name),
       OrNull(metadata.description), table.path,
       metadata.created_time_ms ? Json(CommitTime(*metadata.created_time_ms)) : Json(),
       CommitTime(snapshot->timestamp_ms()), metadata.partition_columns, snapshot->NumFiles(),
       snapshot->TotalBytes(), metadata.configuration, protocol.min_reader_version,
       protocol.min_writer_version, features});
  return rows;
}

Result<StatementRows> Run(Workspace& workspace, const StatementContext& context,
                          const sql::ShowProperties& statement) {
  NamedTable table;
  ASSIGN_OR_RETURN(const delta::SnapshotPtr snapshot,
                   SnapshotAt(workspace, context, statement.table, &table));
  StatementRows rows{{{"key"}, {"value"}}, {}};
  const auto& configuration = snapshot->metadata().configuration;
  if (!statement.key.empty()) {
    const auto found = configuration.find(statement.key);
    const bool set = found != configuration.end();
    rows.rows.push_back({statement.key, set ? found->second
                                            : "Table " + table.label +
                                                  " does not have property: " + statement.key});
    return rows;
  }
  Json all = configuration;
  const delta::Protocol& protocol = snapshot->protocol();
  all["delta.minReaderVersion"] = std::to_string(protocol.min_reader_version);
  all["delta.minWriterVersion"] = std::to_string(protocol.min_writer_version);
  for (const auto& [key, value] : all.items()) rows.rows.push_back({key, value});
  return rows;
}

Result<StatementRows> Run(Workspace& workspace, const StatementContext& context,
                          const sql::ShowColumns& statement) {
  NamedTable table;
  ASSIGN_OR_RETURN(const delta::SnapshotPtr snapshot,
                   SnapshotAt(workspace, context, statement.table, &table));
  StatementRows rows{{{"col_name"}}, {}};
  for (const Field& field : snapshot->metadata().schema) rows.rows.push_back({field.name});
  return rows;
}

Result<StatementRows> Run(Workspace& workspace, const StatementContext& context,
                          const sql::ShowPartitions& statement) {
  NamedTable table;
  ASSIGN_OR_RETURN(const delta::SnapshotPtr snapshot,
                   SnapshotAt(workspace, context, statement.table, &table));
  const delta::Metadata& metadata = snapshot->metadata();
  if (metadata.partition_columns.empty()) {
    return UserError("NOT_PARTITIONED", table.label + " is not partitioned",
                     "DESCRIBE DETAIL shows how a table is laid out.")
        .At(statement.table.text.where);
  }
  // The log has the values under the names in files, which mapping may have changed.
  ASSIGN_OR_RETURN(const auto columns, delta::TableColumns(metadata));
  StatementRows rows;
  std::vector<std::string> keys;
  for (const std::string& name : metadata.partition_columns) {
    rows.columns.push_back({name});
    for (const delta::TableColumn& column : columns) {
      if (EqualsIgnoreCase(column.name, name)) keys.push_back(delta::PhysicalName(column));
    }
  }
  std::set<std::vector<Json>> values;
  for (const delta::AddFile& file : snapshot->files()) {
    std::vector<Json> row;
    for (const std::string& key : keys) {
      const auto found = file.partition_values.find(key);
      const bool null = found == file.partition_values.end() || !found->second;
      row.push_back(null ? Json() : Json(*found->second));
    }
    values.insert(std::move(row));
  }
  rows.rows.assign(values.begin(), values.end());
  return rows;
}

Result<StatementRows> Run(Workspace& workspace, const StatementContext& context,
                          const sql::ShowCreateTable& statement) {
  NamedTable table;
  ASSIGN_OR_RETURN(const delta::SnapshotPtr snapshot,
                   SnapshotAt(workspace, context, statement.table, &table));
  const delta::Metadata& metadata = snapshot->metadata();
  ASSIGN_OR_RETURN(const auto columns, delta::TableColumns(metadata));
  std::string text = "CREATE TABLE " + table.label + " (";
  const char* separator = "\n  ";
  for (const delta::TableColumn& column : columns) {
    text += separator + Backticked(column.name) + " " + ToString(column.type);
    if (!column.nullable) text += " NOT NULL";
    const auto generated = column.metadata.find("delta.generationExpression");
    if (generated != column.metadata.end() && generated->is_string()) {
      text += " GENERATED ALWAYS AS (" + generated->get<std::string>() + ")";
    }
    const auto standard = column.metadata.find("CURRENT_DEFAULT");
    if (standard != column.metadata.end() && standard->is_string()) {
      text += " DEFAULT " + standard->get<std::string>();
    }
    const auto comment = column.metadata.find("comment");
    if (comment != column.metadata.end() && comment->is_string()) {
      text += " COMMENT " + SparkText(comment->get<std::string>());
    }
    separator = ",\n  ";
  }
  text += ")\nUSING DELTA";
  if (!metadata.partition_columns.empty()) {
    text += "\nPARTITIONED BY (" + NameList(metadata.partition_columns) + ")";
  }
  if (metadata.description) text += "\nCOMMENT " + SparkText(*metadata.description);
  if (table.name) {
    ASSIGN_OR_RETURN(const bool external, workspace.catalog->IsExternal(*table.name));
    if (external) text += "\nLOCATION " + SparkText(table.path);
  }
  std::string properties;
  for (const auto& [key, value] : metadata.configuration) {
    properties +=
        (properties.empty() ? "\n  " : ",\n  ") + SparkText(key) + " = " + SparkText(value);
  }
  if (!properties.empty()) text += "\nTBLPROPERTIES (" + properties + ")";
  return StatementRows{{{"createtab_stmt"}}, {{text}}};
}

}  // namespace penstock::run
