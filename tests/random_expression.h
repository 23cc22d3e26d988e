#pragma once

#include <optional>
#include <string>
#include <vector>

#include "tests/random_table.h"

namespace penstock::tests {

// What a part of a query can refer to: the names are texts that may stand in an expression.
using Columns = std::vector<RandomColumn>;

// A column of the kind, if there is one.
std::optional<std::string> ColumnOfKind(Choice& choice, const Columns& columns, Kind kind);
// Two columns, one of each side, that can be compared.
std::optional<std::pair<RandomColumn, RandomColumn>> ComparablePair(Choice& choice,
                                                                    const Columns& left,
                                                                    const Columns& right);
// "a, b DESC, c": all of the columns, so that rows that tie are equal.
std::string TotalOrder(Choice& choice, const Columns& columns);

RandomColumn RandomValue(Choice& choice, const Columns& columns);  // an expression and its kind
// Without subqueries.
std::string RandomPredicate(Choice& choice, const Columns& columns, int depth);
// A call of an aggregate over the columns; `keys` are the same within a group.
RandomColumn RandomAggregate(Choice& choice, const Columns& columns, const Columns& keys);
// Whether the place of a row among equal ones may count.
enum class WindowUse { kAny, kWithoutPlaces };
// A call with OVER; `partition` may be empty.
RandomColumn RandomWindowCall(Choice& choice, const Columns& columns, const std::string& partition,
                              WindowUse use);

}  // namespace penstock::tests
