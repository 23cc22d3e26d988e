#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "delta/table.h"
#include "lake/table_operation.h"

namespace penstock::lake {

// Decides a change on a snapshot, writing the files it names; their absolute paths go to `written`
// as soon as they exist. Nothing: there is nothing to do.
using Decide = std::function<Result<std::optional<delta::Change>>(
    const delta::SnapshotPtr& snapshot, std::vector<std::string>* written)>;

// A table that must not be written is refused before anything is: UNSUPPORTED_TABLE_FEATURE.
// Decides and commits, again on the newest snapshot when another writer was faster, a bounded
// number of times; then COMMIT_CONFLICT names the other commit. Files of a change that surely did
// not come into the table are removed. Afterwards a checkpoint is written if one is due; that it
// could not be is no error.
Result<OperationResult> RunTransaction(const Lake& lake, delta::Table& table, const Decide& decide);

// `number` is one of operationMetrics.
void SetMetric(delta::Change* change, const char* name, int64_t number);

}  // namespace penstock::lake
