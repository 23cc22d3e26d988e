#include "lake/retained_files.h"

#include <algorithm>
#include <utility>

#include "delta/deletion_vector.h"
#include "lake/file_path.h"

namespace penstock::lake {
namespace {

std::optional<int64_t> TimeOf(const delta::CommitEntry& commit) {
  for (const delta::Action& action : commit.actions) {
    if (const auto* info = std::get_if<delta::CommitInfo>(&action)) return info->timestamp_ms;
  }
  return std::nullopt;
}

}  // namespace

Result<RetainedFiles> RetainedFiles::Of(delta::Table& table, const delta::Snapshot& snapshot,
                                        int64_t since_ms) {
  RetainedFiles retained(table.path());
  Status status;
  snapshot.state().files.ForEach([&](delta::PackedFile file) {
    if (!status.ok() || (!file.active() && file.deletion_timestamp_ms() < since_ms)) return;
    const std::string path(file.path());
    retained.AddPath(path);
    if (!file.has_vector()) return;
    status = retained.AddVector(
        file.active() ? file.Add().deletion_vector : file.Remove().deletion_vector, path);
  });
  RETURN_IF_ERROR(status);
  // Back to the first commit before that time; where a commit says no time, further.
  for (delta::Version at = snapshot.version(); at >= 0; --at) {
    auto commit = table.Commits(at - 1, at);
    if (!commit.ok() && commit.error().code == "COMMIT_NOT_FOUND") break;
    if (!commit.ok()) return std::move(commit).error();
    const std::optional<int64_t> time = TimeOf(commit->front());
    if (time && *time < since_ms) break;
    RETURN_IF_ERROR(retained.AddCommit(commit->front()));
  }
  return retained;
}

bool RetainedFiles::Contains(std::string_view path) const {
  if (path.size() > table_path_.size() + 1 &&
      below_.contains(std::string(path.substr(table_path_.size() + 1)))) {
    return true;
  }
  return !elsewhere_.empty() && elsewhere_.contains(io::BaseName(path));
}

void RetainedFiles::AddPath(const std::string& log_path) {
  const std::string path = DataFilePath(table_path_, log_path);
  if (io::IsInside(table_path_, path)) {
    if (path.size() > table_path_.size()) below_.insert(path.substr(table_path_.size() + 1));
  } else {
    elsewhere_.insert(io::BaseName(path));
  }
}

Status RetainedFiles::AddVector(const std::optional<delta::DeletionVector>& vector,
                                const std::string& file) {
  if (!vector) return OkStatus();
  ASSIGN_OR_RETURN(const auto place, delta::PlaceOf(table_path_, *vector, file));
  if (!place) return OkStatus();
  if (io::IsInside(table_path_, place->path)) {
    below_.insert(place->path.substr(table_path_.size() + 1));
  } else {
    elsewhere_.insert(io::BaseName(place->path));
  }
  return OkStatus();
}

Status RetainedFiles::AddCommit(const delta::CommitEntry& commit) {
  for (const delta::Action& action : commit.actions) {
    if (const auto* remove = std::get_if<delta::RemoveFile>(&action)) {
      AddPath(remove->path);
      RETURN_IF_ERROR(AddVector(remove->deletion_vector, remove->path));
    } else if (const auto* add = std::get_if<delta::AddFile>(&action)) {
      AddPath(add->path);
      RETURN_IF_ERROR(AddVector(add->deletion_vector, add->path));
    } else if (const auto* changes = std::get_if<delta::AddCdcFile>(&action)) {
      AddPath(changes->path);
    }
  }
  return OkStatus();
}

}  // namespace penstock::lake
