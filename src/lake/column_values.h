#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "delta/table_columns.h"
#include "lake/table_operation.h"

// How the values of the columns of new rows come about.
namespace penstock::lake {

// For each column of a table the SQL of its value, of the column's type; nothing where none is
// given.
using ColumnValues = std::vector<std::optional<std::string>>;

// A query of the table's columns over `from`, the text behind FROM. Where no value is given, a
// generated column is computed from the others, and another has its default or NULL. An identity
// column without a value: IDENTITY_NOT_GENERATED.
Result<std::string> RowsQuery(const std::vector<delta::TableColumn>& columns,
                              const ColumnValues& values, const std::string& from,
                              const ExpressionTranslator& translate);

// The values that assignments give over `from`. `old`: the SQL of each column before, which parts
// of structs are put into and which stays where nothing is assigned (UPDATE); empty: nothing was
// before (INSERT). Generated columns that are not assigned have no value. COLUMN_NOT_FOUND,
// DUPLICATE_ASSIGNMENT, CANNOT_STORE_TYPE, IDENTITY_NOT_WRITABLE.
Result<ColumnValues> AssignedValues(const Lake& lake,
                                    const std::vector<delta::TableColumn>& columns,
                                    const std::vector<Assignment>& assignments,
                                    const std::vector<std::string>& old, const std::string& from);

}  // namespace penstock::lake
