#include "run/sql_query.h"

#include "base/word.h"
#include "lake/lake_table.h"
#include "run/binder.h"
#include "run/leaf_relation.h"
#include "run/pipeline.h"
#include "run/relation_sql.h"
#include "sql/pipeline_file.h"
#include "sql/project_file.h"

namespace penstock::run {
namespace {

constexpr char kQueryName[] = "__penstock_query";

// Views of the project that queries may use, and the errors of statements that cannot be read.
struct ProjectViews {
  model::Definitions definitions;
  Errors unread;  // as definitions.unread
};

ProjectViews ReadViews(Workspace& workspace) {
  ProjectViews views;
  model::Definitions all;
  const model::Project& project = workspace.project;
  // A project without files has no views.
  auto files = sql::PipelineFiles(*workspace.storage, project);
  if (!files.ok()) return views;
  for (const std::string& file : *files) {
    auto text = workspace.storage->Read(file);
    if (!text.ok()) continue;
    const sql::FileContext context{project.configuration, project.catalog, project.schema,
                                   project.dialect};
    for (Error& error : sql::ParsePipelineFile(*text, file, context, &all)) {
      views.unread.push_back(std::move(error));
    }
  }
  views.definitions.unread = std::move(all.unread);
  for (const model::Dataset& dataset : all.datasets) {
    if (dataset.kind != model::DatasetKind::kView || dataset.temporary) continue;
    views.definitions.datasets.push_back(dataset);
    for (const model::Flow& flow : all.flows) {
      if (flow.target == dataset.name) views.definitions.flows.push_back(flow);
    }
  }
  return views;
}

// The views that a text names, and those that they name in turn: what is wrong with others is no
// matter.
model::Definitions ViewsNamedIn(std::string text, const model::Definitions& views) {
  model::Definitions named;
  named.unread = views.unread;
  std::vector<bool> taken(views.datasets.size(), false);
  for (bool grown = true; grown;) {
    grown = false;
    for (size_t i = 0; i < taken.size(); ++i) {
      const model::Dataset& view = views.datasets[i];
      if (taken[i] || !HasWord(text, view.name.table)) continue;
      taken[i] = grown = true;
      named.datasets.push_back(view);
      for (const model::Flow& flow : views.flows) {
        if (flow.target != view.name) continue;
        named.flows.push_back(flow);
        text += '\n' + flow.query.text;
      }
    }
  }
  return named;
}

// Why a query has no types: what is wrong with it or a view it reads, or the statement that may
// define what it does not find.
Error WhyUnbound(const graph::Node& query, const ProjectViews& views, const Errors& errors) {
  if (!errors.empty()) return errors.front();
  for (const graph::ResolvedFlow& flow : query.flows) {
    for (const graph::ResolvedInput& input : flow.query.inputs) {
      const auto* table = std::get_if<sql::TableInput>(&input.input.source);
      if (table == nullptr) continue;
      for (size_t i = 0; i < views.unread.size(); ++i) {
        if (HasWord(views.definitions.unread[i], table->parts.back())) return views.unread[i];
      }
    }
  }
  return views.unread.empty() ? InternalError("a query without types") : views.unread.front();
}

// The query as a temporary view, added to `definitions`.
model::Definitions WithQuery(const Workspace& workspace, model::Definitions definitions,
                             const model::QueryText& query, const SqlSurroundings& surroundings) {
  model::Dataset dataset;
  dataset.name = {workspace.project.catalog, workspace.project.schema, kQueryName};
  dataset.kind = model::DatasetKind::kView;
  dataset.temporary = true;
  model::Flow flow;
  flow.name = dataset.name;
  flow.target = dataset.name;
  flow.query = query;
  flow.configuration = surroundings.configuration;
  flow.current = {surroundings.catalog, surroundings.schema, ""};
  definitions.datasets.push_back(std::move(dataset));
  definitions.flows.push_back(std::move(flow));
  return definitions;
}

SqlSurroundings SurroundingsOf(const Workspace& workspace) {
  return {workspace.project.catalog, workspace.project.schema, workspace.project.configuration};
}

}  // namespace

Result<PreparedSql> PrepareSql(Workspace& workspace, const model::QueryText& query,
                               const SqlSurroundings& surroundings) {
  const ProjectViews views = ReadViews(workspace);
  Errors errors;
  ASSIGN_OR_RETURN(const Pipeline pipeline,
                   BindSound(workspace,
                             WithQuery(workspace, ViewsNamedIn(query.text, views.definitions),
                                       query, surroundings),
                             &errors));
  const auto node = pipeline.graph.Find({kQueryName}, {});
  if (!node) return InternalError("the query is not in its own pipeline");
  if (pipeline.bound[*node].flows.empty()) {
    // Among all views, so that a misspelt one is found; the query's own errors name no file and
    // come first.
    Errors among_all;
    auto all = BindSound(workspace, WithQuery(workspace, views.definitions, query, surroundings),
                         &among_all);
    const bool own = all.ok() && !among_all.empty() && among_all.front().where.file.empty();
    if (own) return std::move(among_all.front());
    return WhyUnbound(pipeline.graph.nodes[*node], views, errors);
  }
  const BoundFlow& flow = pipeline.bound[*node].flows[0];
  ASSIGN_OR_RETURN(const LeafRelations leaves, RelationsOf(workspace, flow, {}));
  ASSIGN_OR_RETURN(duck::Connection opened, workspace.engine->Connect());
  PreparedSql prepared;
  prepared.connection = std::make_unique<duck::Connection>(std::move(opened));
  prepared.relations = leaves.tables;
  prepared.relations.insert(prepared.relations.end(), leaves.scans.begin(), leaves.scans.end());
  RETURN_IF_ERROR(CreateInputs(*prepared.connection, flow, leaves));
  prepared.query = flow.query.text;
  prepared.versions = leaves.versions;
  return prepared;
}

std::vector<ViewSummary> ListViews(Workspace& workspace) {
  const ProjectViews views = ReadViews(workspace);
  std::vector<ViewSummary> list;
  for (const model::Dataset& view : views.definitions.datasets) {
    ViewSummary summary{view.name, view.comment, ""};
    for (const model::Flow& flow : views.definitions.flows) {
      if (flow.target == view.name) summary.query = flow.query.text;
    }
    list.push_back(std::move(summary));
  }
  return list;
}

Result<Schema> ColumnsOfView(Workspace& workspace, const model::TableName& name) {
  const ProjectViews views = ReadViews(workspace);
  Errors errors;
  ASSIGN_OR_RETURN(const Pipeline pipeline,
                   BindSound(workspace, ViewsNamedIn(name.table, views.definitions), &errors));
  const auto node = pipeline.graph.Find({name.catalog, name.schema, name.table}, name);
  if (!node) return UserError("TABLE_NOT_FOUND", "there is no view " + model::ToString(name));
  if (pipeline.bound[*node].flows.empty()) {
    return WhyUnbound(pipeline.graph.nodes[*node], views, errors);
  }
  return pipeline.bound[*node].columns;
}

Result<PreparedSql> PrepareSql(Workspace& workspace, const std::string& query) {
  return PrepareSql(workspace, {query, {"", 1, 1}, {}}, SurroundingsOf(workspace));
}

Result<std::string> ExplainSql(Workspace& workspace, const model::QueryText& query,
                               const SqlSurroundings& surroundings) {
  ASSIGN_OR_RETURN(PreparedSql prepared, PrepareSql(workspace, query, surroundings));
  ASSIGN_OR_RETURN(duck::ResultSet rows, prepared.connection->Query("EXPLAIN " + prepared.query));
  std::string plan;
  while (true) {
    ASSIGN_OR_RETURN(const bool more, rows.NextChunk());
    if (!more) return plan;
    // Its columns are the kind of plan and its text.
    for (size_t row = 0; row < rows.RowCount(); ++row) plan += rows.Text(row, 1);
  }
}

Result<SqlResult> RunSql(Workspace& workspace, const model::QueryText& query,
                         const SqlSurroundings& surroundings) {
  ASSIGN_OR_RETURN(PreparedSql prepared, PrepareSql(workspace, query, surroundings));
  SqlResult result;
  result.connection = std::move(prepared.connection);
  result.relations = std::move(prepared.relations);
  ASSIGN_OR_RETURN(duck::ResultSet rows, result.connection->Query(prepared.query));
  result.rows = std::move(rows);
  return result;
}

Result<SqlResult> RunSql(Workspace& workspace, const std::string& query) {
  return RunSql(workspace, {query, {"", 1, 1}, {}}, SurroundingsOf(workspace));
}

}  // namespace penstock::run
