#include "run/update_events.h"

#include "run/target.h"

namespace penstock::run {
namespace {

std::string CommitOf(const Workspace& workspace) {
  // The folder's commit when it is a git checkout, read without running git.
  for (std::string folder = workspace.project.folder; folder.size() > 1;
       folder = io::ParentPath(folder)) {
    auto head = workspace.storage->Read(io::JoinPath(folder, ".git/HEAD"));
    if (!head.ok()) continue;
    std::string text = *head;
    while (!text.empty() && text.back() == '\n') text.pop_back();
    constexpr std::string_view kReference = "ref: ";
    if (!text.starts_with(kReference)) return text;
    auto commit =
        workspace.storage->Read(io::JoinPath(folder, ".git/" + text.substr(kReference.size())));
    return commit.ok() ? commit->substr(0, 40) : "";
  }
  return "";
}

}  // namespace

void AddCreateUpdate(UpdateContext& context, const Selection& selection) {
  events::Event event;
  event.type = "create_update";
  event.message = "Update " + context.update_id + " started.";
  event.details = {{"create_update",
                    {{"cause", "USER_ACTION"},
                     {"full_refresh", selection.full_refresh_all},
                     {"refresh_selection", selection.refresh},
                     {"full_refresh_selection", selection.full_refresh},
                     {"select", selection.select},
                     {"configuration", context.workspace.project.configuration},
                     {"code_commit", CommitOf(context.workspace)}}}};
  context.log.Add(std::move(event));
}

void AddDefinitions(UpdateContext& context) {
  const auto& nodes = context.pipeline.graph.nodes;
  for (size_t i = 0; i < nodes.size(); ++i) {
    const model::Dataset& dataset = nodes[i].dataset;
    events::Event event;
    event.type = "dataset_definition";
    event.message = "Dataset " + model::ToString(dataset.name) + " is defined as a " +
                    std::string(model::ToString(dataset.kind)) + ".";
    event.origin.dataset_name = model::ToString(dataset.name);
    Json expectations = Json::array();
    for (const model::Expectation& expectation : dataset.expectations) {
      expectations.push_back(
          {{"name", expectation.name}, {"action", model::ToString(expectation.on_violation)}});
    }
    event.details = {{"dataset_definition",
                      {{"dataset_type", model::ToString(dataset.kind)},
                       {"schema", penstock::ToString(context.pipeline.bound[i].columns)},
                       {"comment", dataset.comment},
                       {"expectations", expectations}}}};
    if (dataset.kind == model::DatasetKind::kMaterializedView) {
      event.details["dataset_definition"]["refresh_policy"] = model::ToString(dataset.refresh);
    }
    context.log.Add(std::move(event));
    for (size_t f = 0; f < nodes[i].flows.size(); ++f) {
      const graph::ResolvedFlow& flow = nodes[i].flows[f];
      events::Event definition;
      definition.type = "flow_definition";
      definition.message = "Flow " + model::ToString(flow.flow.name) + " is defined.";
      definition.origin.dataset_name = model::ToString(dataset.name);
      definition.origin.flow_name = model::ToString(flow.flow.name);
      Json inputs = Json::array();
      for (const BoundLeaf& leaf : context.pipeline.bound[i].flows[f].leaves) {
        inputs.push_back(leaf.table_name);
      }
      definition.details = {{"flow_definition",
                             {{"output_dataset", model::ToString(dataset.name)},
                              {"input_datasets", inputs},
                              {"once", flow.flow.once}}}};
      context.log.Add(std::move(definition));
    }
  }
}

void AddUpdateState(UpdateContext& context, const std::string& state, events::Level level) {
  events::Event event;
  event.type = "update_progress";
  event.level = level;
  event.message = "Update " + context.update_id + " is " + state + ".";
  event.details = {{"update_progress", {{"state", state}}}};
  context.log.Add(std::move(event));
}

void WarnOfDefinitions(UpdateContext& context) {
  for (const model::Warning& warning : context.pipeline.warnings) {
    events::Event event;
    event.type = "operation_progress";
    event.level = events::Level::kWarn;
    event.message = ToString(warning.where) + ": " + warning.message;
    context.log.Add(std::move(event));
  }
}

void WarnOfDroppedDefinitions(UpdateContext& context) {
  auto tables = context.workspace.catalog->List();
  if (!tables.ok()) return;
  for (const model::TableName& name : *tables) {
    if (context.pipeline.graph.Find({name.catalog, name.schema, name.table}, name)) continue;
    auto table = context.workspace.catalog->Open(name);
    if (!table.ok()) continue;
    auto snapshot = (*table)->Latest();
    if (!snapshot.ok()) continue;
    const auto& configuration = (*snapshot)->metadata().configuration;
    const auto owner = configuration.find(kPipelineKey);
    if (owner == configuration.end() || owner->second != context.workspace.project.name) continue;
    events::Event event;
    event.type = "operation_progress";
    event.level = events::Level::kWarn;
    event.origin.dataset_name = model::ToString(name);
    event.message = "The table " + model::ToString(name) +
                    " is no longer defined; its data stays. `penstock table drop " +
                    model::ToString(name) + "` deletes it.";
    context.log.Add(std::move(event));
  }
}

}  // namespace penstock::run
