#pragma once

#include "base/result.h"
#include "delta/actions.h"
#include "model/project.h"
#include "sql/table_statement.h"

namespace penstock::run {

// An INSERT of VALUES with DEFAULT among them, as one whose query says what the defaults are. A
// column that is DEFAULT in every row is left out, so that it is computed or defaulted by the
// write; elsewhere the column's default stands in its place, NULL if it has none. A generated
// column cannot be mixed with values: UNSUPPORTED_CLAUSE.
Result<sql::InsertRows> WithDefaults(const sql::InsertRows& insert, const delta::Metadata& metadata,
                                     model::Dialect dialect);

}  // namespace penstock::run
