#pragma once

#include <string>
#include <vector>

#include "tests/random_table.h"

// Queries by chance, from a grammar over what a view may be made of (docs/incremental.md). What
// they give is determined by the rows of their sources, but for the last digits of sums: where SQL
// leaves a choice (ties, the order of lists) the query orders by all that matters.
namespace penstock::tests {

struct RandomQuery {
  std::string text;  // in the engine's SQL; the current date is written {today}
  std::vector<RandomColumn> columns;
  std::string shape;  // of its outermost part, for counting
};

// Nested at most `depth` deep.
RandomQuery MakeRandomQuery(Choice& choice, const std::vector<RandomTable>& sources, int depth);

}  // namespace penstock::tests
