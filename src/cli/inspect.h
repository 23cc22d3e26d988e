#pragma once

#include <string>
#include <variant>

#include "base/result.h"
#include "cli/row_source.h"
#include "run/project_run.h"

namespace penstock::cli {

// What `penstock sql` was given: SHOW TABLES or DESCRIBE, answered with Spark's column names, or a
// query with its parameters replaced.
using Inspected = std::variant<ReportRows, std::string>;
Result<Inspected> Inspect(run::Workspace& workspace, const std::string& statement);

// Whether a name matches a pattern of SHOW TABLES: "*" is any text, "|" separates patterns; case is
// ignored.
bool MatchesShowPattern(const std::string& pattern, const std::string& name);

}  // namespace penstock::cli
