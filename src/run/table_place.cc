#include "run/statement_runners.h"
#include "run/storage_lock.h"

namespace penstock::run {

Result<StatementRows> Run(Workspace& workspace, const StatementContext& context,
                          const sql::DropTable& drop) {
  if (!drop.table.path.empty()) {
    return UserError("UNSUPPORTED_STATEMENT", "DROP TABLE of a path",
                     "Tables by path are in no catalog: delete the folder " + drop.table.path + ".")
        .At(drop.table.text.where);
  }
  ASSIGN_OR_RETURN(const NamedTable table, FindTable(workspace, context, drop.table));
  ASSIGN_OR_RETURN(const bool external, workspace.catalog->IsExternal(*table.name));
  // What an interrupted drop left behind has no log any more and can still be dropped.
  ASSIGN_OR_RETURN(const bool folder, workspace.storage->IsFolder(table.path));
  if (!external && !folder) {
    if (drop.if_exists) return StatementRows{};
    return OpenTable(workspace, context, drop.table).error();
  }
  ASSIGN_OR_RETURN(const auto lock, StorageLock::Acquire(workspace, /*wait=*/false));
  RETURN_IF_ERROR(workspace.catalog->Drop(*table.name));
  return StatementRows{};
}

Result<StatementRows> Run(Workspace& workspace, const StatementContext& context,
                          const sql::CloneTable& clone) {
  ASSIGN_OR_RETURN(const NamedTable source, OpenTable(workspace, context, clone.source));
  ASSIGN_OR_RETURN(NamedTable target, FindTable(workspace, context, clone.table));
  if (clone.location && target.name) {
    target.path = PlaceOf(workspace, *clone.location);
    target.table = workspace.catalog->OpenPath(target.path);
  }
  ASSIGN_OR_RETURN(duck::Connection connection, workspace.engine->Connect());
  lake::CloneRequest request;
  request.replace = clone.replace;
  request.if_not_exists = clone.if_not_exists;
  request.properties = clone.properties;
  ASSIGN_OR_RETURN(request.of, TravelOf(workspace, clone.version));
  auto result = lake::Clone(LakeOf(workspace, &connection), *source.table, *target.table, request);
  if (!result.ok()) return std::move(result).error().At(clone.table.text.where);
  if (clone.location && target.name) {
    RETURN_IF_ERROR(workspace.catalog->RegisterExternal(*target.name, target.path));
  }
  StatementRows rows{{{"source_table_size", true},
                      {"source_num_of_files", true},
                      {"num_removed_files", true},
                      {"num_copied_files", true},
                      {"removed_files_size", true},
                      {"copied_files_size", true}},
                     {{}}};
  for (const char* metric : {"sourceTableSize", "sourceNumOfFiles", "numRemovedFiles",
                             "numCopiedFiles", "removedFilesSize", "copiedFilesSize"}) {
    rows.rows[0].push_back(MetricOf(result->metrics, metric));
  }
  return rows;
}

}  // namespace penstock::run
