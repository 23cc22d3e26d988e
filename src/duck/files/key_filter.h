#pragma once

#include <duckdb.hpp>
#include <duckdb/planner/table_filter.hpp>

namespace penstock::duck {

// The keys that a join looks for, as conditions of a scan; not for other rooms.
//
// A join of few keys gives the scan of its other side the list of them, by which the engine leaves
// row groups out, key by key, and reads every row of the others. Where the keys are integers, dates
// or times, the list becomes a filter that also tests each row, so that other columns are read only
// where there is a key, and that searches the sorted keys for a row group.

// Replaces the lists of a scan's filters; long lists that cannot be are dropped.
void UseKeyFilters(duckdb::TableFilterSet* filters);

}  // namespace penstock::duck
