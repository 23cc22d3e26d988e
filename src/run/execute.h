#pragma once

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "lake/lake_table.h"
#include "quality/metrics.h"
#include "run/context.h"
#include "run/target.h"

namespace penstock::run {

// The relations that stand for a flow's leaves in one execution.
struct LeafRelations {
  std::vector<std::pair<std::string, std::string>> queries;  // placeholder → engine SQL
  std::vector<std::shared_ptr<duck::FileScan>> scans;
  std::vector<std::shared_ptr<const void>> tables;  // keep relations of tables alive
  // Path and version of each reference to a table as it is now.
  std::vector<std::pair<std::string, delta::Version>> versions;
  std::vector<std::pair<std::string, std::shared_ptr<duck::FileScan>>>
      bad_records;  // badRecordsPath → its scan
};

// One execution of a flow's query into data files.
struct QueryRun {
  const graph::Node& node;
  const BoundNode& bound;
  const BoundFlow& flow;
  const LeafRelations& leaves;
  const Target& target;
  Schema columns;              // of the table after this write
  bool replaces = false;       // the table's present rows go
  bool with_position = false;  // as WantsPosition said when the leaves were made
  // What becomes of the rows that are kept, a query with `columns`: instead of data files of the
  // table. What it returns of files is no more looked at.
  std::function<Result<lake::WriteResult>(duck::Connection&, const std::string&)> store = {};
  // What now() and its like are; nothing: the clock's.
  std::optional<TimestampMicros> instant = std::nullopt;
};

struct QueryOutcome {
  lake::WriteResult written;
  quality::RowCounts counts;
  std::vector<std::string> set_aside_files;  // JSON lines, one a row (run/quarantine.h); temporary
};

// Whether rows should carry where they come from: a rule needs it and every step on the way keeps
// it.
bool WantsPosition(const BoundNode& bound, const BoundFlow& flow);

// That a row broke a rule that ends the update; `row` is it as JSON.
Error ExpectationFailed(const quality::Rule& rule, const std::string& dataset,
                        const std::string& row);

// Runs the query, judges its rows and writes the kept ones as data files; then asks the rules over
// the whole table. EXPECTATION_FAILED names rule and row; what was written is removed.
Result<QueryOutcome> ExecuteQuery(UpdateContext& context, const QueryRun& run);

}  // namespace penstock::run
