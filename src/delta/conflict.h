#pragma once

#include <optional>
#include <variant>
#include <vector>

#include "delta/change.h"
#include "delta/replay.h"

// Whether a change still holds after what others committed since it was decided. Pure.
namespace penstock::delta {

using Objection = std::variant<Conflicted, AlreadyCommitted>;

// Nothing when `change`, decided on `base`, may be committed on top of `current`, where `winners`
// (the commits since, oldest first) have led.
//  - A transaction identifier of the change that `current` holds at this version or a higher one:
//  the change is in the
//    table already. A lower version committed meanwhile means two writers under one name: a
//    conflict.
//  - Another protocol or metadata than `base` has conflicts, unless it is the one this change would
//  set.
//  - A file that both remove conflicts.
//  - A change that read the whole table conflicts with rows added or removed since (not with
//  compaction).
//  - Anything else does not: blind appends always go through.
std::optional<Objection> FindObjection(const TableState& base, const TableState& current,
                                       const Change& change,
                                       const std::vector<CommitEntry>& winners);

}  // namespace penstock::delta
