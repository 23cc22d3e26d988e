#pragma once

#include <string>

#include "delta/change.h"
#include "lake/table_operation.h"

// What the operations that maintain tables do alike once they have decided.
namespace penstock::lake {

// COMMIT_CONFLICT, naming the other commit; `operation` as in "OPTIMIZE".
Error CommitConflict(const std::string& operation, const std::string& table_path,
                     const delta::Conflicted& conflict);

// Commits on top of `base`, writes a checkpoint when one is due (a failure of it does no harm), and
// gives the version. COMMIT_CONFLICT.
Result<delta::Version> CommitOperation(delta::Table& table, const delta::SnapshotPtr& base,
                                       const delta::Change& change);

// Writes a checkpoint if one is due after the newest version; failures are passed over, because
// readers have the log.
void CheckpointWhenDue(delta::Table& table);

// `Lake::clock` in the log's unit.
int64_t NowMs(const Lake& lake);

// A JSON value as commitInfo's operationMetrics have it: numbers as text.
Json TextMetrics(const Json& metrics);

}  // namespace penstock::lake
