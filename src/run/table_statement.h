#pragma once

#include <string>
#include <vector>

#include "base/json.h"
#include "run/table_reference.h"
#include "sql/table_statement.h"

// Runs the statements that change tables or tell of them.
namespace penstock::run {

struct StatementColumn {
  std::string name;
  bool number = false;
};
// What a statement answers, with Spark's column names. No columns: nothing to show.
struct StatementRows {
  std::vector<StatementColumn> columns;
  std::vector<std::vector<Json>> rows;
};

// Errors carry the place in the user's text where they have one. Statements on rows take no lock:
// Delta's optimistic concurrency decides. Dropping a table takes the lock of updates.
Result<StatementRows> RunTableStatement(Workspace& workspace, const StatementContext& context,
                                        const sql::TableStatement& statement);

}  // namespace penstock::run
