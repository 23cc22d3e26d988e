#include "delta/alter.h"

#include <algorithm>
#include <utility>

#include "base/text.h"
#include "delta/clustering_domain.h"
#include "delta/column_edit.h"
#include "delta/feature_removal.h"
#include "delta/protocol_request.h"
#include "delta/table_features.h"
#include "delta/table_properties.h"

namespace penstock::delta {

namespace {

constexpr std::string_view kConstraint = "delta.constraints.";
constexpr char kMode[] = "delta.columnMapping.mode";

using Outcome = Result<std::optional<Alteration>>;

// The column as ADD COLUMNS and CHANGE COLUMN show it in the history.
Json ColumnJson(const std::vector<TableColumn>& columns, const ColumnPath& path) {
  std::vector<TableColumn> copy = columns;
  const auto spot = FindSpot(&copy, path);
  if (!spot.ok()) return Json::object();
  return Json::parse(EncodeColumns({spot->column()}))["fields"][0];
}

Json PathJson(const ColumnPath& path) { return PathText(path); }

// Decides one kind of request after the other.
class Planner {
 public:
  explicit Planner(const TableState& table) : table_(table), metadata_(*table.metadata) {}

  Outcome operator()(const AddColumns& request) {
    ASSIGN_OR_RETURN(ColumnEdit edit, Edit());
    Json added = Json::array();
    for (const NewColumn& column : request.columns) {
      RETURN_IF_ERROR(edit.Add(column, request.if_not_exists, false));
      ColumnPath path = column.parents;
      path.push_back(column.field.name);
      added.push_back({{"column", ColumnJson(edit.columns(), path)}});
    }
    return Done("ADD COLUMNS", {{"columns", DumpJson(added)}}, edit.Finish());
  }
  Outcome operator()(const RenameColumn& request) {
    ASSIGN_OR_RETURN(ColumnEdit edit, Edit());
    RETURN_IF_ERROR(edit.Rename(request));
    ColumnPath to = request.column;
    to.back() = request.to;
    return Done("RENAME COLUMN",
                {{"oldColumnPath", PathJson(request.column)}, {"newColumnPath", PathJson(to)}},
                edit.Finish());
  }
  Outcome operator()(const DropColumns& request) {
    ASSIGN_OR_RETURN(ColumnEdit edit, Edit());
    Json dropped = Json::array();
    for (const ColumnPath& path : request.columns) {
      RETURN_IF_ERROR(edit.Drop(path, request.if_exists));
      dropped.push_back(PathJson(path));
    }
    return Done("DROP COLUMNS", {{"columns", DumpJson(dropped)}}, edit.Finish());
  }
  Outcome operator()(const ChangeColumn& request) {
    ASSIGN_OR_RETURN(ColumnEdit edit, Edit());
    RETURN_IF_ERROR(edit.Change(request));
    const Json column = ColumnJson(edit.columns(), request.column);
    Outcome outcome = Done("CHANGE COLUMN", {{"column", DumpJson(column)}}, edit.Finish());
    const bool stricter = request.nullable && !*request.nullable;
    if (outcome.ok() && *outcome) (*outcome)->check_rows = stricter;
    return outcome;
  }
  Outcome operator()(const SetProperties& request) {
    Configuration given = request.properties;
    ASSIGN_OR_RETURN(const ProtocolRequest asked, TakeProtocolRequest(&given));
    ASSIGN_OR_RETURN(const Configuration settings, CheckedProperties(given));
    Metadata next = metadata_;
    const auto mode = settings.find(kMode);
    if (mode != settings.end()) {
      ASSIGN_OR_RETURN(next, WithMapping(mode->second));
    }
    for (const auto& [key, value] : settings) next.configuration[key] = value;
    const Json parameters = {{"properties", DumpJson(Json(settings))}};
    const Protocol raised = RaisedProtocol(Granted(*table_.protocol, asked), next);
    const bool only_protocol = next == metadata_ && !(raised == *table_.protocol);
    if (only_protocol) {
      return Done("UPGRADE PROTOCOL", {{"newProtocol", ProtocolText(raised)}}, next, raised);
    }
    return Done("SET TBLPROPERTIES", parameters, next, raised);
  }
  Outcome operator()(const UnsetProperties& request) {
    Metadata next = metadata_;
    for (const std::string& key : request.keys) {
      if (EqualsIgnoreCase(key, kMode) && ColumnMappingOf(metadata_) != ColumnMapping::kNone) {
        return UserError("BAD_PROPERTY", "column mapping cannot be switched off by its property",
                         "Use ALTER TABLE … DROP FEATURE columnMapping.");
      }
      if (AsciiLower(key).starts_with(kConstraint) ||
          EqualsIgnoreCase(key, "delta.columnMapping.maxColumnId") ||
          AsciiLower(key).starts_with("delta.rowtracking.")) {
        return UserError("BAD_PROPERTY", "the property " + key + " cannot be unset",
                         "Constraints go by ALTER TABLE … DROP CONSTRAINT, what features keep by "
                         "ALTER TABLE … DROP FEATURE.");
      }
      const size_t erased = std::erase_if(next.configuration, [&](const auto& entry) {
        return EqualsIgnoreCase(entry.first, key);
      });
      if (erased == 0 && !request.if_exists) {
        return UserError("PROPERTY_NOT_FOUND", "the table has no property '" + key + "'",
                         "SHOW TBLPROPERTIES lists them; UNSET TBLPROPERTIES IF EXISTS passes over "
                         "what is not there.");
      }
    }
    return Done("UNSET TBLPROPERTIES",
                {{"properties", DumpJson(Json(request.keys))},
                 {"ifExists", request.if_exists ? "true" : "false"}},
                next);
  }
  Outcome operator()(const AddConstraint& request) {
    Metadata next = metadata_;
    if (request.name.empty() || FindConstraint(request.name) != metadata_.configuration.end()) {
      return UserError("CONSTRAINT_EXISTS", "there is a constraint '" + request.name + "' already",
                       "Give it another name, or DROP CONSTRAINT first.");
    }
    next.configuration[std::string(kConstraint) + AsciiLower(request.name)] = request.condition;
    Outcome outcome =
        Done("ADD CONSTRAINT", {{"name", request.name}, {"expr", request.condition}}, next);
    if (outcome.ok() && *outcome) (*outcome)->check_rows = true;
    return outcome;
  }
  Outcome operator()(const DropConstraint& request) {
    const auto found = FindConstraint(request.name);
    if (found == metadata_.configuration.end()) {
      if (request.if_exists) return std::optional<Alteration>();
      return UserError("CONSTRAINT_NOT_FOUND",
                       "the table has no constraint '" + request.name + "'" + ConstraintNames(),
                       "Name one that it has, or say IF EXISTS.");
    }
    Metadata next = metadata_;
    next.configuration.erase(found->first);
    return Done("DROP CONSTRAINT", {{"name", request.name}, {"expr", found->second}}, next);
  }
  Outcome operator()(const ClusterBy& request) {
    ASSIGN_OR_RETURN(DomainMetadata domain, ClusteringDomain(metadata_, request.columns));
    Json names = Json::array();
    for (const ColumnPath& path : request.columns) names.push_back(PathText(path));
    const Protocol raised = WithFeature(*table_.protocol, "clustering");
    Alteration alteration;
    Describe("CLUSTER BY", {{"newClusteringColumns", DumpJson(names)}}, &alteration.change);
    if (!(raised == *table_.protocol)) alteration.change.protocol = raised;
    alteration.change.domains.push_back(std::move(domain));
    return std::optional(std::move(alteration));
  }
  Outcome operator()(const DropFeature& request) { return PlanFeatureRemoval(table_, request); }
  Outcome operator()(const SetComment& request) {
    Metadata next = metadata_;
    next.description = request.comment;
    const Json shown = {{"comment", request.comment.value_or("")}};
    return Done("SET TBLPROPERTIES", {{"properties", DumpJson(shown)}}, next);
  }

 private:
  Result<ColumnEdit> Edit() const { return ColumnEdit::Of(metadata_, ClusteredColumns(table_)); }

  static void Describe(const char* operation, const Json& parameters, Change* change) {
    change->info.operation = operation;
    change->info.operation_parameters = parameters;
    change->info.is_blind_append = false;
  }

  Outcome Done(const char* operation, const Json& parameters, const Metadata& next) const {
    return Done(operation, parameters, next, RaisedProtocol(*table_.protocol, next));
  }
  Outcome Done(const char* operation, const Json& parameters, const Metadata& next,
               const Protocol& protocol) const {
    Alteration alteration;
    Describe(operation, parameters, &alteration.change);
    if (!(protocol == *table_.protocol)) alteration.change.protocol = protocol;
    if (!(next == metadata_)) alteration.change.metadata = next;
    if (!alteration.change.protocol && !alteration.change.metadata) {
      return std::optional<Alteration>();
    }
    return std::optional(std::move(alteration));
  }

  // none → name gives the columns ids and their own names; nothing else can be done without
  // writing the files anew.
  Result<Metadata> WithMapping(const std::string& mode) const {
    Metadata next = metadata_;
    const ColumnMapping before = ColumnMappingOf(metadata_);
    next.configuration[kMode] = mode;
    if (before == ColumnMappingOf(next)) return next;
    if (before != ColumnMapping::kNone || mode != "name") {
      return UserError("BAD_PROPERTY",
                       "delta.columnMapping.mode cannot be changed to '" + mode + "' here",
                       "A table without column mapping can get 'name'; 'id' only when it is made.");
    }
    ASSIGN_OR_RETURN(ColumnEdit edit, ColumnEdit::Of(next, {}));
    edit.MapColumns(false);
    return edit.Finish();
  }

  static std::string ProtocolText(const Protocol& protocol) {
    return DumpJson(Json{{"minReaderVersion", protocol.min_reader_version},
                         {"minWriterVersion", protocol.min_writer_version},
                         {"readerFeatures", protocol.reader_features},
                         {"writerFeatures", protocol.writer_features}});
  }

  Configuration::const_iterator FindConstraint(const std::string& name) const {
    const std::string key = std::string(kConstraint) + name;
    return std::find_if(metadata_.configuration.begin(), metadata_.configuration.end(),
                        [&](const auto& entry) { return EqualsIgnoreCase(entry.first, key); });
  }
  std::string ConstraintNames() const {
    std::string names;
    for (const auto& [key, value] : metadata_.configuration) {
      if (!key.starts_with(kConstraint)) continue;
      names += (names.empty() ? "; it has " : ", ") + key.substr(kConstraint.size());
    }
    return names;
  }

  const TableState& table_;
  const Metadata& metadata_;
};

}  // namespace

Result<std::optional<Alteration>> PlanAlteration(const TableState& table,
                                                 const AlterRequest& request) {
  return std::visit(Planner(table), request);
}

}  // namespace penstock::delta
