#pragma once

#include <string>
#include <vector>

#include "delta/change.h"
#include "lake/table_operation.h"

namespace penstock::lake {

// The rows that an operation decides on, as the engine's SQL.
struct RowsRead {
  Schema columns;         // of the table
  std::string alias;      // of the table in the texts
  std::string condition;  // empty: every row
  std::string joined;     // what the condition names besides, as it stands in FROM; or empty
  std::vector<std::string> others;  // what else is computed for those rows
};

// What of the table such an operation reads: the rows that satisfy the condition as far as that can
// be judged from files, else the whole table; also when one of the texts may hold a query of its
// own, which can read anything. Runs no query.
delta::ReadSet ReadSetOf(const Lake& lake, const RowsRead& rows);

}  // namespace penstock::lake
