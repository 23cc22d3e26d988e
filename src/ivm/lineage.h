#pragma once

#include <string>
#include <vector>

#include "algebra/plan.h"

namespace penstock::ivm {

// The column of a scan's relation that says where each row stands.
inline constexpr char kPlaceColumn[] = "__penstock_position";
inline constexpr char kPlaceType[] = "STRUCT(\"file\" VARCHAR, record BIGINT)";

// Rows of a plan with the rows of its scans that they come from, one combination a row, after Cui
// and Widom (lineage) and Perm (rewriting): of a group all rows that are in it, of a join both
// partners, of a window function the row itself, of EXCEPT and anti joins the left row. What is not
// there has no place: rows that an anti join did not find.
struct Lineage {
  algebra::NodePtr rows;               // the plan's columns, then the places
  std::vector<std::string> relations;  // the scan of each place; a scan may be there several times
};
Lineage LineageOf(const algebra::NodePtr& plan);

}  // namespace penstock::ivm
