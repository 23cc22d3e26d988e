#pragma once

#include <optional>
#include <string>

#include "algebra/plan.h"
#include "duck/engine.h"
#include "ivm/program.h"
#include "lake/change_target.h"
#include "run/target.h"

namespace penstock::run {

// What a derived program, which has run on the connection, does to the rows of a view's table:
// fills `removed` with rows of the table and where they stand, `added` with new rows, both of the
// table's columns. `query` is the view's plan. Says why if it cannot be done.
Result<std::optional<std::string>> FindViewRows(duck::Connection& connection,
                                                const algebra::NodePtr& query,
                                                const ivm::Program& program, const Target& target,
                                                const lake::ChangeTarget& table,
                                                lake::TempTable* removed, lake::TempTable* added);

}  // namespace penstock::run
