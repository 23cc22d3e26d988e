#pragma once

#include <string>
#include <vector>

#include "base/data_type.h"
#include "delta/table_columns.h"

// What data files make of the columns of a table with column mapping (PROTOCOL.md, "Column
// Mapping"): other names, also inside structs, and field ids.
namespace penstock::lake {

// The columns with their physical names at every depth; types, order and nullability stay.
Schema PhysicalSchema(const std::vector<delta::TableColumn>& columns);

// `value`, SQL of the column's type, with the physical names of the fields in it.
std::string PhysicalValue(const std::string& value, const delta::TableColumn& column);

// The FIELD_IDS of the engine's COPY for those columns: {"p": 1, "s": {__duckdb_field_id: 2,
// "x": 3}}; empty when no column has an id.
std::string FieldIds(const std::vector<delta::TableColumn>& columns);

// The physical path of a column that is named by its path in the table; empty when there is none.
std::vector<std::string> PhysicalPath(const std::vector<delta::TableColumn>& columns,
                                      const std::vector<std::string>& path);

}  // namespace penstock::lake
