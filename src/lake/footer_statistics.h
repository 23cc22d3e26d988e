#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/data_type.h"
#include "duck/engine.h"

namespace penstock::lake {

// What the footers of Parquet files say of rows and of their top-level columns of simple types, in
// the form in which the engine tells it of files it writes. FLOAT and DOUBLE columns have no
// bounds: a footer does not tell whether there is a NaN. Keys are paths.
Result<std::map<std::string, duck::WrittenFile>> FooterStatistics(
    duck::Connection& connection, const std::vector<std::string>& paths, const Schema& columns);

}  // namespace penstock::lake
