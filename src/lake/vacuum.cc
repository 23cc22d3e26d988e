#include <algorithm>
#include <utility>

#include "base/text.h"
#include "delta/properties.h"
#include "delta/table_features.h"
#include "lake/file_path.h"
#include "lake/retained_files.h"
#include "lake/table_commit.h"
#include "lake/table_operation.h"

namespace penstock::lake {
namespace {

constexpr int64_t kMsPerHour = 3600 * 1000;
// How far the clocks of writers and storage may be apart; a retention of less than a day is trusted
// to mean what it says.
constexpr int64_t kClockSkewMs = 10 * 60 * 1000;
constexpr int64_t kMaxRetentionMs = int64_t{100} * 366 * 24 * kMsPerHour;

std::string Hours(int64_t ms) {
  const int64_t tenths = ms * 10 / kMsPerHour;
  return std::to_string(tenths / 10) + (tenths % 10 != 0 ? "." + std::to_string(tenths % 10) : "") +
         " hours";
}

Result<int64_t> RetentionOf(const delta::Metadata& metadata, const VacuumRequest& request) {
  const int64_t of_table = delta::TombstoneRetentionMs(metadata);
  const int64_t wanted = request.retention_ms.value_or(of_table);
  if (wanted < 0) {
    return UserError("INVALID_RETENTION", "a retention of " + Hours(wanted) + " is no time",
                     "Give 0 hours or more.");
  }
  if (wanted < of_table && request.retention_check) {
    return UserError(
        "RETENTION_TOO_SHORT",
        "a retention of " + Hours(wanted) + " is shorter than the table's, " + Hours(of_table) +
            " (delta.deletedFileRetentionDuration): readers of older versions and writers that are "
            "at work could lose their files",
        "Give a longer one, set the property, or, if nobody else uses the table, switch the check "
        "off (--no-retention-check).");
  }
  return std::min(wanted, kMaxRetentionMs);
}

// What VACUUM finds to delete.
struct Findings {
  VacuumResult result;
  std::vector<std::string> checksums;  // of those files
  std::vector<std::string> folders;    // that go if they are empty then; inner ones first
};

// Looks through the folders below the table one after the other.
class Finder {
 public:
  Finder(io::Storage& storage, const std::string& table_path, const delta::Metadata& metadata,
         const RetainedFiles& retained, int64_t cutoff_ms)
      : storage_(storage),
        table_path_(table_path),
        metadata_(metadata),
        retained_(retained),
        cutoff_micros_(cutoff_ms * 1000) {}

  Result<Findings> Run() {
    RETURN_IF_ERROR(Folder(table_path_));
    std::sort(found_.result.files.begin(), found_.result.files.end());
    return std::move(found_);
  }

 private:
  Status Folder(const std::string& folder) {
    ASSIGN_OR_RETURN(const std::optional<io::FileInfo> before, storage_.Stat(folder));
    ASSIGN_OR_RETURN(const std::vector<std::string> inner, storage_.ListFolders(folder));
    for (const std::string& name : inner) {
      const std::string path = io::JoinPath(folder, name);
      if (IsHidden(folder, name)) continue;
      ASSIGN_OR_RETURN(const bool link, storage_.IsLink(path));
      if (link) continue;
      // Another table has files of its own.
      ASSIGN_OR_RETURN(const bool table, storage_.IsFolder(path + "/_delta_log"));
      if (!table) RETURN_IF_ERROR(Folder(path));
    }
    RETURN_IF_ERROR(Files(folder));
    const bool old = before && before->modified < cutoff_micros_;
    if (folder != table_path_ && old) found_.folders.push_back(folder);
    return OkStatus();
  }

  // Names that begin with _ or . are not the table's data, but for the change files and folders of
  // partition columns of such names.
  bool IsHidden(const std::string& folder, const std::string& name) const {
    if (!name.starts_with('_') && !name.starts_with('.')) return false;
    if (folder == table_path_ && name == "_change_data") return false;
    for (const std::string& column : metadata_.partition_columns) {
      if (PercentDecode(name).starts_with(column + "=")) return false;
    }
    return true;
  }

  Status Files(const std::string& folder) {
    ASSIGN_OR_RETURN(const std::vector<io::FileInfo> files, storage_.List(folder));
    for (const io::FileInfo& file : files) {
      const std::string name = io::BaseName(file.path);
      if (name.starts_with('_') || name.starts_with('.')) continue;
      if (file.modified >= cutoff_micros_ || retained_.Contains(file.path)) continue;
      ASSIGN_OR_RETURN(const bool link, storage_.IsLink(file.path));
      if (link) continue;
      found_.result.files.push_back(file.path);
      found_.result.bytes += file.size;
      AddChecksum(files, folder + "/." + name + ".crc");
    }
    return OkStatus();
  }

  // Hadoop's local file system keeps one beside each file.
  void AddChecksum(const std::vector<io::FileInfo>& files, const std::string& path) {
    const auto found = std::lower_bound(
        files.begin(), files.end(), path,
        [](const io::FileInfo& file, const std::string& wanted) { return file.path < wanted; });
    if (found != files.end() && found->path == path) found_.checksums.push_back(path);
  }

  io::Storage& storage_;
  const std::string& table_path_;
  const delta::Metadata& metadata_;
  const RetainedFiles& retained_;
  const TimestampMicros cutoff_micros_;
  Findings found_;
};

// What is gone so far, for the log.
struct Deleted {
  int64_t files = 0;
  int64_t folders = 0;
};

Status Delete(io::Storage& storage, const Findings& found, Deleted* deleted) {
  for (const std::string& path : found.result.files) {
    RETURN_IF_ERROR(storage.Delete(path));
    ++deleted->files;
  }
  for (const std::string& path : found.checksums) RETURN_IF_ERROR(storage.Delete(path));
  for (const std::string& folder : found.folders) {
    RETURN_IF_ERROR(storage.DeleteIfEmpty(folder));
    ASSIGN_OR_RETURN(const bool stays, storage.IsFolder(folder));
    if (!stays) ++deleted->folders;
  }
  return OkStatus();
}

// VACUUM leaves the table as it is, and two commits of no files in its history.
Status Log(const Lake& lake, delta::Table& table, const char* operation, Json parameters,
           const Json& metrics) {
  ASSIGN_OR_RETURN(const delta::SnapshotPtr base, table.Latest());
  delta::Change change;
  change.info.operation = operation;
  change.info.operation_parameters = std::move(parameters);
  change.info.operation_metrics = TextMetrics(metrics);
  const auto version = CommitOperation(lake, table, base, change);
  return version.ok() ? OkStatus() : Status(version.error());
}

Json StartParameters(const delta::Metadata& metadata, const VacuumRequest& request) {
  Json parameters = {{"retentionCheckEnabled", request.retention_check},
                     {"defaultRetentionMillis", delta::TombstoneRetentionMs(metadata)}};
  if (request.retention_ms) parameters["specifiedRetentionMillis"] = *request.retention_ms;
  return parameters;
}

}  // namespace

Result<VacuumResult> Vacuum(const Lake& lake, delta::Table& table, const VacuumRequest& request) {
  ASSIGN_OR_RETURN(const delta::SnapshotPtr snapshot, table.Latest());
  // Whoever does not know every feature of a writer may take its files for left-overs
  // (PROTOCOL.md, "VACUUM Protocol Check").
  RETURN_IF_ERROR(delta::CheckWritable(snapshot->protocol(), snapshot->metadata()));
  ASSIGN_OR_RETURN(const int64_t retention, RetentionOf(snapshot->metadata(), request));
  const int64_t skew = retention >= 24 * kMsPerHour ? kClockSkewMs : 0;
  const int64_t cutoff = NowMs(lake) - retention - skew;
  ASSIGN_OR_RETURN(const RetainedFiles retained, RetainedFiles::Of(table, *snapshot, cutoff));
  ASSIGN_OR_RETURN(
      Findings found,
      Finder(*lake.storage, table.path(), snapshot->metadata(), retained, cutoff).Run());
  if (request.dry_run) return std::move(found.result);
  RETURN_IF_ERROR(Log(lake, table, "VACUUM START", StartParameters(snapshot->metadata(), request),
                      {{"numFilesToDelete", found.result.files.size()},
                       {"sizeOfDataToDelete", found.result.bytes}}));
  Deleted deleted;
  Status status = Delete(*lake.storage, found, &deleted);
  const Status logged =
      Log(lake, table, "VACUUM END", {{"status", status.ok() ? "COMPLETED" : "FAILED"}},
          {{"numDeletedFiles", deleted.files}, {"numVacuumedDirectories", deleted.folders}});
  RETURN_IF_ERROR(status);
  RETURN_IF_ERROR(logged);
  return std::move(found.result);
}

}  // namespace penstock::lake
