#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "delta/actions.h"
#include "delta/table_columns.h"
#include "lake/table_operation.h"

// What every row of a table must be, whoever writes it: NOT NULL (also nested), invariants, CHECK
// constraints, the values of generated columns, lengths of CHAR and VARCHAR (PROTOCOL.md, "Column
// Invariants", "CHECK Constraints", "Generated Columns").
namespace penstock::lake {

struct TableRule {
  std::string code;        // of the error: CHECK_CONSTRAINT_VIOLATED …
  std::string name;        // of the constraint or column
  std::string expression;  // as the table has it
  std::string violated;    // the engine's SQL over the columns: true for a row that breaks it
};

// The rules of a table. Expressions that cannot be translated: UNSUPPORTED_CONSTRAINT.
Result<std::vector<TableRule>> TableRules(const delta::Metadata& metadata,
                                          const std::vector<delta::TableColumn>& columns,
                                          const ExpressionTranslator& translate);

// The rows of `query`, whose columns have the names and types of the table, as the table stores
// them: CHAR padded, and the first row that breaks a rule ends the query with an error that
// RuleViolation explains. All that writes rows goes through here.
std::string RuledQuery(const std::string& query, const std::vector<delta::TableColumn>& columns,
                       const std::vector<TableRule>& rules);

// An error of such a query: when it came of a rule, the one that names rule, expression and row.
Error RuleViolation(Error error, const std::vector<TableRule>& rules,
                    const std::string& table_path);

// delta.generationExpression of a column in the engine's SQL, or nothing.
Result<std::optional<std::string>> GenerationOf(const delta::TableColumn& column,
                                                const ExpressionTranslator& translate);
// CURRENT_DEFAULT of a column in the engine's SQL, or nothing.
Result<std::optional<std::string>> DefaultOf(const delta::TableColumn& column,
                                             const ExpressionTranslator& translate);
// Whether the writer of a row makes up the column's value (delta.identity.start), and whether it
// may be given (delta.identity.allowExplicitInsert).
bool IsIdentity(const delta::TableColumn& column);
bool TakesExplicitIdentity(const delta::TableColumn& column);

}  // namespace penstock::lake
