#include "run/pipeline.h"

#include <algorithm>
#include <charconv>
#include <tuple>

#include "lake/change_feed.h"
#include "run/binder.h"
#include "sql/pipeline_file.h"
#include "sql/project_file.h"

namespace penstock::run {
namespace {

// Tables of the storage that no definition makes.
class StorageTables : public graph::TableLookup {
 public:
  explicit StorageTables(catalog::Catalog* catalog) : catalog_(catalog) {}

  Result<bool> Exists(const model::TableName& name) override {
    ASSIGN_OR_RETURN(const std::string path, catalog_->PathToRead(name));
    return catalog_->OpenPath(path)->Exists();
  }
  std::vector<model::TableName> Names() override {
    auto names = catalog_->List();
    return names.ok() ? *std::move(names) : std::vector<model::TableName>{};
  }

 private:
  catalog::Catalog* catalog_;
};

Result<int64_t> TimestampMs(Workspace& workspace, const std::string& text) {
  ASSIGN_OR_RETURN(duck::Connection connection, workspace.engine->Connect());
  ASSIGN_OR_RETURN(duck::ResultSet rows,
                   connection.Query("SELECT epoch_ms(CAST(" + text + " AS TIMESTAMPTZ))"));
  ASSIGN_OR_RETURN(const bool any, rows.NextChunk());
  if (!any || rows.IsNull(0, 0)) {
    return UserError("BAD_TIMESTAMP", "TIMESTAMP AS OF " + text + " is NULL",
                     "Give a time, e.g. TIMESTAMP AS OF '2026-01-31 12:00:00'.");
  }
  return rows.Int64(0, 0);
}

Result<delta::TimeTravel> TravelOf(Workspace& workspace, const graph::LeafInput& input) {
  delta::TimeTravel when;
  if (input.version) {
    delta::Version version = 0;
    const char* end = input.version->data() + input.version->size();
    const auto parsed = std::from_chars(input.version->data(), end, version);
    if (parsed.ec != std::errc{} || parsed.ptr != end) {
      return UserError("BAD_VERSION", "the version " + *input.version + " is not a number",
                       "`penstock table history` lists the versions of a table.");
    }
    when.version = version;
  }
  if (input.timestamp) {
    ASSIGN_OR_RETURN(when.timestamp_ms, TimestampMs(workspace, *input.timestamp));
  }
  return when;
}

Result<delta::TimeTravel> EndOf(Workspace& workspace, const sql::ChangeEnd& end) {
  graph::LeafInput travel;
  (end.is_version ? travel.version : travel.timestamp) = end.text;
  return TravelOf(workspace, travel);
}

void SortByPlace(Errors* errors) {
  std::stable_sort(errors->begin(), errors->end(), [](const Error& a, const Error& b) {
    return std::tie(a.where.file, a.where.line, a.where.column) <
           std::tie(b.where.file, b.where.line, b.where.column);
  });
}

}  // namespace

Result<delta::SnapshotPtr> SnapshotOf(Workspace& workspace, const BoundLeaf& leaf) {
  const auto table = workspace.catalog->OpenPath(leaf.table_path);
  if (!leaf.input.version && !leaf.input.timestamp) return table->Latest();
  ASSIGN_OR_RETURN(const delta::TimeTravel when, TravelOf(workspace, leaf.input));
  return table->At(when);
}

Result<lake::Relation> ChangesOf(Workspace& workspace, const BoundLeaf& leaf) {
  lake::ChangeRange range;
  const sql::ChangesOf& changes = *leaf.input.changes;
  ASSIGN_OR_RETURN(const delta::TimeTravel from, EndOf(workspace, changes.from));
  range.from_version = from.version;
  range.from_timestamp_ms = from.timestamp_ms;
  if (changes.to) {
    ASSIGN_OR_RETURN(const delta::TimeTravel to, EndOf(workspace, *changes.to));
    range.to_version = to.version;
    range.to_timestamp_ms = to.timestamp_ms;
  }
  const auto table = workspace.catalog->OpenPath(leaf.table_path);
  return lake::ChangeFeedRelation(*table, range);
}

Result<Pipeline> BindSound(Workspace& workspace, const model::Definitions& definitions,
                           Errors* errors) {
  ASSIGN_OR_RETURN(Binder binder, Binder::Open(workspace));
  StorageTables lookup(workspace.catalog.get());
  graph::ResolveOutcome resolved = graph::Resolve(definitions, workspace.project, lookup);
  errors->insert(errors->end(), resolved.errors.begin(), resolved.errors.end());
  Pipeline pipeline;
  pipeline.bound = binder.Bind(resolved.graph, errors);
  pipeline.graph = std::move(resolved.graph);
  pipeline.warnings = definitions.warnings;
  SortByPlace(errors);
  return pipeline;
}

PipelineOutcome LoadPipeline(Workspace& workspace) {
  const model::Project& project = workspace.project;
  PipelineOutcome outcome;
  auto files = sql::PipelineFiles(*workspace.storage, project);
  if (!files.ok()) {
    outcome.errors.push_back(std::move(files).error());
    return outcome;
  }
  model::Definitions definitions;
  bool all_read = true;
  const sql::FileContext context{project.configuration, project.catalog, project.schema,
                                 project.dialect};
  for (const std::string& file : *files) {
    auto text = workspace.storage->Read(file);
    if (!text.ok()) {
      outcome.errors.push_back(std::move(text).error());
      all_read = false;
      continue;
    }
    std::string name = file;
    if (io::IsInside(project.folder, file)) name = file.substr(project.folder.size() + 1);
    for (Error& error : sql::ParsePipelineFile(*text, name, context, &definitions)) {
      outcome.errors.push_back(std::move(error));
    }
  }
  // What a file defines that cannot be read is anyone's guess.
  if (!all_read) return outcome;
  auto pipeline = BindSound(workspace, definitions, &outcome.errors);
  if (!pipeline.ok()) {
    outcome.errors.push_back(std::move(pipeline).error());
  } else if (outcome.errors.empty()) {
    outcome.pipeline = *std::move(pipeline);
  }
  return outcome;
}

}  // namespace penstock::run
