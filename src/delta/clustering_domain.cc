#include "delta/clustering_domain.h"

#include "base/variant_type.h"
#include "delta/column_edit.h"

namespace penstock::delta {

namespace {

constexpr char kDomain[] = "delta.clustering";
constexpr char kColumns[] = "clusteringColumns";
constexpr size_t kMostColumns = 4;

Error BadClustering(const std::string& what, const std::string& remedy) {
  return UserError("BAD_CLUSTERING", "the table cannot be clustered " + what, remedy);
}

bool IsOrdered(TypeId id) {
  return id != TypeId::kStruct && id != TypeId::kArray && id != TypeId::kMap &&
         id != TypeId::kBinary && id != TypeId::kBoolean && id != TypeId::kVoid &&
         id != kVariantType;
}

}  // namespace

Result<DomainMetadata> ClusteringDomain(const Metadata& metadata,
                                        const std::vector<ColumnPath>& columns) {
  if (!columns.empty() && !metadata.partition_columns.empty()) {
    return BadClustering("and partitioned at once", "Make a table without PARTITIONED BY.");
  }
  if (columns.size() > kMostColumns) {
    return BadClustering("by " + std::to_string(columns.size()) + " columns",
                         "Name at most " + std::to_string(kMostColumns) + ".");
  }
  ASSIGN_OR_RETURN(std::vector<TableColumn> all, TableColumns(metadata));
  Json paths = Json::array();
  for (const ColumnPath& path : columns) {
    Json physical = Json::array();
    ColumnPath prefix;
    TypeId last = TypeId::kVoid;
    for (const std::string& part : path) {
      prefix.push_back(part);
      ASSIGN_OR_RETURN(const ColumnSpot spot, FindSpot(&all, prefix));
      physical.push_back(PhysicalName(spot.column()));
      last = spot.column().type.id;
    }
    if (!IsOrdered(last)) {
      return BadClustering("by " + PathText(path) + ", whose type has no ranges",
                           "Name columns of numbers, texts, dates or times.");
    }
    for (const Json& other : paths) {
      if (other == physical) return BadClustering("twice by " + PathText(path), "Name it once.");
    }
    paths.push_back(std::move(physical));
  }
  const Json value = {{kColumns, std::move(paths)}, {"domainName", kDomain}};
  return DomainMetadata{kDomain, DumpJson(value), false};
}

std::vector<std::string> ClusteredColumns(const TableState& table) {
  std::vector<std::string> names;
  if (table.domains == nullptr) return names;
  const auto found = table.domains->find(kDomain);
  if (found == table.domains->end() || found->second.removed) return names;
  const Result<Json> json = ParseJson(found->second.configuration, kDomain);
  if (!json.ok() || !json->is_object() || !json->contains(kColumns)) return names;
  for (const Json& entry : (*json)[kColumns]) {
    const Json& first = entry.is_array() && !entry.empty() ? entry[0] : entry;
    if (first.is_string()) names.push_back(first.get<std::string>());
  }
  return names;
}

}  // namespace penstock::delta
