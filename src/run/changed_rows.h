#pragma once

#include <vector>

#include "delta/table.h"

namespace penstock::run {

// How much came and went with commits, as far as the log says.
struct ChangedAmount {
  int64_t rows = 0;
  int64_t removed = 0;  // of `rows`: those that went
  int64_t bytes = 0;    // of files whose number of rows is not known; not in `rows`
};

// Files that commits remove are those of adds before, in the commits or in the table as it was; so
// `before`, the version that the first of them follows, is asked for when there are such removes.
// Of a commit with change files only those count. VERSION_NOT_FOUND and what reading it may give.
Result<ChangedAmount> ChangedRows(delta::Table& table, delta::Version before,
                                  const std::vector<delta::CommitEntry>& commits);

}  // namespace penstock::run
