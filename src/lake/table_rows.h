#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "lake/lake_table.h"
#include "lake/table_rules.h"

namespace penstock::lake {

// How rows that were computed elsewhere are written into a table.
struct TableRows {
  std::string query;  // fails at the first row that breaks a rule; RuleViolation explains that
  WriteOptions options;
  std::vector<TableRule> rules;
};
// `query` yields the columns `schema`: those of the table, and columns that the commit adds to it.
// UNSUPPORTED_CONSTRAINT; IDENTITY_NOT_WRITABLE; COLUMN_MAPPING_FIXED when a column would have to
// be added to a table with column mapping.
Result<TableRows> RowsForTable(const delta::Metadata& metadata, const Schema& schema,
                               const std::string& query, const ExpressionTranslator& translate);

}  // namespace penstock::lake
