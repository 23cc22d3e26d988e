#include <utility>

#include "api/lake_state.h"
#include "base/text.h"
#include "lake/alter_table.h"
#include "lake/clustering.h"
#include "run/no_project.h"

namespace penstock {
namespace {

constexpr std::string_view kConstraint = "delta.constraints.";

model::Project ProjectOf(const DeltaLakeOptions& options) {
  model::Project project = run::NoProject(run::CurrentFolder());
  if (!options.temp_folder.empty()) {
    project.storage = io::JoinPath(project.folder, options.temp_folder);
  }
  project.configuration = options.configuration;
  if (options.threads != 0) {
    project.configuration["penstock.threads"] = std::to_string(options.threads);
  }
  if (!options.memory_limit.empty()) {
    project.configuration["penstock.memory_limit"] = options.memory_limit;
  }
  project.configuration["spark.sql.session.timeZone"] = "UTC";
  return project;
}

Result<delta::TableDefinition> DefinitionOf(const DeltaDefinition& definition) {
  delta::TableDefinition made;
  for (const Field& column : definition.columns) {
    delta::NewColumn added;
    added.field = column;
    made.columns.push_back(std::move(added));
  }
  made.partition_columns = definition.partitioned_by;
  if (!definition.clustered_by.empty()) {
    delta::Metadata metadata;
    metadata.schema = definition.columns;
    ASSIGN_OR_RETURN(const auto columns, delta::TableColumns(metadata));
    for (const std::string& name : definition.clustered_by) {
      made.cluster_columns.push_back(lake::ParseColumnPath(columns, name));
    }
  }
  for (const auto& [key, value] : definition.properties) {
    if (AsciiLower(key).starts_with(kConstraint)) {
      made.constraints.push_back({key.substr(kConstraint.size()), value});
    } else {
      made.properties[key] = value;
    }
  }
  if (!definition.comment.empty()) made.comment = definition.comment;
  return made;
}

}  // namespace

DeltaLake::DeltaLake(std::unique_ptr<State> state) : state_(std::move(state)) {}
DeltaLake::~DeltaLake() = default;

Result<std::unique_ptr<DeltaLake>> DeltaLake::Open(const DeltaLakeOptions& options) {
  auto state = std::make_unique<State>();
  model::Project project = ProjectOf(options);
  state->context = {project.catalog, project.schema, project.configuration};
  state->storage.Configure(project.configuration);
  ASSIGN_OR_RETURN(state->workspace,
                   run::OpenWorkspace(std::move(project), &state->storage, &SystemClock()));
  return std::unique_ptr<DeltaLake>(new DeltaLake(std::move(state)));
}

Result<DeltaTable> DeltaLake::OpenTable(std::string_view location) {
  ASSIGN_OR_RETURN(auto table, state_->Open(location));
  return DeltaTable(std::move(table));
}

Result<DeltaTable> DeltaLake::CreateTable(std::string_view location,
                                          const DeltaDefinition& definition) {
  ASSIGN_OR_RETURN(auto table, state_->Find(location));
  lake::CreateTableRequest request;
  ASSIGN_OR_RETURN(request.definition, DefinitionOf(definition));
  ASSIGN_OR_RETURN(duck::Connection connection, state_->workspace->engine->Connect());
  RETURN_IF_ERROR(lake::CreateTable(run::LakeOf(*state_->workspace, &connection),
                                    *table->table.table, request));
  return DeltaTable(std::move(table));
}

Result<DeltaTable> DeltaLake::CloneTable(std::string_view source, std::string_view target,
                                         const DeltaVersion& of) {
  ASSIGN_OR_RETURN(const auto from, state_->Open(source));
  ASSIGN_OR_RETURN(auto table, state_->Find(target));
  lake::CloneRequest request;
  request.of = TravelOf(of);
  ASSIGN_OR_RETURN(duck::Connection connection, state_->workspace->engine->Connect());
  RETURN_IF_ERROR(lake::Clone(run::LakeOf(*state_->workspace, &connection), *from->table.table,
                              *table->table.table, request));
  return DeltaTable(std::move(table));
}

Result<DeltaTable> DeltaLake::ConvertParquet(std::string_view location,
                                             const Schema& partition_columns) {
  ASSIGN_OR_RETURN(auto table, state_->Find(location));
  lake::ConvertRequest request;
  request.partition_columns = partition_columns;
  ASSIGN_OR_RETURN(duck::Connection connection, state_->workspace->engine->Connect());
  RETURN_IF_ERROR(
      lake::Convert(run::LakeOf(*state_->workspace, &connection), *table->table.table, request));
  return DeltaTable(std::move(table));
}

}  // namespace penstock
