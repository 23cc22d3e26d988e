#pragma once

#include <map>
#include <string>

#include "run/project_run.h"

// Queries of `penstock sql` as parts of a script.
namespace penstock::run {

// What is in force where a query stands.
struct SqlSurroundings {
  std::string catalog;
  std::string schema;
  std::map<std::string, std::string> configuration;
};

// As the functions of those names in project_run.h; errors have the place that the text has.
Result<SqlResult> RunSql(Workspace& workspace, const model::QueryText& query,
                         const SqlSurroundings& surroundings);
Result<PreparedSql> PrepareSql(Workspace& workspace, const model::QueryText& query,
                               const SqlSurroundings& surroundings);
// The engine's plan of such a query, as text.
Result<std::string> ExplainSql(Workspace& workspace, const model::QueryText& query,
                               const SqlSurroundings& surroundings);

}  // namespace penstock::run
