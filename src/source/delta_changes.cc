#include "source/delta_changes.h"

namespace penstock::source {
namespace {

Error ChangedRows(const std::string& table_name, const delta::CommitEntry& commit) {
  std::string operation = "a commit";
  for (const delta::Action& action : commit.actions) {
    if (const auto* info = std::get_if<delta::CommitInfo>(&action)) operation = info->operation;
  }
  return DataError(
      "CHANGED_ROWS",
      "version " + std::to_string(commit.version) + " (" + operation + ") of " + table_name +
          " changed or deleted rows, and a stream reads each row once",
      "Read the table without STREAM in a materialized view, skip such commits with FROM STREAM " +
          table_name + " WITH (skipChangeCommits = true), or start over with --full-refresh.");
}

bool ChangesRows(const delta::CommitEntry& commit) {
  for (const delta::Action& action : commit.actions) {
    const auto* remove = std::get_if<delta::RemoveFile>(&action);
    if (remove != nullptr && remove->data_change) return true;
  }
  return false;
}

}  // namespace

Result<std::optional<DeltaRange>> NextRange(const delta::Snapshot& now,
                                            const std::optional<DeltaRange>& last,
                                            const std::string& table_name) {
  const std::string& id = now.metadata().id;
  if (!last) return std::optional<DeltaRange>{DeltaRange{id, -1, now.version()}};
  if (last->table_id != id || last->to > now.version()) {
    return DataError("TABLE_REPLACED",
                     table_name + " is not the table that was read up to version " +
                         std::to_string(last->to) + ": it was dropped and made again",
                     "Start over with --full-refresh of the table that reads it.");
  }
  if (last->to == now.version()) return std::optional<DeltaRange>{};
  return std::optional<DeltaRange>{DeltaRange{id, last->to, now.version()}};
}

Result<std::vector<delta::AddFile>> FilesOfRange(delta::Table& table, const DeltaRange& range,
                                                 const DeltaReadOptions& options,
                                                 const std::string& table_name) {
  if (range.from < 0) {
    ASSIGN_OR_RETURN(const delta::SnapshotPtr snapshot, table.At({range.to, std::nullopt}));
    return std::vector<delta::AddFile>(snapshot->files().begin(), snapshot->files().end());
  }
  ASSIGN_OR_RETURN(const auto commits, table.Commits(range.from, range.to));
  std::vector<delta::AddFile> files;
  for (const delta::CommitEntry& commit : commits) {
    if (ChangesRows(commit)) {
      if (options.skip_change_commits) continue;
      return ChangedRows(table_name, commit);
    }
    for (const delta::Action& action : commit.actions) {
      const auto* add = std::get_if<delta::AddFile>(&action);
      if (add != nullptr && add->data_change) files.push_back(*add);
    }
  }
  return files;
}

}  // namespace penstock::source
