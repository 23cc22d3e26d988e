#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/json.h"
#include "model/dataset.h"

namespace penstock::quality {

// How one expectation fared.
struct RuleCount {
  std::string name;
  std::string
      dataset;  // the dataset that declares it: a view's rules are counted where the view is read
  model::OnViolation action = model::OnViolation::kWarn;
  int64_t passed = 0;
  int64_t failed = 0;
  bool operator==(const RuleCount&) const = default;
};

// What changes did to a table (AUTO CDC); the numbers of docs/cdc.md.
struct ChangeCounts {
  int64_t inserted = 0;
  int64_t updated = 0;
  int64_t deleted = 0;
  int64_t late = 0;         // ignored: older than what the table had, or the same
  int64_t superseded = 0;   // by a later change of the same batch
  int64_t conflicting = 0;  // keys with different changes of one sequence
  int64_t blocked = 0;      // late ones that what is kept of a deleted key held back
  int64_t state_rows = 0;   // of the table's state, as it is now
  int64_t state_bytes = 0;
  bool operator==(const ChangeCounts&) const = default;
};

// Rows of one batch or refresh: rows_in = rows_out + dropped + quarantined. Where the rows are
// changes, rows_out are those that were applied to the table.
struct RowCounts {
  int64_t rows_in = 0;
  int64_t rows_out = 0;
  int64_t dropped = 0;
  int64_t quarantined = 0;
  int64_t malformed = 0;  // records dropped while reading files, before the query
  std::vector<RuleCount> rules;
  std::optional<ChangeCounts> changes = {};
  bool operator==(const RowCounts&) const = default;
};

bool Reconciles(const RowCounts& counts);

// The "metrics" and "data_quality" of a flow_progress event: {"metrics": {...}, "data_quality":
// {...}}.
Json ToEventDetails(const RowCounts& counts);

}  // namespace penstock::quality
