#include "cli/target.h"

#include <utility>
#include <vector>

#include "base/text.h"
#include "cli/session.h"

namespace penstock::cli {
namespace {

constexpr std::string_view kFileScheme = "file:";

Error BadName(const std::string& text) {
  return UserError(
      "INVALID_TABLE_NAME", "'" + text + "' is not a table name",
      "Write t, schema.t or catalog.schema.t; parts with other characters in `backticks`.");
}

// Splits at dots outside of backticks; a doubled backtick inside of them is one.
Result<std::vector<std::string>> NameParts(const std::string& text) {
  std::vector<std::string> parts(1);
  bool quoted = false;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '`') {
      if (quoted && i + 1 < text.size() && text[i + 1] == '`') {
        parts.back() += text[++i];
      } else {
        quoted = !quoted;
      }
    } else if (text[i] == '.' && !quoted) {
      parts.emplace_back();
    } else {
      parts.back() += text[i];
    }
  }
  for (const std::string& part : parts) {
    if (part.empty()) return BadName(text);
  }
  if (quoted || parts.size() > 3) return BadName(text);
  return parts;
}

// The path of a text that is one, else nothing.
Result<std::optional<std::string>> PathOf(const std::string& text) {
  if (io::IsRemote(text)) return std::optional(io::JoinPath("/", text));
  const size_t scheme = text.find("://");
  if (scheme != text.npos && !text.starts_with(kFileScheme)) {
    return UserError("UNSUPPORTED_STORAGE",
                     "tables at " + text.substr(0, scheme) + ":// cannot be read yet",
                     "Give a path of this machine, or s3://bucket/folder.");
  }
  if (text.starts_with(kFileScheme)) {
    std::string_view rest = std::string_view(text).substr(kFileScheme.size());
    if (rest.starts_with("//")) rest.remove_prefix(2);
    return std::optional(PercentDecode(rest));
  }
  if (text.find('/') == text.npos && text != "." && text != "..")
    return std::optional<std::string>();
  return std::optional(io::JoinPath(CurrentFolder(), text));
}

// `text` is what the user wrote: a folder may have that name.
Error TableNotFound(run::Workspace& workspace, const model::TableName& name,
                    const std::string& text) {
  const auto folder =
      workspace.storage->IsFolder(io::JoinPath(CurrentFolder(), text) + "/_delta_log");
  if (folder.ok() && *folder) {
    return UserError(
        "TABLE_NOT_FOUND",
        "there is no table " + model::ToString(name) + ", but a Delta table in ./" + text,
        "A path has to contain a slash: ./" + text);
  }
  std::vector<std::string> known;
  const Result<std::vector<model::TableName>> tables = workspace.catalog->List();
  if (tables.ok()) {
    for (const model::TableName& table : tables.value()) known.push_back(model::ToString(table));
  }
  const std::optional<std::string> nearest = NearestName(model::ToString(name), known);
  return UserError("TABLE_NOT_FOUND", "there is no table " + model::ToString(name),
                   nearest ? "Did you mean " + *nearest + "?"
                           : "See: penstock table list. A path has to contain a slash.");
}

}  // namespace

Result<model::TableName> ParseTableName(const std::string& text, const model::Project& project) {
  ASSIGN_OR_RETURN(std::vector<std::string> parts, NameParts(text));
  model::TableName name{project.catalog, project.schema, std::move(parts.back())};
  if (parts.size() > 1) name.schema = parts[parts.size() - 2];
  if (parts.size() > 2) name.catalog = parts[0];
  return name;
}

Result<Target> OpenTarget(run::Workspace& workspace, const std::string& text) {
  ASSIGN_OR_RETURN(const std::optional<std::string> path, PathOf(text));
  if (path) {
    Target target{*path, std::nullopt, workspace.catalog->OpenPath(*path)};
    ASSIGN_OR_RETURN(const bool exists, target.table->Exists());
    if (exists) return target;
    return UserError("NOT_A_DELTA_TABLE", "there is no Delta table at " + *path,
                     "A Delta table is a folder with a _delta_log in it.");
  }
  ASSIGN_OR_RETURN(const model::TableName name, ParseTableName(text, workspace.project));
  ASSIGN_OR_RETURN(const std::string found, workspace.catalog->PathToRead(name));
  const std::shared_ptr<delta::Table> table = workspace.catalog->OpenPath(found);
  ASSIGN_OR_RETURN(const bool exists, table->Exists());
  if (exists) return Target{model::ToString(name), name, table};
  return TableNotFound(workspace, name, text);
}

Result<Target> OpenNewTarget(run::Workspace& workspace, const std::string& text) {
  ASSIGN_OR_RETURN(const std::optional<std::string> path, PathOf(text));
  if (path) return Target{*path, std::nullopt, workspace.catalog->OpenPath(*path)};
  if (workspace.project.file.empty()) {
    return UserError("PROJECT_NOT_FOUND", "there is no project that could have a table " + text,
                     "Give a path (it has to contain a slash).");
  }
  ASSIGN_OR_RETURN(const model::TableName name, ParseTableName(text, workspace.project));
  ASSIGN_OR_RETURN(const std::shared_ptr<delta::Table> table, workspace.catalog->Open(name));
  return Target{model::ToString(name), name, table};
}

}  // namespace penstock::cli
