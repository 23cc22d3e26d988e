#pragma once

#include <optional>
#include <string>
#include <vector>

#include "algebra/plan.h"
#include "duck/engine.h"
#include "ivm/program.h"
#include "lake/change_target.h"
#include "run/target.h"

namespace penstock::run {

// Which column of the query each of the schema's is; nothing when their names are not the same.
std::optional<std::vector<size_t>> PlacesOf(const algebra::Node& query, const Schema& schema);
// "CAST(c0 AS BIGINT) AS "id", …": the columns of a step's table as those of the schema, `places`
// as PlacesOf gives them.
std::string StepColumns(const std::vector<size_t>& places, const Schema& schema);

// What a derived program, which has run on the connection, does to the rows of a view's table:
// fills `removed` with rows of the table and where they stand, `added` with new rows, both of the
// table's columns. `query` is the view's plan. Says why if it cannot be done.
Result<std::optional<std::string>> FindViewRows(duck::Connection& connection,
                                                const algebra::NodePtr& query,
                                                const ivm::Program& program, const Target& target,
                                                const lake::ChangeTarget& table,
                                                lake::TempTable* removed, lake::TempTable* added);

}  // namespace penstock::run
