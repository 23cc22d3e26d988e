#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "delta/table.h"
#include "source/offsets.h"

namespace penstock::source {

struct DeltaReadOptions {
  bool skip_change_commits =
      false;  // leave out commits that change or delete rows instead of failing
};

// The range that follows `last` (nothing: the initial one), or nothing when the table has not moved
// on. TABLE_REPLACED when `last` is of another table than `now`.
Result<std::optional<DeltaRange>> NextRange(const delta::Snapshot& now,
                                            const std::optional<DeltaRange>& last,
                                            const std::string& table_name);

// The data files with the rows of the range. CHANGED_ROWS names the first commit that changed or
// deleted rows.
Result<std::vector<delta::AddFile>> FilesOfRange(delta::Table& table, const DeltaRange& range,
                                                 const DeltaReadOptions& options,
                                                 const std::string& table_name);

}  // namespace penstock::source
