#include "lake/alter_table.h"

#include <algorithm>
#include <utility>

#include "base/sql_text.h"
#include "delta/protocol_request.h"
#include "delta/table_columns.h"
#include "delta/table_features.h"
#include "delta/transaction.h"
#include "lake/file_path.h"
#include "lake/history_truncation.h"
#include "lake/lake_table.h"
#include "lake/table_commit.h"
#include "lake/table_rules.h"
#include "lake/table_transaction.h"

namespace penstock::lake {
namespace {

bool Has(const std::vector<TableRule>& rules, const TableRule& wanted) {
  return std::any_of(rules.begin(), rules.end(), [&](const TableRule& rule) {
    return rule.code == wanted.code && rule.violated == wanted.violated;
  });
}

// The rules of the new metadata that the table does not have yet.
Result<std::vector<TableRule>> NewRules(const Lake& lake, const delta::Metadata& before,
                                        const delta::Metadata& after) {
  ASSIGN_OR_RETURN(const auto columns, delta::TableColumns(after));
  ASSIGN_OR_RETURN(const auto old_columns, delta::TableColumns(before));
  ASSIGN_OR_RETURN(std::vector<TableRule> rules, TableRules(after, columns, lake.translate));
  ASSIGN_OR_RETURN(const auto old_rules, TableRules(before, old_columns, lake.translate));
  std::erase_if(rules, [&](const TableRule& rule) { return Has(old_rules, rule); });
  return rules;
}

Status CheckRows(const Lake& lake, const delta::Table& table, const delta::Snapshot& snapshot,
                 const delta::Metadata& after) {
  ASSIGN_OR_RETURN(const auto rules, NewRules(lake, snapshot.metadata(), after));
  ASSIGN_OR_RETURN(const Relation relation, SnapshotRelation(table.path(), snapshot));
  for (const TableRule& rule : rules) {
    const std::string sql = "SELECT CAST(r AS VARCHAR) FROM (" + relation.sql + ") AS r WHERE " +
                            rule.violated + " LIMIT 1";
    ASSIGN_OR_RETURN(duck::ResultSet found, lake.connection->Query(sql));
    ASSIGN_OR_RETURN(const bool any, found.NextChunk());
    if (!any || found.RowCount() == 0) continue;
    return DataError("ROWS_BREAK_RULE",
                     "rows of " + table.path() + " break the rule " + rule.name + " (" +
                         rule.expression + "): " + found.Text(0, 0),
                     "Nothing was changed. Repair or delete such rows first.");
  }
  return OkStatus();
}

Status CheckExistence(const delta::Table& table, bool exists, const CreateTableRequest& request) {
  if (exists && !request.replace) {
    return UserError("TABLE_EXISTS", "there is a Delta table at " + table.path() + " already",
                     "Say CREATE OR REPLACE TABLE or IF NOT EXISTS, or choose another place.");
  }
  if (!exists && request.must_exist) {
    return UserError("TABLE_NOT_FOUND", "there is no Delta table at " + table.path(),
                     "Say CREATE TABLE.");
  }
  return OkStatus();
}

// The definition in place of what is there: its history and identity stay.
void Replace(const delta::Snapshot& snapshot, const delta::ProtocolRequest& asked, int64_t now_ms,
             delta::Change* change) {
  change->metadata->id = snapshot.metadata().id;
  std::vector<std::string> named;
  for (const delta::DomainMetadata& domain : change->domains) named.push_back(domain.domain);
  change->protocol =
      delta::RaisedProtocol(delta::Granted(snapshot.protocol(), asked), *change->metadata);
  if (!named.empty()) change->protocol = delta::WithFeature(*change->protocol, "clustering");
  if (snapshot.state().domains != nullptr) {
    for (auto [name, domain] : *snapshot.state().domains) {
      const bool kept = name != "delta.clustering" || domain.removed ||
                        std::find(named.begin(), named.end(), name) != named.end();
      if (kept) continue;
      domain.removed = true;
      change->domains.push_back(domain);
    }
  }
  snapshot.ForEachFile([&](const delta::AddFile& file) {
    change->removes.push_back(delta::RemovalOf(file, now_ms));
  });
  change->read.whole_table = true;
  change->info.operation = "CREATE OR REPLACE TABLE";
  change->info.is_blind_append = false;
}

// The rows of the query as files of the table to be, named by `change`.
Status AddRows(const Lake& lake, const delta::Table& table, const std::string& query,
               delta::Change* change) {
  const delta::Metadata& metadata = *change->metadata;
  ASSIGN_OR_RETURN(const auto columns, delta::TableColumns(metadata));
  ASSIGN_OR_RETURN(const auto rules, TableRules(metadata, columns, lake.translate));
  ASSIGN_OR_RETURN(const WriteOptions options, WriteOptionsOf(metadata));
  const Schema schema = delta::SchemaOf(columns);
  std::string names, values;
  for (size_t i = 0; i < schema.size(); ++i) {
    const std::string given = QuoteIdentifier("c" + std::to_string(i));
    names += (i > 0 ? ", " : "") + given;
    values += (i > 0 ? ", " : "") + ("CAST(" + given + " AS " + EngineType(schema[i].type) +
                                     ") AS " + QuoteIdentifier(schema[i].name));
  }
  const std::string typed =
      "SELECT " + values + " FROM (\n" + query + "\n) AS given(" + names + ")";
  auto written = WriteDataFiles(*lake.connection, *lake.storage, table.path(),
                                RuledQuery(typed, columns, rules), schema, options, NowMs(lake));
  if (!written.ok()) return RuleViolation(std::move(written).error(), rules, table.path());
  change->adds = std::move(written->files);
  change->info.operation += " AS SELECT";
  change->info.operation_metrics["numFiles"] = std::to_string(change->adds.size());
  change->info.operation_metrics["numOutputRows"] = std::to_string(written->rows);
  change->info.operation_metrics["numOutputBytes"] = std::to_string(written->bytes);
  return OkStatus();
}

}  // namespace

Result<OperationResult> AlterTable(const Lake& lake, delta::Table& table,
                                   const delta::AlterRequest& request) {
  const auto* drop = std::get_if<delta::DropFeature>(&request);
  if (drop != nullptr && drop->truncate_history) {
    RETURN_IF_ERROR(TruncateHistory(lake, table, *drop));
  }
  bool checkpoint = false;
  const auto decide = [&](const delta::SnapshotPtr& snapshot,
                          std::vector<std::string>*) -> Result<std::optional<delta::Change>> {
    ASSIGN_OR_RETURN(std::optional<delta::Alteration> planned,
                     delta::PlanAlteration(snapshot->state(), request));
    if (!planned) return std::optional<delta::Change>();
    if (planned->check_rows && planned->change.metadata) {
      RETURN_IF_ERROR(CheckRows(lake, table, *snapshot, *planned->change.metadata));
      planned->change.read.whole_table = true;
    }
    checkpoint = planned->checkpoint;
    return std::optional(std::move(planned->change));
  };
  ASSIGN_OR_RETURN(OperationResult result, RunTransaction(lake, table, decide));
  if (checkpoint && result.version) {
    ASSIGN_OR_RETURN(const delta::SnapshotPtr latest, table.Latest());
    RETURN_IF_ERROR(table.WriteCheckpoint(latest));
  }
  return result;
}

Result<OperationResult> CreateTable(const Lake& lake, delta::Table& table,
                                    const CreateTableRequest& request) {
  ASSIGN_OR_RETURN(const bool exists, table.Exists());
  if (exists && request.if_not_exists) return OperationResult{};
  RETURN_IF_ERROR(CheckExistence(table, exists, request));
  const int64_t now_ms = NowMs(lake);
  ASSIGN_OR_RETURN(delta::Change change, delta::NewTable(request.definition, now_ms));
  delta::SnapshotPtr base;
  if (exists) {
    ASSIGN_OR_RETURN(base, table.Latest());
    if (lake.reading && lake.reading->version != base->version()) {
      return CommitConflict(table, "CREATE OR REPLACE TABLE",
                            {base->version(), "it came while the query was read"});
    }
    delta::Configuration properties = request.definition.properties;
    ASSIGN_OR_RETURN(const auto asked, delta::TakeProtocolRequest(&properties));
    RETURN_IF_ERROR(delta::CheckRemovable(base->metadata()));
    Replace(*base, asked, now_ms, &change);
  }
  if (!request.query.empty()) RETURN_IF_ERROR(AddRows(lake, table, request.query, &change));
  std::vector<std::string> written;
  for (const delta::AddFile& file : change.adds) {
    written.push_back(DataFilePath(table.path(), file.path));
  }
  ASSIGN_OR_RETURN(const delta::Version version,
                   CommitOperation(lake, table, base, change, written));
  return OperationResult{version, std::move(change.info.operation_metrics)};
}

}  // namespace penstock::lake
