#pragma once

#include "delta/alter.h"
#include "lake/table_operation.h"

namespace penstock::lake {

// What DROP FEATURE … TRUNCATE HISTORY does before the feature is dropped: unsets the properties
// that switch it on, and, once its last trace in the log is older than
// delta.dropFeatureTruncateHistory.retentionDuration, cuts the log off behind that.
// FEATURE_IN_HISTORY: the trace is too young; CANNOT_DROP_FEATURE, FEATURE_NOT_FOUND.
Status TruncateHistory(const Lake& lake, delta::Table& table, const delta::DropFeature& request);

}  // namespace penstock::lake
