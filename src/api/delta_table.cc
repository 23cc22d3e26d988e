#include <utility>

#include "api/rows_state.h"
#include "base/sql_text.h"
#include "base/text.h"
#include "lake/change_feed.h"

namespace penstock {
namespace {

// The columns of a table that a caller names, as the table spells them; none named: all.
Result<Schema> ChosenColumns(const Schema& schema, const std::vector<std::string>& names) {
  if (names.empty()) return schema;
  Schema chosen;
  for (const std::string& name : names) {
    const Field* field = FindField(schema, name);
    if (field == nullptr) {
      std::vector<std::string> known;
      for (const Field& column : schema) known.push_back(column.name);
      const auto nearest = NearestName(name, known);
      return UserError("COLUMN_NOT_FOUND", "the table has no column " + name,
                       nearest ? "Did you mean " + *nearest + "?" : "Columns() lists them.");
    }
    chosen.push_back(*field);
  }
  return chosen;
}

std::string SelectList(const Schema& columns) {
  std::string list;
  for (const Field& column : columns) {
    list += (list.empty() ? "" : ", ") + ("target." + QuoteIdentifier(column.name));
  }
  return list;
}

Result<DeltaRows> RowsOf(std::unique_ptr<DeltaRows::State> state, duck::Connection& connection,
                         const std::string& query) {
  ASSIGN_OR_RETURN(state->rows, connection.Query(query));
  if (state->columns.empty()) {
    ASSIGN_OR_RETURN(state->columns, state->rows->Columns());
  }
  state->text.emplace(*state->rows);
  return DeltaRows(std::move(state));
}

DeltaCommit CommitOf(const delta::CommitEntry& entry) {
  DeltaCommit commit;
  commit.version = entry.version;
  for (const delta::Action& action : entry.actions) {
    const auto* info = std::get_if<delta::CommitInfo>(&action);
    if (info == nullptr) continue;
    commit.timestamp_ms = info->timestamp_ms;
    commit.operation = info->operation;
    commit.parameters = DumpJson(info->operation_parameters);
    commit.metrics = DumpJson(info->operation_metrics);
    commit.engine = info->engine_info;
  }
  return commit;
}

}  // namespace

DeltaTable::DeltaTable(std::unique_ptr<State> state) : state_(std::move(state)) {}
DeltaTable::DeltaTable(DeltaTable&&) noexcept = default;
DeltaTable& DeltaTable::operator=(DeltaTable&&) noexcept = default;
DeltaTable::~DeltaTable() = default;

const std::string& DeltaTable::location() const { return state_->table.path; }

Result<int64_t> DeltaTable::Version() {
  ASSIGN_OR_RETURN(const delta::SnapshotPtr snapshot, state_->table.table->Latest());
  return snapshot->version();
}

Result<Schema> DeltaTable::Columns() {
  ASSIGN_OR_RETURN(const delta::SnapshotPtr snapshot, state_->table.table->Latest());
  return snapshot->metadata().schema;
}

Result<std::map<std::string, std::string>> DeltaTable::Properties() {
  ASSIGN_OR_RETURN(const delta::SnapshotPtr snapshot, state_->table.table->Latest());
  return snapshot->metadata().configuration;
}

Result<std::vector<DeltaCommit>> DeltaTable::History(int64_t limit) {
  ASSIGN_OR_RETURN(const std::vector<delta::CommitEntry> entries,
                   state_->table.table->History(limit));
  std::vector<DeltaCommit> commits;
  for (const delta::CommitEntry& entry : entries) commits.push_back(CommitOf(entry));
  return commits;
}

Result<DeltaRows> DeltaTable::Read(const DeltaRead& read) {
  const std::lock_guard lock(state_->mutex);
  ASSIGN_OR_RETURN(const delta::SnapshotPtr snapshot, state_->table.table->At(TravelOf(read.at)));
  auto rows = std::make_unique<DeltaRows::State>();
  ASSIGN_OR_RETURN(rows->columns, ChosenColumns(snapshot->metadata().schema, read.columns));
  ASSIGN_OR_RETURN(rows->relation, lake::SnapshotRelation(state_->table.path, *snapshot));
  const std::string query =
      "SELECT " + SelectList(rows->columns) + " FROM (" + rows->relation.sql + ") AS target";
  if (read.where.empty()) {
    ASSIGN_OR_RETURN(duck::Connection opened, state_->lake->workspace->engine->Connect());
    duck::Connection& connection = rows->connection.emplace(std::move(opened));
    return RowsOf(std::move(rows), connection, query);
  }
  model::QueryText target = state_->text;
  target.text += " VERSION AS OF " + std::to_string(snapshot->version());
  OperationTexts& texts = rows->texts.emplace(*state_->lake, std::move(target));
  std::optional<size_t> where;
  RETURN_IF_ERROR(texts.Add(read.where, &where));
  RETURN_IF_ERROR(texts.Bind());
  return RowsOf(std::move(rows), texts.connection(), query + " WHERE " + texts.Expression(where));
}

Result<DeltaRows> DeltaTable::Changes(int64_t first, int64_t last) {
  const std::lock_guard lock(state_->mutex);
  lake::ChangeRange range;
  range.from_version = first;
  range.to_version = last;
  auto rows = std::make_unique<DeltaRows::State>();
  ASSIGN_OR_RETURN(rows->relation, lake::ChangeFeedRelation(*state_->table.table, range));
  ASSIGN_OR_RETURN(duck::Connection opened, state_->lake->workspace->engine->Connect());
  duck::Connection& connection = rows->connection.emplace(std::move(opened));
  const std::string query = "SELECT * FROM (" + rows->relation.sql + ") AS changes";
  return RowsOf(std::move(rows), connection, query);
}

}  // namespace penstock
