#include <algorithm>
#include <set>
#include <utility>

#include "base/text.h"
#include "delta/deletion_vector.h"
#include "delta/protocol_request.h"
#include "delta/row_tracking.h"
#include "delta/table_features.h"
#include "lake/file_path.h"
#include "lake/table_commit.h"
#include "lake/table_operation.h"

namespace penstock::lake {
namespace {

constexpr size_t kNamedFiles = 5;

// Properties that say since when something holds, or what was given away: going back would make
// them wrong.
constexpr std::string_view kKeptProperties[] = {"delta.enableInCommitTimestamps",
                                                "delta.inCommitTimestampEnablementVersion",
                                                "delta.inCommitTimestampEnablementTimestamp",
                                                "delta.enableRowTracking",
                                                "delta.rowTrackingSuspended",
                                                delta::kRowIdColumnProperty,
                                                delta::kRowVersionColumnProperty,
                                                "delta.columnMapping.maxColumnId"};

delta::Metadata RestoredMetadata(const delta::Metadata& now, const delta::Metadata& then) {
  delta::Metadata metadata = then;
  metadata.id = now.id;
  for (const std::string_view property : kKeptProperties) {
    const std::string key(property);
    metadata.configuration.erase(key);
    const auto kept = now.configuration.find(key);
    if (kept != now.configuration.end()) metadata.configuration[key] = kept->second;
  }
  return metadata;
}

void RestoreDomains(const delta::Snapshot& now, const delta::Snapshot& then,
                    delta::Change& change) {
  static const std::map<std::string, delta::DomainMetadata> kNone;
  const auto& before = then.state().domains ? *then.state().domains : kNone;
  const auto& after = now.state().domains ? *now.state().domains : kNone;
  for (const auto& [name, domain] : before) {
    // Its value only grows.
    if (name == delta::kRowTrackingDomain || domain.removed) continue;
    const auto present = after.find(name);
    if (present == after.end() || present->second != domain) change.domains.push_back(domain);
  }
  for (const auto& [name, domain] : after) {
    if (name == delta::kRowTrackingDomain || domain.removed) continue;
    const auto earlier = before.find(name);
    if (earlier != before.end() && !earlier->second.removed) continue;
    change.domains.push_back({name, domain.configuration, true});
  }
}

struct Difference {
  std::vector<delta::AddFile> adds;
  std::vector<delta::AddFile> removes;
};

Difference DifferenceOf(const delta::Snapshot& now, const delta::Snapshot& then) {
  const auto has = [](const delta::Snapshot& snapshot, const delta::AddFile& file) {
    const auto found = snapshot.state().files.FindActive(PercentDecode(file.path));
    return found && found->Add().deletion_vector == file.deletion_vector;
  };
  Difference difference;
  then.ForEachFile([&](const delta::AddFile& file) {
    if (!has(now, file)) difference.adds.push_back(file);
  });
  now.ForEachFile([&](const delta::AddFile& file) {
    if (!has(then, file)) difference.removes.push_back(file);
  });
  return difference;
}

// The files that are to come back must still be there.
Status CheckPresent(io::Storage& storage, const std::string& table_path,
                    const std::vector<delta::AddFile>& files, delta::Version version) {
  std::string missing;
  size_t count = 0;
  const auto check = [&](const std::string& path) -> Status {
    ASSIGN_OR_RETURN(const std::optional<io::FileInfo> info, storage.Stat(path));
    if (info) return OkStatus();
    if (count++ < kNamedFiles) missing += (missing.empty() ? "" : ", ") + path;
    return OkStatus();
  };
  std::set<std::string> vectors;
  for (const delta::AddFile& file : files) {
    RETURN_IF_ERROR(check(DataFilePath(table_path, file.path)));
    if (!file.deletion_vector) continue;
    ASSIGN_OR_RETURN(const auto place,
                     delta::PlaceOf(table_path, *file.deletion_vector, file.path));
    if (place && vectors.insert(place->path).second) RETURN_IF_ERROR(check(place->path));
  }
  if (count == 0) return OkStatus();
  if (count > kNamedFiles) missing += " and " + std::to_string(count - kNamedFiles) + " more";
  return DataError("FILES_MISSING",
                   "version " + std::to_string(version) + " of " + table_path + " needs " +
                       std::to_string(count) + " files that are gone: " + missing,
                   "VACUUM has deleted them. Restore a newer version, or put the files back from a "
                   "copy; delta.deletedFileRetentionDuration says how long they are kept.");
}

int64_t BytesOf(const std::vector<delta::AddFile>& files) {
  int64_t bytes = 0;
  for (const delta::AddFile& file : files) bytes += file.size;
  return bytes;
}

Json MetricsOf(const delta::Snapshot& then, const Difference& difference) {
  return {{"tableSizeAfterRestore", then.TotalBytes()},
          {"numOfFilesAfterRestore", then.NumFiles()},
          {"numRemovedFiles", difference.removes.size()},
          {"numRestoredFiles", difference.adds.size()},
          {"removedFilesSize", BytesOf(difference.removes)},
          {"restoredFilesSize", BytesOf(difference.adds)}};
}

}  // namespace

Result<OperationResult> Restore(const Lake& lake, delta::Table& table,
                                const RestoreRequest& request) {
  ASSIGN_OR_RETURN(const delta::SnapshotPtr now, table.Latest());
  ASSIGN_OR_RETURN(const delta::SnapshotPtr then, table.At(request.to));
  if (now->metadata().id != then->metadata().id) {
    return UserError(
        "TABLE_REPLACED",
        "version " + std::to_string(then->version()) + " is of another table that was at this path",
        "Clone that version to a path of its own.");
  }
  const Difference difference = DifferenceOf(*now, *then);
  OperationResult result;
  result.metrics = MetricsOf(*then, difference);
  delta::Change change;
  change.info.operation = "RESTORE";
  change.info.operation_parameters = {
      {"version", request.to.version ? Json(std::to_string(*request.to.version)) : Json()},
      {"timestamp",
       request.to.timestamp_ms ? Json(FormatTimestamp(*request.to.timestamp_ms * 1000)) : Json()}};
  change.info.operation_metrics = TextMetrics(result.metrics);
  const delta::Metadata metadata = RestoredMetadata(now->metadata(), then->metadata());
  if (metadata != now->metadata()) change.metadata = metadata;
  // Never lowered; raised where the old version needed what was dropped since.
  const delta::Protocol protocol =
      delta::RaisedProtocol(delta::JoinedProtocol(now->protocol(), then->protocol()), metadata);
  if (protocol != now->protocol()) change.protocol = protocol;
  RestoreDomains(*now, *then, change);
  const bool same_files = difference.adds.empty() && difference.removes.empty();
  if (same_files && !change.metadata && change.domains.empty()) return result;
  RETURN_IF_ERROR(CheckPresent(*lake.storage, table.path(), difference.adds, then->version()));
  change.read.whole_table = true;
  change.adds = difference.adds;
  for (delta::AddFile& file : change.adds) file.data_change = true;
  for (const delta::AddFile& file : difference.removes) {
    change.removes.push_back(delta::RemovalOf(file, NowMs(lake)));
  }
  ASSIGN_OR_RETURN(result.version, CommitOperation(lake, table, now, change));
  return result;
}

}  // namespace penstock::lake
