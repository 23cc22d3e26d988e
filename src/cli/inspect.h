#pragma once

#include <string>

#include "base/result.h"
#include "cli/row_source.h"
#include "run/sql_query.h"
#include "run/table_statement.h"
#include "sql/sql_statement.h"

namespace penstock::cli {

// The answers to SHOW TABLES and DESCRIBE, with Spark's column names.
Result<ReportRows> Inspect(run::Workspace& workspace, const sql::ShowTables& statement,
                           const run::SqlSurroundings& surroundings);
Result<ReportRows> Inspect(run::Workspace& workspace, const sql::DescribeTable& statement,
                           const run::SqlSurroundings& surroundings);
// What a statement on a table answers.
ReportRows Reported(run::StatementRows answer);

// Whether a name matches a pattern of SHOW TABLES: "*" is any text, "|" separates patterns; case is
// ignored.
bool MatchesShowPattern(const std::string& pattern, const std::string& name);

}  // namespace penstock::cli
