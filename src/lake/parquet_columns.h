#pragma once

#include <string>
#include <vector>

#include "base/data_type.h"
#include "duck/engine.h"

namespace penstock::lake {

// The columns that all the files together have, from their footers, in the order in which they
// come: a column takes the widest of its types where every value stays what it is (whole numbers,
// FLOAT to DOUBLE, decimals). Names are merged without regard to case. INT96 is an instant.
// INCOMPATIBLE_SCHEMAS names two files and the column; INVALID_COLUMN_NAME where Delta allows a
// name only with column mapping.
Result<Schema> MergedColumns(duck::Connection& connection, const std::vector<std::string>& paths);

}  // namespace penstock::lake
