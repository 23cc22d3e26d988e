#include "cli/inspect.h"

#include <fnmatch.h>

#include <map>
#include <utility>

#include "base/text.h"
#include "cli/target.h"
#include "sql/sql_statement.h"

namespace penstock::cli {
namespace {

// A name in text form, as a command's argument would have it.
std::string Joined(const std::vector<std::string>& parts) {
  // A path has a slash, as every path in a statement does; only names go on.
  if (parts.size() == 2 && parts[1].find('/') != std::string::npos &&
      EqualsIgnoreCase(parts[0], "delta")) {
    return parts[1];
  }
  model::TableName name;
  std::string* slots[] = {&name.table, &name.schema, &name.catalog};
  for (size_t i = 0; i < parts.size() && i < 3; ++i) *slots[i] = parts[parts.size() - 1 - i];
  return model::ToString(name);
}

// Everything but "*" stands for itself.
std::string Escaped(std::string_view pattern) {
  std::string escaped;
  for (const char c : pattern) {
    if (c == '?' || c == '[' || c == ']' || c == '\\') escaped += '\\';
    escaped += c;
  }
  return escaped;
}

// Tables and the views of the project, by name; or the views alone.
Result<ReportRows> Answer(run::Workspace& workspace, const sql::ShowTables& show,
                          const run::SqlSurroundings& surroundings) {
  const std::string catalog = show.schema.size() > 1 ? show.schema[0] : surroundings.catalog;
  const std::string schema = show.schema.empty() ? surroundings.schema : show.schema.back();
  std::map<model::TableName, model::TableName> names;  // by what identifies them
  if (!show.views_only) {
    ASSIGN_OR_RETURN(const std::vector<model::TableName> tables, workspace.catalog->List());
    for (const model::TableName& name : tables) names.emplace(model::Key(name), name);
  }
  for (const run::ViewSummary& view : run::ListViews(workspace)) {
    names.emplace(model::Key(view.name), view.name);
  }
  ReportRows rows = show.views_only ? ReportRows({{"namespace"}, {"viewName"}, {"isTemporary"}})
                                    : ReportRows({{"database"}, {"tableName"}, {"isTemporary"}});
  for (const auto& [key, name] : names) {
    if (!EqualsIgnoreCase(name.catalog, catalog) || !EqualsIgnoreCase(name.schema, schema))
      continue;
    if (show.pattern && !MatchesShowPattern(*show.pattern, name.table)) continue;
    rows.Add({name.schema, name.table, false});
  }
  return rows;
}

void AddColumn(const Field& field, ReportRows* rows) {
  rows->Add({field.name, AsciiLower(ToString(field.type)),
             field.comment.empty() ? Json() : Json(field.comment)});
}

void AddDetailsHeading(const std::optional<model::TableName>& name, ReportRows* rows) {
  rows->Add({"", "", ""});
  rows->Add({"# Detailed Table Information", "", ""});
  if (!name) return;
  rows->Add({"Catalog", name->catalog, ""});
  rows->Add({"Database", name->schema, ""});
  rows->Add({"Table", name->table, ""});
}

void AddDetails(const Target& target, bool external, const delta::Metadata& metadata,
                ReportRows* rows) {
  AddDetailsHeading(target.name, rows);
  rows->Add({"Type", external ? "EXTERNAL" : "MANAGED", ""});
  rows->Add({"Location", target.table->path(), ""});
  rows->Add({"Provider", "delta", ""});
  if (metadata.description) rows->Add({"Comment", *metadata.description, ""});
  std::string properties;
  for (const auto& [key, value] : metadata.configuration) {
    properties += (properties.empty() ? "" : ",") + key + "=" + value;
  }
  rows->Add({"Table Properties", "[" + properties + "]", ""});
}

// The view of the project that the name means, if any.
std::optional<run::ViewSummary> FindView(run::Workspace& workspace,
                                         const std::vector<std::string>& parts) {
  const auto name = ParseTableName(Joined(parts), workspace.project);
  if (!name.ok()) return std::nullopt;
  for (run::ViewSummary& view : run::ListViews(workspace)) {
    if (model::Key(view.name) == model::Key(*name)) return std::move(view);
  }
  return std::nullopt;
}

Result<ReportRows> DescribeView(run::Workspace& workspace, const run::ViewSummary& view,
                                bool extended) {
  ASSIGN_OR_RETURN(const Schema columns, run::ColumnsOfView(workspace, view.name));
  ReportRows rows({{"col_name"}, {"data_type"}, {"comment"}});
  for (const Field& field : columns) AddColumn(field, &rows);
  if (!extended) return rows;
  AddDetailsHeading(view.name, &rows);
  rows.Add({"Type", "VIEW", ""});
  if (!view.comment.empty()) rows.Add({"Comment", view.comment, ""});
  rows.Add({"View Text", view.query, ""});
  return rows;
}

Result<ReportRows> Answer(run::Workspace& workspace, const sql::DescribeTable& describe) {
  if (const auto view = FindView(workspace, describe.name)) {
    return DescribeView(workspace, *view, describe.extended);
  }
  ASSIGN_OR_RETURN(const Target target, OpenTarget(workspace, Joined(describe.name)));
  ASSIGN_OR_RETURN(const delta::SnapshotPtr snapshot, target.table->Latest());
  const delta::Metadata& metadata = snapshot->metadata();
  ReportRows rows({{"col_name"}, {"data_type"}, {"comment"}});
  for (const Field& field : metadata.schema) AddColumn(field, &rows);
  if (!metadata.partition_columns.empty()) {
    rows.Add({"# Partition Information", "", ""});
    for (const std::string& name : metadata.partition_columns) {
      if (const Field* field = FindField(metadata.schema, name)) {
        AddColumn(*field, &rows);
      }
    }
  }
  if (!describe.extended) return rows;
  bool external = true;
  if (target.name) {
    ASSIGN_OR_RETURN(external, workspace.catalog->IsExternal(*target.name));
  }
  AddDetails(target, external, metadata, &rows);
  return rows;
}

}  // namespace

bool MatchesShowPattern(const std::string& pattern, const std::string& name) {
  std::string_view rest = pattern;
  while (true) {
    const size_t bar = rest.find('|');
    const std::string one = Escaped(AsciiLower(Trim(rest.substr(0, bar))));
    if (::fnmatch(one.c_str(), AsciiLower(name).c_str(), 0) == 0) return true;
    if (bar == rest.npos) return false;
    rest.remove_prefix(bar + 1);
  }
}

ReportRows Reported(run::StatementRows answer) {
  std::vector<OutputColumn> columns;
  for (run::StatementColumn& column : answer.columns) {
    columns.push_back({std::move(column.name), column.number});
  }
  ReportRows rows(std::move(columns));
  for (std::vector<Json>& row : answer.rows) rows.Add(std::move(row));
  return rows;
}

Result<ReportRows> Inspect(run::Workspace& workspace, const sql::ShowTables& statement,
                           const run::SqlSurroundings& surroundings) {
  return Answer(workspace, statement, surroundings);
}

Result<ReportRows> Inspect(run::Workspace& workspace, const sql::DescribeTable& statement,
                           const run::SqlSurroundings& surroundings) {
  // What USE chose completes the name.
  sql::DescribeTable complete = statement;
  if (complete.name.size() == 1) complete.name.insert(complete.name.begin(), surroundings.schema);
  const bool path = complete.name.size() == 2 && complete.name[1].find('/') != std::string::npos;
  if (complete.name.size() == 2 && !path) {
    complete.name.insert(complete.name.begin(), surroundings.catalog);
  }
  return Answer(workspace, complete);
}

}  // namespace penstock::cli
