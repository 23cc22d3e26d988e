#pragma once

#include "base/data_type.h"
#include "base/result.h"
#include "delta/table_columns.h"

// Which types a column may be widened to, and the record of it (PROTOCOL.md, "Type Widening").
namespace penstock::delta {

// Whether values of files of the type `from` can be read as `to`.
bool CanWiden(const DataType& from, const DataType& to);
// What a type can be widened to, for people: "SMALLINT, INT, BIGINT …"; empty: nothing.
std::string WiderTypes(const DataType& from);

// Adds to delta.typeChanges of `column`, the nearest struct field. `field_path` is that of an
// array's element or a map's key or value inside of it ("value.element"), else empty.
void RecordTypeChange(const DataType& from, const DataType& to, const std::string& field_path,
                      TableColumn* column);

}  // namespace penstock::delta
