#pragma once

#include <string>
#include <vector>

#include "delta/change.h"
#include "lake/table_operation.h"

// How a change that is decided, its files written, comes into the table. All operations end here.
namespace penstock::lake {

// COMMIT_CONFLICT, naming the other commit and its operation; `operation` as in "OPTIMIZE".
Error CommitConflict(delta::Table& table, const std::string& operation,
                     const delta::Conflicted& conflict);

// Commits on top of `base` (null: the table is created) and writes a checkpoint when one is due.
// `written`: the absolute paths of the files that were made for the change; they are removed when
// it surely does not come into the table. An error after which they stay: the commit may have
// happened.
Result<delta::CommitOutcome> CommitFiles(io::Storage& storage, delta::Table& table,
                                         const delta::SnapshotPtr& base,
                                         const delta::Change& change,
                                         const std::vector<std::string>& written);

// The same where losing to another writer is COMMIT_CONFLICT; gives the version.
Result<delta::Version> CommitOperation(const Lake& lake, delta::Table& table,
                                       const delta::SnapshotPtr& base, const delta::Change& change,
                                       const std::vector<std::string>& written = {});

// Writes a checkpoint if one is due after what the table committed; failures are passed over,
// because readers have the log.
void CheckpointWhenDue(delta::Table& table);

// `Lake::clock` in the log's unit.
int64_t NowMs(const Lake& lake);

// A JSON value as commitInfo's operationMetrics have it: numbers as text.
Json TextMetrics(const Json& metrics);

}  // namespace penstock::lake
