#pragma once

#include <memory>
#include <optional>
#include <string>

#include "delta/table.h"
#include "run/project_run.h"
#include "sql/table_statement.h"

namespace penstock::run {

// What a statement's names are completed with, and the settings in force.
struct StatementContext {
  std::string catalog;
  std::string schema;
  std::map<std::string, std::string> configuration;
  bool dry_run = false;  // ALTER TABLE: nothing is changed; what would break is answered
};

// A table that a statement names, whether or not it is there.
struct NamedTable {
  std::string label;                     // for messages
  std::optional<model::TableName> name;  // nothing for a path
  std::string path;
  std::shared_ptr<delta::Table> table;
};

// The place that a user's text names: absolute as it is, "file:" URIs decoded, all else below the
// project's folder.
std::string PlaceOf(const Workspace& workspace, std::string_view text);

// The table of the reference, which may not exist. Relative paths start at the project's folder.
Result<NamedTable> FindTable(Workspace& workspace, const StatementContext& context,
                             const sql::TableReference& reference);
// The same for one that has to exist: TABLE_NOT_FOUND proposes the nearest name, and says so when
// the name is a view of the project.
Result<NamedTable> OpenTable(Workspace& workspace, const StatementContext& context,
                             const sql::TableReference& reference);
// Refuses what an update of the pipeline would undo: TABLE_NOT_CHANGEABLE for a materialized view,
// and for Penstock's own event log. `what` is the statement, e.g. "DELETE".
Status CheckChangeable(const NamedTable& table, const delta::Snapshot& snapshot,
                       const SourceLocation& where, std::string_view what);

}  // namespace penstock::run
