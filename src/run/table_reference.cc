#include "run/table_reference.h"

#include <fmt/format.h>

#include "base/text.h"
#include "run/target.h"

namespace penstock::run {
namespace {

model::TableName CompleteName(const StatementContext& context,
                              const std::vector<std::string>& parts) {
  model::TableName name{context.catalog, context.schema, parts.back()};
  if (parts.size() > 1) name.schema = parts[parts.size() - 2];
  if (parts.size() > 2) name.catalog = parts[0];
  return name;
}

Error NoSuchTable(Workspace& workspace, const model::TableName& name) {
  for (const ViewSummary& view : ListViews(workspace)) {
    if (model::Key(view.name) != model::Key(name)) continue;
    return UserError("NOT_A_TABLE", fmt::format("{} is a view", model::ToString(name)),
                     "Change the tables that it reads.");
  }
  std::vector<std::string> known;
  const auto tables = workspace.catalog->List();
  if (tables.ok()) {
    for (const model::TableName& table : *tables) known.push_back(model::ToString(table));
  }
  const auto nearest = NearestName(model::ToString(name), known);
  return UserError("TABLE_NOT_FOUND", "there is no table " + model::ToString(name),
                   nearest ? "Did you mean " + *nearest + "?" : "SHOW TABLES lists them.");
}

}  // namespace

std::string PlaceOf(const Workspace& workspace, std::string_view text) {
  constexpr std::string_view kScheme = "file:";
  const bool is_uri =
      text.size() > kScheme.size() && EqualsIgnoreCase(text.substr(0, kScheme.size()), kScheme);
  if (!is_uri) return io::JoinPath(workspace.project.folder, text);
  text.remove_prefix(kScheme.size());
  if (text.starts_with("//")) text.remove_prefix(2);
  return io::JoinPath(workspace.project.folder, PercentDecode(text));
}

Result<NamedTable> FindTable(Workspace& workspace, const StatementContext& context,
                             const sql::TableReference& reference) {
  NamedTable found;
  if (!reference.path.empty()) {
    found.path = PlaceOf(workspace, reference.path);
    found.label = reference.text.text;
  } else {
    found.name = CompleteName(context, reference.parts);
    found.label = model::ToString(*found.name);
    auto path = workspace.catalog->PathOf(*found.name);
    if (!path.ok()) return std::move(path).error().At(reference.text.where);
    found.path = *std::move(path);
  }
  found.table = workspace.catalog->OpenPath(found.path);
  return found;
}

Result<NamedTable> OpenTable(Workspace& workspace, const StatementContext& context,
                             const sql::TableReference& reference) {
  ASSIGN_OR_RETURN(NamedTable found, FindTable(workspace, context, reference));
  if (found.name) {
    auto path = workspace.catalog->PathToRead(*found.name);
    if (!path.ok()) return std::move(path).error().At(reference.text.where);
    if (*path != found.path) {
      found.path = *std::move(path);
      found.table = workspace.catalog->OpenPath(found.path);
    }
  }
  ASSIGN_OR_RETURN(const bool exists, found.table->Exists());
  if (exists) return found;
  if (found.name) return NoSuchTable(workspace, *found.name).At(reference.text.where);
  return UserError("NOT_A_DELTA_TABLE", "there is no Delta table at " + found.path,
                   "A Delta table is a folder with a _delta_log in it.")
      .At(reference.text.where);
}

Status CheckChangeable(const NamedTable& table, const delta::Snapshot& snapshot,
                       const SourceLocation& where, std::string_view what) {
  const auto& configuration = snapshot.metadata().configuration;
  const auto kind = configuration.find(kKindKey);
  if (kind == configuration.end() || kind->second != "materialized_view") return OkStatus();
  return UserError("TABLE_NOT_CHANGEABLE",
                   fmt::format("{} {}: it is a materialized view, which the next update computes "
                               "anew from its query",
                               what, table.label),
                   "Change the tables that it reads, or its query.")
      .At(where);
}

}  // namespace penstock::run
