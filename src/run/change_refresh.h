#pragma once

#include <string>
#include <vector>

#include "delta/change.h"
#include "run/change_plan.h"
#include "run/context.h"
#include "run/target.h"

// A materialized view brought forward by what changed in its sources instead of being recomputed.
namespace penstock::run {

// Files that a refresh wrote and takes out; nothing of it is committed.
struct ChangedView {
  delta::Change change;
  int64_t source_rows = 0;                   // that changed
  quality::RowCounts counts;                 // how the view's expectations fared on what is new
  std::vector<std::string> set_aside_files;  // JSON lines, one a row (run/quarantine.h); temporary
  int64_t added_rows = 0;
  int64_t removed_rows = 0;
  int64_t added_bytes = 0;
  std::vector<std::string> written;  // paths, to be removed if the commit fails
};
// NOT_INCREMENTAL when it turned out to be unsuited on the way, e.g. rows to remove were not found.
Result<ChangedView> RefreshByChanges(UpdateContext& context, size_t node, const Target& target,
                                     const ChangePlan& plan);

}  // namespace penstock::run
