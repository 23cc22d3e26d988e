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

// Views of the project, so that queries may use them. A project whose files cannot be read has
// none.
model::Definitions Views(Workspace& workspace) {
  model::Definitions all;
  auto files = sql::PipelineFiles(*workspace.storage, workspace.project);
  if (!files.ok()) return {};
  const model::Project& project = workspace.project;
  for (const std::string& file : *files) {
    auto text = workspace.storage->Read(file);
    if (!text.ok()) continue;
    const sql::FileContext context{project.configuration, project.catalog, project.schema,
                                   project.dialect};
    (void)sql::ParsePipelineFile(*text, file, context, &all);
  }
  model::Definitions views;
  for (const model::Dataset& dataset : all.datasets) {
    if (dataset.kind != model::DatasetKind::kView || dataset.temporary) continue;
    for (const model::Flow& flow : all.flows) {
      if (flow.target == dataset.name) {
        views.datasets.push_back(dataset);
        views.flows.push_back(flow);
      }
    }
  }
  return views;
}

// The query as a temporary view, added to `definitions`.
model::Definitions WithQuery(const Workspace& workspace, model::Definitions definitions,
                             const std::string& query) {
  model::Dataset dataset;
  dataset.name = {workspace.project.catalog, workspace.project.schema, kQueryName};
  dataset.kind = model::DatasetKind::kView;
  dataset.temporary = true;
  model::Flow flow;
  flow.name = dataset.name;
  flow.target = dataset.name;
  flow.query.text = query;
  flow.query.where = {"", 1, 1};
  flow.configuration = workspace.project.configuration;
  flow.current = {workspace.project.catalog, workspace.project.schema, ""};
  definitions.datasets.push_back(std::move(dataset));
  definitions.flows.push_back(std::move(flow));
  return definitions;
}

}  // namespace

Result<PreparedSql> PrepareSql(Workspace& workspace, const std::string& query) {
  PipelineOutcome bound = BindDefinitions(workspace, WithQuery(workspace, Views(workspace), query));
  if (!bound.pipeline) {
    // A view of the project that does not resolve must not stand in the way of other tables.
    Errors errors = std::move(bound.errors);
    bound = BindDefinitions(workspace, WithQuery(workspace, {}, query));
    if (!bound.pipeline) return std::move(errors.front());
  }
  const Pipeline& pipeline = *bound.pipeline;
  const auto node = pipeline.graph.Find({kQueryName}, {});
  if (!node) return InternalError("the query is not in its own pipeline");
  const BoundFlow& flow = pipeline.bound[*node].flows[0];
  ASSIGN_OR_RETURN(const LeafRelations leaves, RelationsOf(workspace, flow, {}));
  ASSIGN_OR_RETURN(duck::Connection opened, workspace.engine->Connect());
  PreparedSql prepared;
  prepared.connection = std::make_unique<duck::Connection>(std::move(opened));
  prepared.scans = leaves.scans;
  const auto create = [&](const std::string& name, const std::string& text) {
    return prepared.connection->Execute("CREATE OR REPLACE TEMP VIEW " +
                                        duck::QuoteIdentifier(name) + " AS " + text);
  };
  for (const auto& [name, text] : leaves.queries) RETURN_IF_ERROR(create(name, text));
  for (const graph::ViewInstance& view : flow.query.views) {
    RETURN_IF_ERROR(create(view.placeholder, view.text));
  }
  prepared.query = flow.query.text;
  return prepared;
}

Result<SqlResult> RunSql(Workspace& workspace, const std::string& query) {
  ASSIGN_OR_RETURN(PreparedSql prepared, PrepareSql(workspace, query));
  SqlResult result;
  result.connection = std::move(prepared.connection);
  result.scans = std::move(prepared.scans);
  ASSIGN_OR_RETURN(duck::ResultSet rows, result.connection->Query(prepared.query));
  result.rows = std::move(rows);
  return result;
}

}  // namespace penstock::run
