#include "run/cdc_state.h"

#include <charconv>

#include "base/text.h"
#include "lake/lake_table.h"
#include "run/relation_sql.h"

namespace penstock::run {
namespace {

// The version of the transaction: the folder's number above, the version in it (from 1) below.
constexpr int kVersionBits = 32;
constexpr int64_t kVersionMask = (int64_t{1} << kVersionBits) - 1;
// A state is written anew when it has grown so much that most of it may be out of date.
constexpr int64_t kSmallRows = 100'000;
constexpr int64_t kManyFiles = 200;
constexpr char kBaseRowsKey[] = "penstock.cdc.baseRows";

std::string AppIdOf(const std::string& generation) { return "penstock.cdc/" + generation; }

int64_t BaseRows(const delta::Snapshot& snapshot) {
  const auto& configuration = snapshot.metadata().configuration;
  const auto found = configuration.find(kBaseRowsKey);
  int64_t rows = 0;
  if (found != configuration.end()) {
    std::from_chars(found->second.data(), found->second.data() + found->second.size(), rows);
  }
  return rows;
}

Error Lost(const model::TableName& table, const std::string& folder, const Error& cause) {
  return DataError(
      "CDC_STATE_LOST",
      "what is kept of the changes of " + model::ToString(table) + " in " + folder +
          " cannot be read: " + cause.message,
      "Bring the folder back, or build the table anew from its source: --full-refresh " +
          table.table);
}

}  // namespace

CdcState::CdcState(Workspace& workspace, const model::TableName& table, std::string generation,
                   cdc::Shape shape)
    : workspace_(&workspace),
      table_(table),
      generation_(std::move(generation)),
      shape_(std::move(shape)) {}

std::string CdcState::FolderOf(int64_t number) const {
  return io::JoinPath(workspace_->catalog->layout().CdcStatePath(table_),
                      generation_ + "/" + std::to_string(number));
}

Result<CdcState> CdcState::Open(Workspace& workspace, const model::TableName& table,
                                const Target& target, const cdc::Shape& shape, bool fresh) {
  CdcState state(workspace, table, target.generation, shape);
  state.relation_ = EmptyRelation(cdc::FactColumns(shape));
  if (fresh || target.snapshot == nullptr) return state;
  const auto binding = target.snapshot->TransactionVersion(AppIdOf(target.generation));
  if (!binding) return state;
  state.bound_ = true;
  state.order_ = *binding + 1;
  state.version_ = (*binding & kVersionMask) - 1;
  if (state.version_ < 0) return state;
  state.number_ = *binding >> kVersionBits;
  Status read = state.Read();
  if (!read.ok()) return Lost(table, state.FolderOf(state.number_), read.error());
  return state;
}

Status CdcState::Read() {
  const auto table = workspace_->catalog->OpenPath(FolderOf(number_));
  ASSIGN_OR_RETURN(snapshot_, table->At({version_, std::nullopt}));
  ASSIGN_OR_RETURN(lake::Relation relation, lake::SnapshotRelation(table->path(), *snapshot_));
  scan_ = std::move(relation.scan);
  relation_ = AlignColumns(relation.sql, snapshot_->metadata().schema, cdc::FactColumns(shape_),
                           /*keep_position=*/false);
  rows_ = snapshot_->NumRecords().value_or(0);
  bytes_ = snapshot_->TotalBytes();
  return OkStatus();
}

// `latest`: the newest version in the folder. A later one than ours was left by an interrupted
// update and is no part of the state.
bool CdcState::NeedsRewrite(int64_t latest) const {
  if (snapshot_ == nullptr || latest != version_) return true;
  if (penstock::ToString(snapshot_->metadata().schema) !=
      penstock::ToString(cdc::FactColumns(shape_))) {
    return true;
  }
  return rows_ > 2 * BaseRows(*snapshot_) + kSmallRows || snapshot_->NumFiles() >= kManyFiles;
}

Result<int64_t> CdcState::NextNumber() const {
  const std::string folder = io::ParentPath(FolderOf(0));
  ASSIGN_OR_RETURN(const auto names, workspace_->storage->ListFolders(folder));
  int64_t next = number_ + 1;
  for (const std::string& name : names) {
    int64_t number = 0;
    std::from_chars(name.data(), name.data() + name.size(), number);
    next = std::max(next, number + 1);
  }
  return next;
}

// The version it made.
Result<int64_t> CdcState::Write(duck::Connection& connection, delta::Table& table,
                                const delta::SnapshotPtr& base, const std::string& query,
                                int64_t now_ms) {
  const Schema columns = cdc::FactColumns(shape_);
  ASSIGN_OR_RETURN(const lake::WriteResult written,
                   lake::WriteDataFiles(connection, *workspace_->storage, table.path(), query,
                                        columns, {}, now_ms));
  if (written.rows == 0 && base != nullptr) return base->version();
  delta::Change change;
  change.info.operation = base == nullptr ? "CREATE TABLE" : "WRITE";
  change.adds = written.files;
  if (base == nullptr) {
    change.metadata = delta::NewMetadata(
        columns, {}, {{kBaseRowsKey, std::to_string(written.rows)}, {kKindKey, "cdc_state"}},
        "Kept by Penstock for " + model::ToString(table_), now_ms);
    change.protocol = delta::RequiredProtocol(*change.metadata);
  }
  ASSIGN_OR_RETURN(const delta::CommitOutcome outcome, table.Commit(base, change));
  const auto* committed = std::get_if<delta::Committed>(&outcome);
  if (committed == nullptr) {
    return ExternalError("CDC_STATE_CONFLICT",
                         "another program wrote into " + table.path() + ", which is Penstock's own",
                         "Nothing was lost: the batch is run again.");
  }
  rows_ += written.rows;
  bytes_ += written.bytes;
  return committed->version;
}

Result<std::optional<delta::SetTransaction>> CdcState::Append(duck::Connection& connection,
                                                              const std::string& query,
                                                              int64_t now_ms,
                                                              TimestampMicros horizon) {
  using Binding = std::optional<delta::SetTransaction>;
  int64_t latest = -1;
  if (snapshot_ != nullptr) {
    const auto table = workspace_->catalog->OpenPath(FolderOf(number_));
    ASSIGN_OR_RETURN(const delta::SnapshotPtr newest, table->Latest());
    latest = newest->version();
  }
  ASSIGN_OR_RETURN(duck::ResultSet any, connection.Query("SELECT 1 FROM (" + query + ") LIMIT 1"));
  ASSIGN_OR_RETURN(const bool has_facts, any.NextChunk());
  int64_t number = number_;
  int64_t version = version_;
  if (has_facts && NeedsRewrite(latest)) {
    ASSIGN_OR_RETURN(number, NextNumber());
    const auto table = workspace_->catalog->OpenPath(FolderOf(number));
    rows_ = bytes_ = 0;
    ASSIGN_OR_RETURN(version, Write(connection, *table, nullptr,
                                    "(" + cdc::CompactedFacts(shape_, relation_, horizon) +
                                        ") UNION ALL (" + query + ")",
                                    now_ms));
    moved_ = true;
  } else if (has_facts) {
    const auto table = workspace_->catalog->OpenPath(FolderOf(number));
    ASSIGN_OR_RETURN(version, Write(connection, *table, snapshot_, query, now_ms));
  }
  if (bound_ && number == number_ && version == version_) return Binding();
  moved_ |= !bound_;
  number_ = number;
  version_ = version;
  const int64_t value = (std::max<int64_t>(number, 0) << kVersionBits) | (version + 1);
  return Binding({AppIdOf(generation_), value, now_ms});
}

void CdcState::RemoveOlder() {
  if (!moved_) return;
  // What cannot be removed now only takes room, and is tried again when the state moves next.
  io::Storage& storage = *workspace_->storage;
  const std::string folder = workspace_->catalog->layout().CdcStatePath(table_);
  const auto generations = storage.ListFolders(folder);
  if (!generations.ok()) return;
  for (const std::string& name : *generations) {
    if (name != generation_) (void)storage.DeleteTree(io::JoinPath(folder, name));
  }
  const std::string own = io::JoinPath(folder, generation_);
  const auto numbers = storage.ListFolders(own);
  if (!numbers.ok()) return;
  for (const std::string& name : *numbers) {
    if (name != std::to_string(number_)) (void)storage.DeleteTree(io::JoinPath(own, name));
  }
}

}  // namespace penstock::run
