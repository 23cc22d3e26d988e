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
//  - Another protocol or metadata than `base` has, unless it is the one this change would set, and
//  a domain or transaction identifier that both write.
//  - A file that both remove, also to put it back with another deletion vector; compaction too.
//  - Rows removed from files that were read, by name or by a predicate that their partition values
//  and statistics leave open; all of them when the whole table was read.
//  - Rows added that would have been read, the same way. Blind appends count only where
//  delta.isolationLevel is Serializable or the change says what the whole table is (overwrites, new
//  metadata): else they can be thought of as coming after it.
//  - Anything else does not: blind appends always go through, and compaction disturbs no reader.
// A table that is to be created (`base` of version -1) conflicts with every winner.
std::optional<Conflicted> FindConflict(const TableState& base, const Change& change,
                                       const std::vector<CommitEntry>& winners);

}  // namespace penstock::delta
