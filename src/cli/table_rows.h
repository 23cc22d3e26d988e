#pragma once

#include <string>

#include "cli/target.h"
#include "lake/lake_table.h"
#include "run/project_run.h"

namespace penstock::cli {

// Rows of one state of a table.
Result<lake::Relation> TableRelation(const Target& target, const delta::SnapshotPtr& snapshot);

// "2026-01-31T12:00:00Z", "2026-01-31 12:00:00+01:00", "2026-01-31" (UTC unless it says otherwise),
// in ms. Times between two milliseconds are those of the earlier one.
Result<int64_t> ParseTimestampMs(const std::string& text);

}  // namespace penstock::cli
