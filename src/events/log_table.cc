#include "events/log_table.h"

#include <algorithm>
#include <set>
#include <utility>

#include "base/text.h"
#include "events/event_row.h"
#include "lake/lake_table.h"

namespace penstock::events {
namespace {

constexpr char kFormatVersionKey[] = "penstock.formatVersion";
constexpr char kFormatVersion[] = "1";
constexpr char kSequenceAppId[] = "penstock.event_log.sequence";
constexpr int kAttempts = 10;

// A file below this size is small; so many small ones are joined.
constexpr int64_t kSmallFileBytes = int64_t{8} << 20;
constexpr size_t kSmallFilesToJoin = 16;
constexpr int64_t kMicrosPerDay = int64_t{86400} * 1000000;
// How long a file that the newest version does not name is kept for readers of older versions.
constexpr int64_t kForgottenAfterMicros = 7 * kMicrosPerDay;

std::string JournalAppId(const std::string& update_id) { return "penstock.journal/" + update_id; }

Status CheckFormat(const delta::Snapshot& snapshot, const std::string& path) {
  const delta::Configuration& configuration = snapshot.metadata().configuration;
  const auto version = configuration.find(kFormatVersionKey);
  if (version != configuration.end() && version->second == kFormatVersion) return OkStatus();
  return UserError("UNSUPPORTED_FORMAT",
                   "the event log at " + path + " has format version " +
                       (version == configuration.end() ? "(none)" : version->second) +
                       "; this program knows version " + kFormatVersion,
                   "Use the Penstock that wrote it, or move the folder away to begin a new log.");
}

// The time of the oldest event in a file by its statistics; nothing when they do not say.
std::optional<std::string> OldestTimestamp(const delta::AddFile& file) {
  const Json stats = Json::parse(file.stats, nullptr, /*allow_exceptions=*/false);
  if (!stats.is_object() || !stats.contains("minValues")) return std::nullopt;
  const Json& least = stats["minValues"];
  if (!least.is_object() || !least.contains("timestamp") || !least["timestamp"].is_string()) {
    return std::nullopt;
  }
  return least["timestamp"].get<std::string>();
}

// The files worth writing anew: many small ones, and those with events that expired over a day ago.
std::vector<delta::AddFile> FilesToRewrite(const std::vector<delta::AddFile>& files,
                                           TimestampMicros cutoff) {
  const auto is_small = [](const delta::AddFile& file) { return file.size < kSmallFileBytes; };
  const size_t small = std::count_if(files.begin(), files.end(), is_small);
  // Both are UTC in ISO form; the first 19 characters compare as times.
  const std::string expired = FormatTimestamp(cutoff - kMicrosPerDay).substr(0, 19);
  std::vector<delta::AddFile> chosen;
  for (const delta::AddFile& file : files) {
    const std::optional<std::string> oldest = OldestTimestamp(file);
    const bool has_expired = oldest && oldest->substr(0, 19) < expired;
    if (has_expired || (small >= kSmallFilesToJoin && is_small(file))) chosen.push_back(file);
  }
  return chosen;
}

}  // namespace

LogTable::LogTable(catalog::Catalog* catalog, io::Storage* storage, duck::Engine* engine,
                   Clock* clock)
    : catalog_(catalog),
      storage_(storage),
      engine_(engine),
      clock_(clock),
      table_(catalog->OpenPath(catalog->layout().EventLogPath())) {}

Result<delta::SnapshotPtr> LogTable::LatestOrNull() {
  ASSIGN_OR_RETURN(const bool exists, table_->Exists());
  if (!exists) return delta::SnapshotPtr();
  ASSIGN_OR_RETURN(delta::SnapshotPtr snapshot, table_->Latest());
  RETURN_IF_ERROR(CheckFormat(*snapshot, table_->path()));
  return snapshot;
}

Result<int64_t> LogTable::LastSequence() {
  ASSIGN_OR_RETURN(const delta::SnapshotPtr snapshot, LatestOrNull());
  return snapshot ? snapshot->TransactionVersion(kSequenceAppId).value_or(0) : 0;
}

Status LogTable::Append(const std::string& update_id, std::vector<Json> events) {
  if (events.empty()) return OkStatus();
  int64_t last_sequence = 0;
  for (const Json& event : events) last_sequence = std::max(last_sequence, SequenceOf(event));
  const int64_t now_ms = clock_->Now() / 1000;

  ASSIGN_OR_RETURN(delta::SnapshotPtr base, LatestOrNull());
  const delta::SetTransaction journal{JournalAppId(update_id), 0, now_ms};
  if (base && base->TransactionVersion(journal.app_id)) return OkStatus();
  if (base)
    last_sequence = std::max(last_sequence, base->TransactionVersion(kSequenceAppId).value_or(0));

  ASSIGN_OR_RETURN(duck::Connection connection, engine_->Connect());
  ASSIGN_OR_RETURN(
      const lake::WriteResult written,
      lake::WriteDataFiles(connection, *storage_, table_->path(), EventRowsSql(std::move(events)),
                           EventLogSchema(), lake::WriteOptions{}, now_ms));
  delta::Change change;
  change.info.timestamp_ms = now_ms;
  change.info.operation = "WRITE";
  change.info.operation_parameters = {{"mode", "\"Append\""}};
  change.info.is_blind_append = true;
  change.adds = written.files;
  change.transactions = {journal};
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    if (!base) {
      change.metadata =
          delta::NewMetadata(EventLogSchema(), {},
                             {{kFormatVersionKey, kFormatVersion},
                              {"delta.setTransactionRetentionDuration", "interval 30 days"}},
                             "Events of the updates of this storage", now_ms);
      change.protocol = delta::RequiredProtocol(*change.metadata);
    }
    change.transactions = {journal, {kSequenceAppId, last_sequence, now_ms}};
    ASSIGN_OR_RETURN(const delta::CommitOutcome outcome, table_->Commit(base, change));
    if (!std::holds_alternative<delta::Conflicted>(outcome)) {
      ASSIGN_OR_RETURN(base, LatestOrNull());
      // It only shortens reading: what keeps it from being written must not fail an update.
      (void)table_->CheckpointIfDue();
      return OkStatus();
    }
    change.protocol.reset();
    change.metadata.reset();
    ASSIGN_OR_RETURN(base, LatestOrNull());
  }
  return ExternalError("COMMIT_CONFLICT",
                       "another writer keeps changing the event log at " + table_->path(),
                       "Stop the other writer; the events stay in the journal until then.");
}

Status LogTable::Maintain(int retention_days) {
  ASSIGN_OR_RETURN(const delta::SnapshotPtr snapshot, LatestOrNull());
  if (!snapshot) return OkStatus();
  const TimestampMicros cutoff = clock_->Now() - retention_days * kMicrosPerDay;
  const std::vector<delta::AddFile> files = FilesToRewrite(snapshot->files(), cutoff);
  if (files.empty()) return OkStatus();
  RETURN_IF_ERROR(Rewrite(snapshot, files, cutoff));
  return DeleteForgottenFiles();
}

Status LogTable::Rewrite(const delta::SnapshotPtr& snapshot,
                         const std::vector<delta::AddFile>& files, TimestampMicros cutoff) {
  lake::RelationOptions only;
  only.files = &files;
  ASSIGN_OR_RETURN(const lake::Relation relation,
                   lake::SnapshotRelation(table_->path(), *snapshot, only));
  const std::string query = "SELECT * FROM (" + relation.sql +
                            ") WHERE \"timestamp\" >= make_timestamptz(" + std::to_string(cutoff) +
                            ") ORDER BY \"sequence\".control_plane_seq_no";
  const int64_t now_ms = clock_->Now() / 1000;
  ASSIGN_OR_RETURN(duck::Connection connection, engine_->Connect());
  ASSIGN_OR_RETURN(lake::WriteResult written,
                   lake::WriteDataFiles(connection, *storage_, table_->path(), query,
                                        snapshot->metadata().schema, lake::WriteOptions{}, now_ms));
  const bool dropped_rows = delta::NumRecords(files) != written.rows;
  delta::Change change;
  change.info.timestamp_ms = now_ms;
  change.info.operation = dropped_rows ? "DELETE" : "OPTIMIZE";
  change.info.is_blind_append = false;
  change.info.read_version = snapshot->version();
  for (delta::AddFile& file : written.files) file.data_change = dropped_rows;
  change.adds = std::move(written.files);
  for (const delta::AddFile& file : files)
    change.removes.push_back(delta::RemovalOf(file, now_ms, dropped_rows));
  // What lost a race is forgotten by DeleteForgottenFiles later on.
  ASSIGN_OR_RETURN(const delta::CommitOutcome outcome, table_->Commit(snapshot, change));
  if (!std::holds_alternative<delta::Committed>(outcome)) return OkStatus();
  (void)table_->CheckpointIfDue();
  return OkStatus();
}

Status LogTable::DeleteForgottenFiles() {
  ASSIGN_OR_RETURN(const delta::SnapshotPtr snapshot, LatestOrNull());
  std::set<std::string> named;
  for (const delta::AddFile& file : snapshot->files()) {
    named.insert(io::JoinPath(table_->path(), PercentDecode(file.path)));
  }
  ASSIGN_OR_RETURN(const std::vector<io::FileInfo> present, storage_->List(table_->path()));
  const TimestampMicros limit = clock_->Now() - kForgottenAfterMicros;
  for (const io::FileInfo& file : present) {
    if (file.modified < limit && !named.contains(file.path) && file.path.ends_with(".parquet")) {
      RETURN_IF_ERROR(storage_->Delete(file.path));
    }
  }
  return OkStatus();
}

}  // namespace penstock::events
