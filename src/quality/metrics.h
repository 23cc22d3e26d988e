#pragma once

#include <cstdint>
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

// Rows of one batch or refresh: rows_in = rows_out + dropped + quarantined.
struct RowCounts {
  int64_t rows_in = 0;
  int64_t rows_out = 0;
  int64_t dropped = 0;
  int64_t quarantined = 0;
  int64_t malformed = 0;  // records dropped while reading files, before the query
  std::vector<RuleCount> rules;
  bool operator==(const RowCounts&) const = default;
};

bool Reconciles(const RowCounts& counts);

// The "metrics" and "data_quality" of a flow_progress event: {"metrics": {...}, "data_quality":
// {...}}.
Json ToEventDetails(const RowCounts& counts);

}  // namespace penstock::quality
