#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "io/storage.h"
#include "run/project_run.h"

namespace penstock::tests {

// A project in a temporary folder, driven through the same calls as the commands. Not thread-safe.
class ProjectFixture {
 public:
  ProjectFixture();
  ~ProjectFixture();
  ProjectFixture(const ProjectFixture&) = delete;

  const std::string& folder() const { return folder_; }
  // A file of the project or of its input; "{folder}" in the text becomes the folder.
  void WriteFile(const std::string& path, const std::string& text);
  // A Parquet file with the rows of a query of the engine.
  void WriteParquet(const std::string& path, const std::string& query);
  void RemovePath(const std::string& path);

  // A new workspace, as a new process would open it; `storage` replaces the local one when given
  // (borrowed).
  std::unique_ptr<run::Workspace> Open(io::Storage* storage = nullptr);
  run::UpdateOutcome Update(const run::Selection& selection = {}, io::Storage* storage = nullptr);

  // Rows as text: columns by "|", NULL as NULL; sorted unless `keep_order`. An error is its text.
  std::vector<std::string> Rows(const std::string& query, bool keep_order = false);

  // Of every table, at its newest version, where there is none yet.
  void WriteCheckpoints();

  // Statements of `penstock sql` that change tables; what goes wrong, or nothing.
  std::string Execute(const std::string& script);
  // For each materialized view without rules that take rows out: recomputes it and compares both
  // ways. Returns what differs.
  std::vector<std::string> Differences();

  std::map<std::string, std::string> settings;  // as given by --set
  Clock* clock = &SystemClock();                // of workspaces opened from now on; borrowed

 private:
  std::string folder_;
  std::unique_ptr<io::Storage> storage_;
};

// Shows what went wrong, if anything did.
void ExpectCompleted(const run::UpdateOutcome& outcome);

}  // namespace penstock::tests
