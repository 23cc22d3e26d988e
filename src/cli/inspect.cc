#include "cli/inspect.h"

#include <fnmatch.h>

#include <utility>

#include "base/text.h"
#include "cli/target.h"
#include "sql/inspect_statement.h"

namespace penstock::cli {
namespace {

// A name in text form, as a command's argument would have it.
std::string Joined(const std::vector<std::string>& parts) {
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

Result<ReportRows> Answer(run::Workspace& workspace, const sql::ShowTables& show) {
  const model::Project& project = workspace.project;
  const std::string catalog = show.schema.size() > 1 ? show.schema[0] : project.catalog;
  const std::string schema = show.schema.empty() ? project.schema : show.schema.back();
  ASSIGN_OR_RETURN(const std::vector<model::TableName> names, workspace.catalog->List());
  ReportRows rows({{"database"}, {"tableName"}, {"isTemporary"}});
  for (const model::TableName& name : names) {
    if (!EqualsIgnoreCase(name.catalog, catalog) || !EqualsIgnoreCase(name.schema, schema))
      continue;
    if (show.pattern && !MatchesShowPattern(*show.pattern, name.table)) continue;
    rows.Add({name.schema, name.table, false});
  }
  return rows;
}

void AddDetails(const Target& target, const delta::Metadata& metadata, ReportRows* rows) {
  rows->Add({"", "", ""});
  rows->Add({"# Detailed Table Information", "", ""});
  if (target.name) {
    rows->Add({"Catalog", target.name->catalog, ""});
    rows->Add({"Database", target.name->schema, ""});
    rows->Add({"Table", target.name->table, ""});
  }
  rows->Add({"Location", target.table->path(), ""});
  rows->Add({"Provider", "delta", ""});
  if (metadata.description) rows->Add({"Comment", *metadata.description, ""});
  std::string properties;
  for (const auto& [key, value] : metadata.configuration) {
    properties += (properties.empty() ? "" : ",") + key + "=" + value;
  }
  rows->Add({"Table Properties", "[" + properties + "]", ""});
}

Result<ReportRows> Answer(run::Workspace& workspace, const sql::DescribeTable& describe) {
  ASSIGN_OR_RETURN(const Target target, OpenTarget(workspace, Joined(describe.name)));
  ASSIGN_OR_RETURN(const delta::SnapshotPtr snapshot, target.table->Latest());
  const delta::Metadata& metadata = snapshot->metadata();
  ReportRows rows({{"col_name"}, {"data_type"}, {"comment"}});
  const auto add = [&](const Field& field) {
    rows.Add({field.name, AsciiLower(ToString(field.type)),
              field.comment.empty() ? Json() : Json(field.comment)});
  };
  for (const Field& field : metadata.schema) add(field);
  if (!metadata.partition_columns.empty()) {
    rows.Add({"# Partition Information", "", ""});
    for (const std::string& name : metadata.partition_columns) {
      if (const Field* field = FindField(metadata.schema, name)) add(*field);
    }
  }
  if (describe.extended) AddDetails(target, metadata, &rows);
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

Result<Inspected> Inspect(run::Workspace& workspace, const std::string& statement) {
  ASSIGN_OR_RETURN(sql::InspectStatement parsed,
                   sql::ParseInspectStatement(statement, workspace.project));
  if (const auto* show = std::get_if<sql::ShowTables>(&parsed)) {
    ASSIGN_OR_RETURN(ReportRows rows, Answer(workspace, *show));
    return Inspected(std::move(rows));
  }
  if (const auto* describe = std::get_if<sql::DescribeTable>(&parsed)) {
    ASSIGN_OR_RETURN(ReportRows rows, Answer(workspace, *describe));
    return Inspected(std::move(rows));
  }
  return Inspected(std::get<model::QueryText>(parsed).text);
}

}  // namespace penstock::cli
