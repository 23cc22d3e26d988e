#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "delta/snapshot.h"

namespace penstock::lake {

// How a table's rows lie in files.
struct TableLayout {
  int64_t files = 0;
  int64_t least_bytes = 0;  // of a file
  int64_t median_bytes = 0;
  int64_t most_bytes = 0;
  int64_t partitions = 0;          // with files; 1 for a table without partition columns
  int64_t files_with_vectors = 0;  // deletion vectors
  int64_t deleted_rows = 0;        // by those
  bool operator==(const TableLayout&) const = default;
};
TableLayout LayoutOf(const delta::Snapshot& snapshot);

// What to do about a layout that makes reading slow; one sentence each, none for a good one.
// `table` is how a command names it.
std::vector<std::string> LayoutAdvice(const TableLayout& layout, int64_t total_bytes,
                                      const std::string& table);

}  // namespace penstock::lake
