#pragma once

#include <memory>
#include <optional>
#include <string>

#include "base/result.h"
#include "run/project_run.h"

namespace penstock::cli {

// A table as a command's argument names it.
struct Target {
  std::string label;                     // for messages
  std::optional<model::TableName> name;  // nothing for a path
  std::shared_ptr<delta::Table> table;
};

// "t", "schema.t", "catalog.schema.t" (parts may be in backticks), completed from the project.
Result<model::TableName> ParseTableName(const std::string& text, const model::Project& project);

// A name, a path (with a slash) or a file: URI. The table exists: TABLE_NOT_FOUND proposes the
// nearest name. The name event_log means Penstock's own log unless the project has a table of that
// name.
Result<Target> OpenTarget(run::Workspace& workspace, const std::string& text);

// The same for a table that is to be made: it may not exist yet.
Result<Target> OpenNewTarget(run::Workspace& workspace, const std::string& text);

}  // namespace penstock::cli
