#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "run/pipeline.h"
#include "run/target.h"

namespace penstock::run {

// What a flow of a table had read when the table was as `snapshot` says: relations whose rows carry
// their places (ivm::kPlaceColumn).
struct PlacedLeaf {
  std::string placeholder;
  std::string query;   // the leaf's columns, then the place
  std::string source;  // name or path, for people
  std::optional<size_t> dataset;
  delta::SnapshotPtr snapshot;     // of tables: the version that was read, last
  std::vector<std::string> files;  // of tables: paths by the number that a place has as its file
  std::shared_ptr<const void> scan;
};
// An error says which of the sources is not there any more.
Result<std::vector<PlacedLeaf>> PlacedLeaves(Workspace& workspace, const Pipeline& pipeline,
                                             size_t node, size_t flow, const Target& target);

// The rows of a table with their places, `columns` those of the table.
struct PlacedTable {
  std::string query;
  std::vector<std::string> files;
  std::shared_ptr<const void> scan;
};
Result<PlacedTable> PlacedRows(const std::string& path, const delta::Snapshot& snapshot);

}  // namespace penstock::run
