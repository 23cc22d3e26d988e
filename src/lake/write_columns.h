#pragma once

#include <string>

#include "base/result.h"
#include "lake/change_target.h"
#include "lake/column_values.h"
#include "lake/table_operation.h"

namespace penstock::lake {

// The query of the table's columns that a write asks for, `given` being the columns of its query:
// by name, by position or by a list of columns; what is not given has its default, is computed, or
// is NULL. SCHEMA_MISMATCH shows both schemas and the first difference.
Result<std::string> WrittenRowsQuery(const Lake& lake, const ChangeTarget& target,
                                     const WriteRequest& request, const Schema& given);

}  // namespace penstock::lake
