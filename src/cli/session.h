#pragma once

#include <memory>
#include <string>

#include "base/clock.h"
#include "base/result.h"
#include "cli/command_line.h"
#include "cli/exit_status.h"
#include "cli/row_source.h"
#include "cli/row_writer.h"
#include "io/store_router.h"
#include "run/project_run.h"

namespace penstock::cli {

// What one command works with: the options every command takes, storage and clock.
class Session {
 public:
  explicit Session(GlobalOptions options);

  io::Storage& storage() { return storage_; }
  const GlobalOptions& options() const { return options_; }

  // The project that the options or the current folder name. PROJECT_NOT_FOUND when there is none.
  Result<model::Project> Project();
  Result<std::unique_ptr<run::Workspace>> Open();
  // Outside of a project a workspace without tables, for paths; as Open() when a project was named.
  Result<std::unique_ptr<run::Workspace>> OpenAnywhere();

  // --format, or what suits standard output.
  Result<Format> OutputFormat() const;
  // Writes the rows to standard output.
  ExitStatus Print(RowSource& rows) const;

 private:
  Result<std::unique_ptr<run::Workspace>> OpenFor(model::Project project);

  GlobalOptions options_;
  io::StoreRouter storage_;
};

// The current folder, absolute.
std::string CurrentFolder();

}  // namespace penstock::cli
