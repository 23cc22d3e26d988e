#pragma once

#include "delta/table.h"

namespace penstock::bench {

// A table with deletion vectors and files of 64 MB.
inline Status CreateTable(delta::Table& table, const Schema& schema) {
  delta::Change change;
  change.info.operation = "CREATE TABLE";
  change.protocol =
      delta::Protocol{3, 7, {"deletionVectors"}, {"deletionVectors", "appendOnly", "invariants"}};
  change.metadata = delta::NewMetadata(
      schema, {}, {{"delta.enableDeletionVectors", "true"}, {"delta.targetFileSize", "64mb"}},
      std::nullopt, 1);
  ASSIGN_OR_RETURN(const auto outcome, table.Commit(nullptr, change));
  (void)outcome;
  return OkStatus();
}

}  // namespace penstock::bench
