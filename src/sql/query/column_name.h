#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "sql/query/query_parser.h"

namespace penstock::sql {

// The name that Spark gives a column without an alias: "amount" for CAST(amount AS INT),
// "count(1)", "(a + b)". Empty for stars.
std::string ColumnName(const std::vector<Node>& nodes, size_t node, std::string_view text,
                       const std::vector<Token>& tokens, const Block& block);

}  // namespace penstock::sql
