#pragma once

#include <optional>
#include <string>
#include <vector>

#include "delta/snapshot.h"
#include "delta/table_columns.h"
#include "duck/engine.h"

// Rows in an order in which those that are alike in several columns lie together.
namespace penstock::lake {

// A column, or a field in structs, by its path of names in the table.
using ColumnPath = std::vector<std::string>;

// The columns a table is CLUSTER BY'd by, by their names; none when it is not. They stand in the
// domain "delta.clustering", as physical names: a text a column, or a list of them for a path.
// BAD_CLUSTERING when the domain cannot be understood or names a column that is not there.
Result<std::vector<ColumnPath>> ClusteringColumns(const delta::Snapshot& snapshot);

// "a.b" → {"a", "b"}; a column that has a dot in its name is found first.
ColumnPath ParseColumnPath(const std::vector<delta::TableColumn>& columns, const std::string& text);

// A SELECT of the columns `stored` of `relation` in Z-order of `by`: each column's values are put
// into up to 256 ranges of about as many rows, NULLs apart, by a sample of the rows; the bits of
// the numbers of the ranges are interleaved. Rows of equal numbers are in the order of the columns.
// `rows` is how many there are, if known. Columns of nested types are refused (INVALID_ZORDER_BY).
Result<std::string> ZorderedSql(duck::Connection& connection, const std::string& relation,
                                const Schema& stored, const std::vector<ColumnPath>& by,
                                const std::vector<delta::TableColumn>& columns,
                                std::optional<int64_t> rows);

}  // namespace penstock::lake
