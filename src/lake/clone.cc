#include <algorithm>
#include <map>
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

Status CheckPaths(const delta::Table& source, const delta::Table& target) {
  if (!io::IsInside(source.path(), target.path()) && !io::IsInside(target.path(), source.path())) {
    return OkStatus();
  }
  return UserError(
      "INVALID_CLONE_TARGET",
      "the clone " + target.path() + " and its source " + source.path() + " would share a folder",
      "Give the clone a folder of its own, outside of the source's.");
}

// A path as a URI that the log of any table can name.
std::string UriOf(const std::string& path) {
  return io::IsRemote(path) ? PercentEncode(path, "/!$&'()*+,;=:@") : FileUri(path);
}

// The file as another table names it.
Result<delta::AddFile> AsSeenFromElsewhere(const std::string& source_path,
                                           const delta::AddFile& file) {
  delta::AddFile clone = file;
  clone.path = UriOf(DataFilePath(source_path, file.path));
  clone.data_change = true;
  if (!file.deletion_vector) return clone;
  ASSIGN_OR_RETURN(const auto place, delta::PlaceOf(source_path, *file.deletion_vector, file.path));
  if (!place) return clone;
  clone.deletion_vector->storage_type = "p";
  clone.deletion_vector->path_or_inline = UriOf(place->path);
  return clone;
}

delta::Metadata CloneMetadata(const delta::Metadata& source, const CloneRequest& request,
                              int64_t now_ms) {
  delta::Metadata metadata = source;
  metadata.id = NewUuid();
  metadata.created_time_ms = now_ms;
  // Times of the source's own log mean nothing in another.
  metadata.configuration.erase("delta.inCommitTimestampEnablementVersion");
  metadata.configuration.erase("delta.inCommitTimestampEnablementTimestamp");
  for (const auto& [key, value] : request.properties) metadata.configuration[key] = value;
  return metadata;
}

void CopyDomains(const delta::Snapshot& source, const delta::Snapshot* target,
                 delta::Change& change) {
  static const std::map<std::string, delta::DomainMetadata> kNone;
  const auto& wanted = source.state().domains ? *source.state().domains : kNone;
  for (const auto& [name, domain] : wanted) {
    if (!domain.removed) change.domains.push_back(domain);
  }
  if (target == nullptr || !target->state().domains) return;
  for (const auto& [name, domain] : *target->state().domains) {
    const auto kept = wanted.find(name);
    if (domain.removed || (kept != wanted.end() && !kept->second.removed)) continue;
    // Ids that were given are never given again.
    if (name == delta::kRowTrackingDomain) continue;
    change.domains.push_back({name, domain.configuration, true});
  }
}

}  // namespace

Result<OperationResult> Clone(const Lake& lake, delta::Table& source, delta::Table& target,
                              const CloneRequest& request) {
  RETURN_IF_ERROR(CheckPaths(source, target));
  OperationResult result;
  ASSIGN_OR_RETURN(const bool exists, target.Exists());
  if (exists && request.if_not_exists) return result;
  if (exists && !request.replace) {
    return UserError("TABLE_EXISTS", "there is a Delta table at " + target.path() + " already",
                     "Replace it (--replace, CREATE OR REPLACE TABLE), or clone to another path.");
  }
  ASSIGN_OR_RETURN(const delta::SnapshotPtr from, source.At(request.of));
  delta::SnapshotPtr base;
  if (exists) {
    ASSIGN_OR_RETURN(base, target.Latest());
  }
  delta::Change change;
  change.info.operation = "CLONE";
  change.info.operation_parameters = {{"source", source.path()},
                                      {"sourceVersion", std::to_string(from->version())},
                                      {"isShallow", "true"}};
  // A target that is replaced keeps what its own log needs.
  change.protocol =
      base ? delta::JoinedProtocol(base->protocol(), from->protocol()) : from->protocol();
  change.metadata = CloneMetadata(from->metadata(), request, NowMs(lake));
  change.protocol = delta::RaisedProtocol(*change.protocol, *change.metadata);
  CopyDomains(*from, base.get(), change);
  Status status;
  from->ForEachFile([&](const delta::AddFile& file) {
    auto clone = AsSeenFromElsewhere(source.path(), file);
    if (clone.ok()) {
      change.adds.push_back(std::move(clone).value());
    } else if (status.ok()) {
      status = std::move(clone).error();
    }
  });
  RETURN_IF_ERROR(status);
  int64_t removed_bytes = 0;
  if (base) {
    change.read.whole_table = true;
    std::map<std::string, std::optional<delta::DeletionVector>> named;
    for (const delta::AddFile& add : change.adds) {
      named.emplace(PercentDecode(add.path), add.deletion_vector);
    }
    base->ForEachFile([&](const delta::AddFile& file) {
      // One commit must not add and remove the same file.
      const auto same = named.find(PercentDecode(file.path));
      if (same != named.end() && same->second == file.deletion_vector) return;
      change.removes.push_back(delta::RemovalOf(file, NowMs(lake)));
      removed_bytes += file.size;
    });
  }
  result.metrics = {
      {"sourceTableSize", from->TotalBytes()},    {"sourceNumOfFiles", from->NumFiles()},
      {"numRemovedFiles", change.removes.size()}, {"numCopiedFiles", 0},
      {"removedFilesSize", removed_bytes},        {"copiedFilesSize", 0}};
  change.info.operation_metrics = TextMetrics(result.metrics);
  ASSIGN_OR_RETURN(result.version, CommitOperation(lake, target, base, change));
  return result;
}

}  // namespace penstock::lake
