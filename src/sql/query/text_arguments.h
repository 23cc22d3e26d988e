#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

#include "sql/query/query_parser.h"

// Spark reads numbers and times as text where a function takes text; the engine wants a cast.
namespace penstock::sql {

// Begins the cast; a text passes it at no cost.
constexpr std::string_view kAsText = "spark_text_of(";

// The arguments of the function that are texts: bit 0 is the first.
unsigned TextArguments(std::string_view lower_name);

// Whether the expression is seen to be a text.
bool IsText(const std::vector<Node>& nodes, const std::vector<Token>& tokens, size_t node);

}  // namespace penstock::sql
