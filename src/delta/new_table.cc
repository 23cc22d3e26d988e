#include <utility>

#include "base/text.h"
#include "base/variant_type.h"
#include "delta/alter.h"
#include "delta/clustering_domain.h"
#include "delta/column_edit.h"
#include "delta/protocol_request.h"
#include "delta/table.h"
#include "delta/table_features.h"
#include "delta/table_properties.h"

namespace penstock::delta {

namespace {

constexpr char kVectors[] = "delta.enableDeletionVectors";

Error BadPartitioning(const std::string& what) {
  return UserError("BAD_PARTITIONING", "the table cannot be partitioned " + what,
                   "Name columns of simple types of the table, not all of them, once each.");
}

// The columns with the names as they were declared.
Result<std::vector<std::string>> Partitioning(const std::vector<TableColumn>& columns,
                                              const std::vector<std::string>& wanted) {
  std::vector<std::string> names;
  for (const std::string& name : wanted) {
    const TableColumn* column = FindColumn(columns, name);
    if (column == nullptr) return BadPartitioning("by " + name + ", which is no column");
    if (!column->children.empty() || column->type.id == kVariantType) {
      return BadPartitioning("by " + name + " of the type " + ToString(column->type));
    }
    for (const std::string& other : names) {
      if (other == column->name) return BadPartitioning("twice by " + name);
    }
    names.push_back(column->name);
  }
  if (!names.empty() && names.size() == columns.size()) {
    return BadPartitioning("by all of its columns");
  }
  return names;
}

Json Parameters(const TableDefinition& definition, const Metadata& metadata) {
  Json clustered = Json::array();
  for (const ColumnPath& path : definition.cluster_columns) clustered.push_back(PathText(path));
  return {{"partitionBy", DumpJson(Json(metadata.partition_columns))},
          {"clusterBy", DumpJson(clustered)},
          {"description", metadata.description ? Json(*metadata.description) : Json()},
          {"isManaged", "false"},
          {"properties", DumpJson(Json(metadata.configuration))}};
}

Result<Metadata> Described(const TableDefinition& definition, Configuration settings,
                           int64_t now_ms) {
  for (const AddConstraint& constraint : definition.constraints) {
    const std::string key = "delta.constraints." + AsciiLower(constraint.name);
    if (!settings.emplace(key, constraint.condition).second) {
      return UserError("CONSTRAINT_EXISTS",
                       "the constraint '" + constraint.name + "' is declared twice",
                       "Give each constraint a name of its own.");
    }
  }
  settings.emplace(kVectors, "true");
  const Metadata empty = NewMetadata({}, {}, std::move(settings), definition.comment, now_ms);
  ASSIGN_OR_RETURN(ColumnEdit edit, ColumnEdit::Of(empty, {}));
  for (const NewColumn& column : definition.columns) {
    RETURN_IF_ERROR(edit.Add(column, false, true));
  }
  Metadata metadata = edit.Finish();
  ASSIGN_OR_RETURN(metadata.partition_columns,
                   Partitioning(edit.columns(), definition.partition_columns));
  return metadata;
}

}  // namespace

Result<Change> NewTable(const TableDefinition& definition, int64_t now_ms) {
  Configuration given = definition.properties;
  ASSIGN_OR_RETURN(const ProtocolRequest asked, TakeProtocolRequest(&given));
  ASSIGN_OR_RETURN(Configuration settings, CheckedProperties(given));
  Change change;
  ASSIGN_OR_RETURN(change.metadata, Described(definition, std::move(settings), now_ms));
  change.protocol = RaisedProtocol(Granted(Protocol{}, asked), *change.metadata);
  if (!definition.cluster_columns.empty()) {
    ASSIGN_OR_RETURN(DomainMetadata domain,
                     ClusteringDomain(*change.metadata, definition.cluster_columns));
    change.domains.push_back(std::move(domain));
    change.protocol = WithFeature(*change.protocol, "clustering");
  }
  change.info.operation = "CREATE TABLE";
  change.info.operation_parameters = Parameters(definition, *change.metadata);
  change.info.is_blind_append = true;
  return change;
}

}  // namespace penstock::delta
