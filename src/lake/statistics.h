#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/data_type.h"
#include "duck/engine.h"

namespace penstock::lake {

// Which columns have statistics: the leaves below those paths, or else the first `count` leaves
// (-1: all).
struct IndexedLeaves {
  int64_t count = 32;
  std::optional<std::vector<std::vector<std::string>>> columns = {};
};

// The Delta statistics of a file the engine wrote, as the log has them: numRecords, minValues,
// maxValues, nullCount of the indexed leaf columns. Strings are cut at 32 characters and
// timestamps at milliseconds, so that the bounds still hold. Columns without usable bounds (NaN,
// booleans, binaries, elements of arrays and maps) have none.
std::string FileStatistics(const Schema& stored_columns, const duck::WrittenFile& file,
                           const IndexedLeaves& indexed = {});

// The engine's dotted name of a leaf ("a"."b c") as its parts.
std::vector<std::string> LeafPath(const std::string& name);

}  // namespace penstock::lake
