#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "delta/alter.h"

// The domain "delta.clustering" (PROTOCOL.md, "Clustered Table").
namespace penstock::delta {

// {"clusteringColumns": [["a"], ["s", "b"]], "domainName": "delta.clustering"} with physical names.
// BAD_CLUSTERING, COLUMN_NOT_FOUND.
Result<DomainMetadata> ClusteringDomain(const Metadata& metadata,
                                        const std::vector<ColumnPath>& columns);
// The physical names of the columns, of paths the first part, that a table is clustered by.
std::vector<std::string> ClusteredColumns(const TableState& table);

}  // namespace penstock::delta
