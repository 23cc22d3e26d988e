#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "duck/engine.h"

namespace penstock::duck {

enum class RowAction { kWarn, kDrop, kFail, kQuarantine };

struct RowRuleSpec {
  std::string name;
  std::string condition;  // engine SQL, boolean over the columns of the query
  RowAction action = RowAction::kWarn;
};

// A row that was set aside.
struct SetAsideRow {
  uint64_t failed_rules = 0;  // bit i: rule i failed
  std::string row_json;
  std::string file;     // empty when unknown
  int64_t record = -1;  // byte offset of the record in the file, -1 when unknown
};

// Counts, drops and sets aside the rows of one query while it runs: the row rules of a dataset,
// evaluated in the same pass that writes the rows. At most 63 rules. One object serves one
// execution of one query; the engine calls it from several threads. Every rule is counted on every
// row; fail beats quarantine beats drop beats warn.
class RowCheck {
 public:
  // `null_passes`: a condition that is NULL counts as passed.
  RowCheck(std::vector<RowRuleSpec> rules, bool null_passes);
  ~RowCheck();
  RowCheck(const RowCheck&) = delete;

  // The query that yields only the kept rows of `query` and counts as it goes; for writing all of
  // its rows. When `has_position`, the last column of `query` is "__penstock_position"
  // STRUCT(file VARCHAR, record BIGINT), which is taken off.
  std::string Wrap(const std::string& query, bool has_position) const;
  // The same for a query that others read with filters, joins and limits of their own: the engine
  // then moves none of these below the check. Keeps the position; slower by some 10 %.
  std::string WrapForReaders(const std::string& query, bool has_position) const;

  struct Counts {
    int64_t rows_in = 0;
    int64_t dropped = 0;
    int64_t quarantined = 0;
    std::vector<int64_t> passed;  // by rule
    std::vector<int64_t> failed;
  };
  Counts counts() const;
  // The first row that broke a kFail rule: rule index and the row as JSON. The query then failed
  // with EXPECTATION_FAILED.
  std::optional<std::pair<size_t, std::string>> failure() const;
  // Rows that were set aside, handed over and forgotten here. Held in memory up to 64 MB of JSON,
  // beyond that in a temporary file; `visit` is called for each.
  Status TakeSetAside(const std::function<Status(const SetAsideRow&)>& visit);

  struct State;

 private:
  std::unique_ptr<State> state_;
};

}  // namespace penstock::duck
