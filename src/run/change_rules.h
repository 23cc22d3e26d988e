#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "algebra/plan.h"
#include "ivm/program.h"
#include "lake/change_target.h"
#include "quality/metrics.h"
#include "run/context.h"

namespace penstock::run {

// Whether the expectations of a view are judged on single rows, which a refresh by changes can do:
// the first that is not, if there is one. Those that are judged once on the table's columns are
// none.
const quality::Rule* RuleOfMoreThanARow(const std::vector<quality::Rule>& rules);

// The expectations of a view judged on the rows of one refresh by changes: on those that are new
// to the view, and on those that it computed and that are taken out. One object serves one refresh,
// between the run of the program and the use of its tables.
class ChangeRules {
 public:
  // `query` is the view's plan. The references outlive the object.
  ChangeRules(UpdateContext& context, size_t node, const algebra::NodePtr& query,
              duck::Connection& connection);

  // Takes rows that break a rule out of the tables of the program's result. Says why if the rest
  // of the refresh cannot be right then: rows that were set aside may be no rows any more.
  Result<std::optional<std::string>> TakeOut(const ivm::Program& program);

  // Judges the rows that were taken out and those of `added`, a table with the view's columns.
  // EXPECTATION_FAILED names rule and row.
  Result<quality::RowCounts> Judge(const std::string& added);

  // The rows that were set aside, as JSON lines (run/quarantine.h); once.
  Result<std::vector<std::string>> SpoolSetAside();

 private:
  Result<bool> QuarantineIsEmpty() const;
  Result<int64_t> Count(const std::string& where) const;
  Error Explained(Error error) const;

  UpdateContext& context_;
  const graph::Node& node_;
  const BoundNode& bound_;
  const algebra::NodePtr& query_;
  duck::Connection& connection_;
  lake::TempTable taken_out_;
  std::vector<const quality::Rule*> rules_;  // over rows
  std::unique_ptr<duck::RowCheck> check_;
};

}  // namespace penstock::run
