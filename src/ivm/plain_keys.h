#pragma once

#include <map>
#include <set>
#include <string>

#include "algebra/plan.h"

namespace penstock::ivm {

// What is known of the NULLs of relations: by name, their columns that have some. Nothing is known
// of a relation that is not named.
using NullableColumns = std::map<std::string, std::set<std::string>>;

// The same rows by another plan: null-safe keys of joins are plain ones where one of the sides has
// no NULL, and a semi join with a relation that has NULLs in one key is one by the others and one
// for the rows that are NULL there. Plain keys let the engine tell the scans of the other side
// which rows are wanted.
algebra::NodePtr WithPlainKeys(const algebra::NodePtr& plan, const NullableColumns& known);

}  // namespace penstock::ivm
