#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "delta/table_columns.h"
#include "lake/alter_table.h"
#include "lake/clustering.h"
#include "run/pipeline.h"
#include "run/statement_runners.h"
#include "run/target.h"

namespace penstock::run {
namespace {

constexpr std::string_view kOwnProperties = "penstock.";
constexpr std::string_view kConstraintProperties = "delta.constraints.";

delta::NewColumn NewColumnOf(const sql::ColumnDefinition& column) {
  delta::NewColumn made;
  made.field = column.field;
  if (column.generated) made.generated = column.generated->text;
  if (column.default_value) made.default_value = column.default_value->text;
  made.parents = column.parents;
  made.place = {column.first, column.after};
  return made;
}

std::vector<delta::ColumnPath> PathsOf(const std::vector<std::string>& names) {
  std::vector<delta::ColumnPath> paths;
  for (const std::string& name : names) paths.push_back({name});
  return paths;
}

// Properties by which updates know their tables are no matter of users.
Status CheckProperty(const std::string& key, const SourceLocation& where) {
  if (!key.starts_with(kOwnProperties) || key == kAdoptKey) return OkStatus();
  return UserError("BAD_PROPERTY", fmt::format("the property '{}' is Penstock's own", key),
                   "Choose another prefix.")
      .At(where);
}

std::optional<std::string> TextOf(const Json& metadata, const char* key) {
  const auto found = metadata.find(key);
  if (found == metadata.end() || !found->is_string()) return std::nullopt;
  return found->get<std::string>();
}

// What CREATE TABLE … LIKE takes over: columns, partitioning, clustering, constraints, properties.
Result<delta::TableDefinition> DefinitionOf(const delta::Snapshot& snapshot) {
  const delta::Metadata& metadata = snapshot.metadata();
  delta::TableDefinition definition;
  ASSIGN_OR_RETURN(const auto columns, delta::TableColumns(metadata));
  for (const delta::TableColumn& column : columns) {
    delta::NewColumn made;
    made.field = {column.name, column.type, column.nullable,
                  TextOf(column.metadata, "comment").value_or("")};
    made.generated = TextOf(column.metadata, "delta.generationExpression");
    made.default_value = TextOf(column.metadata, "CURRENT_DEFAULT");
    definition.columns.push_back(std::move(made));
  }
  definition.partition_columns = metadata.partition_columns;
  ASSIGN_OR_RETURN(definition.cluster_columns, lake::ClusteringColumns(snapshot));
  definition.comment = metadata.description;
  for (const auto& [key, value] : metadata.configuration) {
    if (key.starts_with(kOwnProperties) || key == "delta.columnMapping.maxColumnId") continue;
    if (key.starts_with(kConstraintProperties)) {
      definition.constraints.push_back({key.substr(kConstraintProperties.size()), value});
    } else {
      definition.properties[key] = value;
    }
  }
  return definition;
}

class Creation {
 public:
  Creation(Workspace& workspace, const StatementContext& context, const sql::CreateTable& create)
      : workspace_(workspace), context_(context), create_(create) {}

  Result<StatementRows> Run() {
    auto done = Steps();
    if (!done.ok()) return std::move(done).error().At(create_.table.text.where);
    return StatementRows{};
  }

 private:
  Status Steps() {
    ASSIGN_OR_RETURN(NamedTable table, FindTable(workspace_, context_, create_.table));
    RETURN_IF_ERROR(Place(&table));
    ASSIGN_OR_RETURN(const bool exists, table.table->Exists());
    if (exists && create_.if_not_exists) return Register(table);
    if (exists) RETURN_IF_ERROR(CheckReplaceable(table));
    // A table that is there already is taken as it is where nothing says how it should be.
    const bool takes = exists && create_.location && !create_.replace && create_.columns.empty() &&
                       !create_.query && !create_.like;
    if (takes) return Register(table);
    ASSIGN_OR_RETURN(lake::CreateTableRequest request, Request());
    duck::Connection* connection = prepared_.connection.get();
    ASSIGN_OR_RETURN(duck::Connection plain, workspace_.engine->Connect());
    lake::Lake lake = LakeOf(workspace_, connection == nullptr ? &plain : connection);
    for (const auto& [path, version] : prepared_.versions) {
      if (path == table.path) lake.reading = lake::TargetReading{version, true};
    }
    if (create_.query) request.query = prepared_.query;
    RETURN_IF_ERROR(lake::CreateTable(lake, *table.table, request));
    return Register(table);
  }

  Status Place(NamedTable* table) {
    if (!create_.location) return OkStatus();
    if (!table->name) {
      return UserError("SQL_SYNTAX", "LOCATION for a table that is named by its path",
                       "Leave LOCATION out, or give the table a name.");
    }
    table->path = PlaceOf(workspace_, *create_.location);
    table->table = workspace_.catalog->OpenPath(table->path);
    return OkStatus();
  }

  Status Register(const NamedTable& table) {
    if (!create_.location) return OkStatus();
    return workspace_.catalog->RegisterExternal(*table.name, table.path);
  }

  Status CheckReplaceable(const NamedTable& table) {
    if (!create_.replace) return OkStatus();
    ASSIGN_OR_RETURN(const delta::SnapshotPtr snapshot, table.table->Latest());
    if (!snapshot->metadata().configuration.contains(kKindKey)) return OkStatus();
    return UserError("TABLE_NOT_CHANGEABLE",
                     fmt::format("{} belongs to a pipeline, whose next update would find another "
                                 "table in its place",
                                 table.label),
                     "Change its statement in the pipeline files, or drop it first.");
  }

  Result<lake::CreateTableRequest> Request() {
    lake::CreateTableRequest request;
    request.if_not_exists = create_.if_not_exists;
    request.replace = create_.replace;
    request.must_exist = create_.must_exist;
    delta::TableDefinition& definition = request.definition;
    if (create_.like) {
      ASSIGN_OR_RETURN(const NamedTable source, OpenTable(workspace_, context_, *create_.like));
      ASSIGN_OR_RETURN(const delta::SnapshotPtr snapshot, source.table->Latest());
      ASSIGN_OR_RETURN(definition, DefinitionOf(*snapshot));
    }
    for (const sql::ColumnDefinition& column : create_.columns) {
      definition.columns.push_back(NewColumnOf(column));
    }
    if (create_.query) RETURN_IF_ERROR(ColumnsOfQuery(&definition));
    if (!create_.partitioned_by.empty()) definition.partition_columns = create_.partitioned_by;
    if (!create_.clustered_by.empty()) definition.cluster_columns = PathsOf(create_.clustered_by);
    for (const auto& [key, value] : create_.properties) {
      RETURN_IF_ERROR(CheckProperty(key, create_.table.text.where));
      definition.properties[key] = value;
    }
    for (const sql::CheckConstraint& constraint : create_.constraints) {
      definition.constraints.push_back({constraint.name, constraint.condition.text});
    }
    if (create_.comment) definition.comment = create_.comment;
    return request;
  }

  Status ColumnsOfQuery(delta::TableDefinition* definition) {
    const SqlSurroundings surroundings{context_.catalog, context_.schema, context_.configuration};
    ASSIGN_OR_RETURN(prepared_, PrepareSql(workspace_, *create_.query, surroundings));
    ASSIGN_OR_RETURN(const Schema columns, prepared_.connection->Describe(prepared_.query));
    for (const Field& field : columns) {
      delta::NewColumn column;
      column.field = field;
      column.field.nullable = true;
      definition->columns.push_back(std::move(column));
    }
    return OkStatus();
  }

  Workspace& workspace_;
  const StatementContext& context_;
  const sql::CreateTable& create_;
  PreparedSql prepared_;
};

struct RequestOf {
  delta::AlterRequest operator()(const sql::AddColumns& add) const {
    delta::AddColumns request;
    for (const sql::ColumnDefinition& column : add.columns) {
      request.columns.push_back(NewColumnOf(column));
    }
    request.if_not_exists = add.if_not_exists;
    return request;
  }
  delta::AlterRequest operator()(const sql::RenameColumn& rename) const {
    return delta::RenameColumn{rename.column, rename.to};
  }
  delta::AlterRequest operator()(const sql::DropColumns& drop) const {
    return delta::DropColumns{drop.columns, drop.if_exists};
  }
  delta::AlterRequest operator()(const sql::ChangeColumn& change) const {
    delta::ChangeColumn request;
    request.column = change.column;
    request.type = change.type;
    request.comment = change.comment;
    request.nullable = change.nullable;
    if (change.default_value) request.default_value = change.default_value->text;
    request.drop_default = change.drop_default;
    request.place = {change.first, change.after};
    return request;
  }
  delta::AlterRequest operator()(const sql::SetProperties& set) const {
    return delta::SetProperties{set.properties};
  }
  delta::AlterRequest operator()(const sql::UnsetProperties& unset) const {
    return delta::UnsetProperties{unset.keys, unset.if_exists};
  }
  delta::AlterRequest operator()(const sql::AddConstraint& add) const {
    return delta::AddConstraint{add.constraint.name, add.constraint.condition.text};
  }
  delta::AlterRequest operator()(const sql::DropConstraint& drop) const {
    return delta::DropConstraint{drop.name, drop.if_exists};
  }
  delta::AlterRequest operator()(const sql::ClusterBy& cluster) const {
    return delta::ClusterBy{PathsOf(cluster.columns)};
  }
  delta::AlterRequest operator()(const sql::DropFeature& drop) const {
    return delta::DropFeature{drop.feature, drop.truncate_history};
  }
  delta::AlterRequest operator()(const sql::SetTableComment& set) const {
    return delta::SetComment{set.comment};
  }
};

// What an update of the pipeline would undo or trip over is refused.
Status CheckAlterable(const NamedTable& table, const delta::Snapshot& snapshot,
                      const sql::AlterTable& alter) {
  const SourceLocation& where = alter.table.text.where;
  if (const auto* set = std::get_if<sql::SetProperties>(&alter.change)) {
    for (const auto& [key, value] : set->properties) RETURN_IF_ERROR(CheckProperty(key, where));
  }
  if (const auto* unset = std::get_if<sql::UnsetProperties>(&alter.change)) {
    for (const std::string& key : unset->keys) RETURN_IF_ERROR(CheckProperty(key, where));
  }
  if (!snapshot.metadata().configuration.contains(kKindKey)) return OkStatus();
  const bool columns = std::holds_alternative<sql::AddColumns>(alter.change) ||
                       std::holds_alternative<sql::RenameColumn>(alter.change) ||
                       std::holds_alternative<sql::DropColumns>(alter.change) ||
                       std::holds_alternative<sql::ChangeColumn>(alter.change);
  if (!columns) return OkStatus();
  return UserError("TABLE_NOT_CHANGEABLE",
                   fmt::format("the columns of {} come from its statement in the pipeline files",
                               table.label),
                   "Change them there.")
      .At(where);
}

// The datasets of the project whose definitions the new columns would break, with the reason of
// each; those that are broken already are no matter of this change.
Result<StatementRows> WhatWouldBreak(Workspace& workspace, const NamedTable& table,
                                     const delta::Snapshot& snapshot,
                                     const delta::AlterRequest& request) {
  StatementRows answer;
  answer.columns = {{"place"}, {"error"}, {"remedy"}};
  ASSIGN_OR_RETURN(const auto alteration, delta::PlanAlteration(snapshot.state(), request));
  if (!alteration || !alteration->change.metadata) return answer;
  const Errors before = LoadPipeline(workspace).errors;
  workspace.assumed_columns[table.path] = alteration->change.metadata->schema;
  const Errors after = LoadPipeline(workspace).errors;
  workspace.assumed_columns.erase(table.path);
  for (const Error& error : after) {
    if (std::find(before.begin(), before.end(), error) != before.end()) continue;
    answer.rows.push_back({ToString(error.where), error.message, error.remedy});
  }
  return answer;
}

}  // namespace

Result<StatementRows> Run(Workspace& workspace, const StatementContext& context,
                          const sql::CreateTable& create) {
  return Creation(workspace, context, create).Run();
}

Result<StatementRows> Run(Workspace& workspace, const StatementContext& context,
                          const sql::AlterTable& alter) {
  ASSIGN_OR_RETURN(const NamedTable table, OpenTable(workspace, context, alter.table));
  auto snapshot = table.table->Latest();
  if (!snapshot.ok()) return std::move(snapshot).error().At(alter.table.text.where);
  RETURN_IF_ERROR(CheckAlterable(table, **snapshot, alter));
  if (context.dry_run) {
    auto broken =
        WhatWouldBreak(workspace, table, **snapshot, std::visit(RequestOf{}, alter.change));
    if (!broken.ok()) return std::move(broken).error().At(alter.table.text.where);
    return broken;
  }
  ASSIGN_OR_RETURN(duck::Connection connection, workspace.engine->Connect());
  auto altered = lake::AlterTable(LakeOf(workspace, &connection), *table.table,
                                  std::visit(RequestOf{}, alter.change));
  if (!altered.ok()) return std::move(altered).error().At(alter.table.text.where);
  return StatementRows{};
}

}  // namespace penstock::run
