#pragma once

#include "algebra/plan.h"

namespace penstock::duck {

// The engine makes `list(x ORDER BY x)` a list of any order that a projection above sorts. `input`
// with the order told to the aggregate as well, where it is one of which `project` sorts lists and
// reads them no other way: so it is known that the order of its rows does not count.
algebra::NodePtr WithSortedLists(const algebra::NodePtr& input, const algebra::Project& project);

}  // namespace penstock::duck
