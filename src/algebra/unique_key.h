#pragma once

#include <optional>
#include <set>
#include <vector>

#include "algebra/plan.h"

namespace penstock::algebra {

// Whether no two rows of the node can agree on all of `columns` (NULL agreeing with NULL), as far
// as the operators say; nothing is known of scans.
bool IsUniqueBy(const NodePtr& node, const std::set<size_t>& columns);

// The column of which the expression keeps all values apart: a column, or one that is cast to a
// type that has each of its values.
std::optional<size_t> ColumnKeptBy(const ExpressionPtr& expression);

// The columns of one side of a join that its keys keep apart.
std::set<size_t> KeyColumns(const std::vector<JoinKey>& keys, bool right);

// A set of columns, small, that no two rows agree on; nothing when none is known. At most one row:
// the empty set.
std::optional<std::vector<size_t>> UniqueKey(const NodePtr& node);

}  // namespace penstock::algebra
