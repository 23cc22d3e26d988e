#pragma once

#include <cstdint>
#include <vector>

#include "base/result.h"
#include "delta/change.h"
#include "delta/replay.h"

// How a change becomes a commit. Pure but for the fresh txnId.
namespace penstock::delta {

// Whether `change` may be written on top of `base` (version -1: the table is created) at all:
// INCOMPLETE_CHANGE without protocol and metadata for a new table, UNSUPPORTED_TABLE_FEATURE,
// APPEND_ONLY_TABLE.
Status CheckChange(const TableState& base, const Change& change);

// APPEND_ONLY_TABLE when rows of the table must not go.
Status CheckRemovable(const Metadata& metadata);

// The actions of the commit after `current`: commitInfo first, its time later than that of
// `current`; removes get their time. `read_version` is the version the change was decided on.
std::vector<Action> BuildCommit(const TableState& current, Version read_version,
                                const Change& change, int64_t now_ms);

}  // namespace penstock::delta
