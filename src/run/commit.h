#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "delta/table.h"
#include "run/context.h"
#include "run/target.h"

namespace penstock::run {

// What one batch or refresh does to its table, decided.
struct BatchCommit {
  std::string operation;  // "STREAMING UPDATE", "WRITE", "CREATE TABLE" …
  Json operation_parameters = Json::object();
  std::string app_id;  // empty: no batch, only the definition changed
  int64_t batch = 0;
  Schema columns;         // of the table from now on
  bool replaces = false;  // all present files go
  std::optional<delta::Metadata> metadata;
  std::vector<delta::AddFile> adds;
  // Rows that change, decided: its files, what it read and its metrics, instead of `adds`.
  std::optional<delta::Change> change = {};
  // Of a change of single rows, which is decided on the rows that are there.
  bool changes_rows = false;
  std::vector<delta::RemoveFile> removes = {};
  std::vector<delta::AddCdcFile> cdc_files = {};
  int64_t rows = 0;
  int64_t bytes = 0;
};

// Commits on top of the target's snapshot. OK also when the batch was in the table already.
// COMMIT_CONFLICT (external, so that it is tried again on the new state) names the other commit.
Result<delta::Version> CommitBatch(const Target& target, const BatchCommit& commit, int64_t now_ms);

// Writes a checkpoint when one is due; a failure is reported as an event and does no harm.
void CheckpointIfDue(UpdateContext& context, const Target& target);

}  // namespace penstock::run
