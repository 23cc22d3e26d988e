#include <fmt/format.h>

#include "run/statement_runners.h"
#include "run/storage_lock.h"
#include "run/target.h"

// ALTER TABLE … RENAME TO: a matter of the catalog alone.
namespace penstock::run {
namespace {

// What the table is to be called: what the new name leaves out it has from the old one.
model::TableName NewName(const model::TableName& old, const std::vector<std::string>& parts) {
  model::TableName name = old;
  name.table = parts.back();
  if (parts.size() > 1) name.schema = parts[parts.size() - 2];
  if (parts.size() > 2) name.catalog = parts[0];
  return name;
}

Error NoName(const sql::RenameTable& rename) {
  const bool source = rename.table.parts.empty();
  const sql::TableReference& path = source ? rename.table : rename.to;
  return UserError("UNSUPPORTED_STATEMENT",
                   "RENAME TO with a table by path: its place is its name, " + path.text.text,
                   source
                       ? "Move its folder while nobody writes, or give it a name: CREATE TABLE t "
                         "LOCATION 'path'."
                       : "Give a name. A table at another place is made by CREATE TABLE … SHALLOW "
                         "CLONE or by copying its folder.")
      .At(path.text.where);
}

Status CheckRenamable(const NamedTable& table, const SourceLocation& where) {
  ASSIGN_OR_RETURN(const delta::SnapshotPtr snapshot, table.table->Latest());
  if (!snapshot->metadata().configuration.contains(kKindKey)) return OkStatus();
  return UserError("TABLE_NOT_CHANGEABLE",
                   table.label + " is made by a pipeline, which would make it again",
                   "Rename it in the pipeline files: the next update makes the new table, and DROP "
                   "TABLE removes the old one.")
      .At(where);
}

Status CheckFree(Workspace& workspace, const model::TableName& name, const SourceLocation& where) {
  ASSIGN_OR_RETURN(const std::string path, workspace.catalog->PathOf(name));
  ASSIGN_OR_RETURN(const bool taken, workspace.storage->IsFolder(path));
  ASSIGN_OR_RETURN(const bool registered, workspace.catalog->IsExternal(name));
  bool view = false;
  for (const ViewSummary& other : ListViews(workspace)) {
    view = view || model::Key(other.name) == model::Key(name);
  }
  if (!taken && !registered && !view) return OkStatus();
  return UserError("TABLE_EXISTS",
                   fmt::format("there is a {} {} already", view ? "view" : "table",
                               model::ToString(name)),
                   "Choose another name, or drop it first.")
      .At(where);
}

}  // namespace

Result<StatementRows> Run(Workspace& workspace, const StatementContext& context,
                          const sql::RenameTable& rename) {
  if (rename.table.parts.empty() || rename.to.parts.empty()) return NoName(rename);
  ASSIGN_OR_RETURN(const NamedTable table, OpenTable(workspace, context, rename.table));
  if (!table.name) return InternalError("a table by name has none");
  const model::TableName name = NewName(*table.name, rename.to.parts);
  RETURN_IF_ERROR(CheckRenamable(table, rename.table.text.where));
  if (model::Key(name) == model::Key(*table.name)) return StatementRows{};
  ASSIGN_OR_RETURN(const auto lock, StorageLock::Acquire(workspace, /*wait=*/false));
  RETURN_IF_ERROR(CheckFree(workspace, name, rename.to.text.where));
  Status renamed = workspace.catalog->Rename(*table.name, name);
  if (!renamed.ok()) return std::move(renamed).error().At(rename.table.text.where);
  return StatementRows{};
}

}  // namespace penstock::run
