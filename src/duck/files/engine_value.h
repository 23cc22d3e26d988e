#pragma once

#include <duckdb.hpp>
#include <string>

#include "base/data_type.h"
#include "base/result.h"

// Our types and texts as the engine's; not for other rooms.
namespace penstock::duck {

duckdb::LogicalType LogicalTypeOf(const DataType& type);

// The value of a partition column from its text in the log; nothing and the empty text are NULL
// (PROTOCOL.md, "Partition Value Serialization"). A time without zone is one of UTC.
// BAD_PARTITION_VALUE.
Result<duckdb::Value> ValueOfText(const std::optional<std::string>& text, const DataType& type);

// The reverse, in the form of Comparison::values; nothing where that form cannot say it.
std::optional<std::string> TextOfValue(const duckdb::Value& value);

}  // namespace penstock::duck
