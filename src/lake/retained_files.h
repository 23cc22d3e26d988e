#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_set>

#include "base/result.h"
#include "delta/table.h"

namespace penstock::lake {

// The files below a table that some retained version needs: those of the current version, and those
// that were taken out at `since_ms` or later, with their deletion vectors and the files of row
// changes of commits since then.
class RetainedFiles {
 public:
  // Reads the commits since `since_ms` besides the state: the state keeps one removal a path, and a
  // data file can have had several deletion vectors.
  static Result<RetainedFiles> Of(delta::Table& table, const delta::Snapshot& snapshot,
                                  int64_t since_ms);

  // `path` is absolute.
  bool Contains(std::string_view path) const;

 private:
  explicit RetainedFiles(std::string table_path) : table_path_(std::move(table_path)) {}
  void AddPath(const std::string& log_path);
  Status AddVector(const std::optional<delta::DeletionVector>& vector, const std::string& file);
  Status AddCommit(const delta::CommitEntry& commit);

  std::string table_path_;
  std::unordered_set<std::string> below_;  // relative to the table
  // Last parts of paths that lead elsewhere by their text: the table may have been reached through
  // a link, so a file here with such a name is kept.
  std::unordered_set<std::string> elsewhere_;
};

}  // namespace penstock::lake
