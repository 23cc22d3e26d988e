#pragma once

#include <string>

#include "base/data_type.h"
#include "duck/engine.h"

namespace penstock::lake {

// The Delta statistics of a file the engine wrote, as the log has them: numRecords, minValues,
// maxValues, nullCount of the first 32 leaf columns. Strings are cut at 32 characters and
// timestamps at milliseconds, so that the bounds still hold. Columns without usable bounds (NaN,
// booleans, binaries, elements of arrays and maps) have none.
std::string FileStatistics(const Schema& stored_columns, const duck::WrittenFile& file);

// The engine's dotted name of a leaf ("a"."b c") as its parts.
std::vector<std::string> LeafPath(const std::string& name);

}  // namespace penstock::lake
