#pragma once

#include <optional>
#include <vector>

#include "delta/change.h"
#include "delta/replay.h"

// Whether a change still holds after what others committed since it was decided. Pure.
namespace penstock::delta {

// Whether the table knows all these identifiers (and there are any) at their versions or higher
// ones.
bool ContainsTransactions(const TableState& state, const std::vector<SetTransaction>& transactions);

// Nothing when `change`, decided on `base`, may be committed after `winners`, the commits since,
// oldest first.
//  - Another protocol or metadata than `base` has conflicts, unless it is the one this change would
//  set.
//  - A file that both remove conflicts.
//  - A change that read the whole table conflicts with rows added or removed since (not with
//  compaction).
//  - Another version of a transaction identifier of the change means two writers under one name: a
//  conflict.
//  - Anything else does not: blind appends always go through.
// A table that is to be created (`base` of version -1) conflicts with every winner.
std::optional<Conflicted> FindConflict(const TableState& base, const Change& change,
                                       const std::vector<CommitEntry>& winners);

}  // namespace penstock::delta
