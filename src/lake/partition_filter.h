#pragma once

#include <set>
#include <string>
#include <vector>

#include "delta/snapshot.h"
#include "delta/table_columns.h"
#include "duck/engine.h"

namespace penstock::lake {

// The value of a partition column as SQL text of its type; the key is the physical name, and an
// empty text is null (PROTOCOL.md, "Partition Value Serialization").
std::string PartitionLiteral(const delta::PartitionValues& values,
                             const delta::TableColumn& column);

// The partition columns of a table, in order.
std::vector<delta::TableColumn> PartitionColumns(const delta::Metadata& metadata,
                                                 const std::vector<delta::TableColumn>& columns);

// The partitions of `files` that satisfy `condition`, an expression over partition columns (bare or
// behind "target"). PARTITION_CONDITION when it is about something else.
Result<std::set<delta::PartitionValues>> PartitionsWhere(
    duck::Connection& connection, const std::vector<delta::AddFile>& files,
    const std::vector<delta::TableColumn>& partition_columns, const std::string& condition);

}  // namespace penstock::lake
