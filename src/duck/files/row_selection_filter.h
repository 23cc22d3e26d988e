#pragma once

#include <duckdb.hpp>
#include <duckdb/common/multi_file/multi_file_data.hpp>
#include <duckdb/planner/table_filter.hpp>

#include "duck/files/table_files.h"

namespace penstock::duck {

// A selection of a file's rows as the engine's scans ask for it; not for other rooms.

// Which rows of a run of rows are read.
duckdb::unique_ptr<duckdb::DeleteFilter> SelectionFilter(RowSelection selection);

// The filters of a scan (null: none), where one on the position of rows is there, with the
// knowledge of which positions are of any use: row groups without them are not read.
duckdb::unique_ptr<duckdb::TableFilterSet> WithPositions(
    duckdb::optional_ptr<duckdb::TableFilterSet> filters,
    const duckdb::vector<duckdb::ColumnIndex>& columns, const RowSet& rows);

}  // namespace penstock::duck
