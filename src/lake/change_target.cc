#include "lake/change_target.h"

#include <utility>

#include "base/sql_text.h"
#include "base/text.h"
#include "delta/row_tracking.h"
#include "delta/table_features.h"
#include "delta/transaction.h"

namespace penstock::lake {

bool IsPropertySet(const delta::Metadata& metadata, const char* key) {
  const auto found = metadata.configuration.find(key);
  return found != metadata.configuration.end() && EqualsIgnoreCase(Trim(found->second), "true");
}

Result<ChangeTarget> OpenTarget(const Lake& lake, const delta::Table& table,
                                const delta::SnapshotPtr& snapshot, TargetUse use,
                                const std::optional<delta::Metadata>& evolved) {
  if (use == TargetUse::kTakesRows) {
    RETURN_IF_ERROR(delta::CheckRemovable(snapshot->metadata()));
  }
  ChangeTarget target;
  target.path = table.path();
  target.snapshot = snapshot;
  target.metadata = evolved ? *evolved : snapshot->metadata();
  ASSIGN_OR_RETURN(target.columns, delta::TableColumns(target.metadata));
  target.schema = delta::SchemaOf(target.columns);
  ASSIGN_OR_RETURN(target.rules, TableRules(target.metadata, target.columns, lake.translate));
  ASSIGN_OR_RETURN(target.options, WriteOptionsOf(target.metadata));
  target.uses_vectors = IsPropertySet(target.metadata, "delta.enableDeletionVectors") &&
                        delta::HasFeature(snapshot->protocol(), "deletionVectors");
  target.change_feed = IsPropertySet(target.metadata, "delta.enableChangeDataFeed") &&
                       delta::HasFeature(snapshot->protocol(), "changeDataFeed");
  if (TracksRows(snapshot->metadata())) target.row_columns = RowTrackingColumns(target.metadata);
  return target;
}

std::vector<delta::TableColumn> WrittenColumns(const ChangeTarget& target, bool with_row_ids) {
  std::vector<delta::TableColumn> columns = target.columns;
  if (with_row_ids) {
    columns.push_back({kRowIdColumn, DataType::Of(TypeId::kLong), true, Json::object(), {}});
  }
  return columns;
}

std::vector<std::string> OldValues(const ChangeTarget& target, const std::string& alias) {
  const Schema& before = target.snapshot->metadata().schema;
  std::vector<std::string> values;
  for (const Field& field : target.schema) {
    const Field* old = FindField(before, field.name);
    const std::string type = EngineType(field.type);
    const std::string name =
        (alias.empty() ? "" : QuoteIdentifier(alias) + ".") + QuoteIdentifier(field.name);
    if (old == nullptr) {
      values.push_back("CAST(NULL AS " + type + ")");
    } else {
      values.push_back(EngineType(old->type) == type ? name : "CAST(" + name + " AS " + type + ")");
    }
  }
  return values;
}

std::string ColumnList(const std::vector<delta::TableColumn>& columns) {
  std::string list;
  for (const delta::TableColumn& column : columns) {
    list += (list.empty() ? "" : ", ") + QuoteIdentifier(column.name);
  }
  return list;
}

TempTable::TempTable(duck::Connection* connection)
    : connection_(connection), name_(QuoteIdentifier("__penstock_" + NewUuid())) {}

TempTable::~TempTable() { (void)connection_->Execute("DROP TABLE IF EXISTS temp.main." + name_); }

Status TempTable::Fill(const std::string& query) {
  return connection_->Execute("CREATE TEMP TABLE " + name_ + " AS " + query);
}

Result<int64_t> QueryNumber(duck::Connection& connection, const std::string& query) {
  ASSIGN_OR_RETURN(duck::ResultSet rows, connection.Query(query));
  ASSIGN_OR_RETURN(const bool any, rows.NextChunk());
  return any && !rows.IsNull(0, 0) ? rows.Int64(0, 0) : 0;
}

}  // namespace penstock::lake
