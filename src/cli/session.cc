#include "cli/session.h"

#include <map>
#include <utility>

#include "base/text.h"
#include "cli/diagnostics.h"
#include "cli/terminal.h"
#include "run/no_project.h"
#include "sql/project_file.h"

namespace penstock::cli {
namespace {

Result<std::map<std::string, std::string>> ParseSettings(const std::vector<std::string>& settings) {
  std::map<std::string, std::string> parsed;
  for (const std::string& setting : settings) {
    const size_t equals = setting.find('=');
    if (equals == setting.npos || equals == 0) {
      return UserError("USAGE", "--set " + setting + " is not of the form KEY=VALUE",
                       "Write for example: --set region=eu");
    }
    parsed[setting.substr(0, equals)] = setting.substr(equals + 1);
  }
  return parsed;
}

}  // namespace

std::string CurrentFolder() { return run::CurrentFolder(); }

Session::Session(GlobalOptions options) : options_(std::move(options)) {}

Result<model::Project> Session::Project() {
  ASSIGN_OR_RETURN(const auto settings, ParseSettings(options_.settings));
  if (!options_.spec.empty()) {
    return sql::ReadProjectFile(storage_, io::JoinPath(CurrentFolder(), options_.spec), settings);
  }
  const std::string folder = io::JoinPath(CurrentFolder(), options_.project);
  ASSIGN_OR_RETURN(const std::string file, sql::FindProjectFile(storage_, folder));
  if (!options_.project.empty() && io::ParentPath(file) != folder) {
    return UserError(
        "PROJECT_NOT_FOUND", "there is no project file in " + folder,
        "--project names the folder with penstock.yml or spark-pipeline.yml; the nearest is " +
            io::ParentPath(file) + ".");
  }
  return sql::ReadProjectFile(storage_, file, settings);
}

Result<std::unique_ptr<run::Workspace>> Session::OpenFor(model::Project project) {
  storage_.Configure(project.configuration);
  return run::OpenWorkspace(std::move(project), &storage_, &SystemClock());
}

Result<std::unique_ptr<run::Workspace>> Session::Open() {
  ASSIGN_OR_RETURN(model::Project project, Project());
  return OpenFor(std::move(project));
}

Result<std::unique_ptr<run::Workspace>> Session::OpenAnywhere() {
  Result<model::Project> project = Project();
  const bool named = !options_.project.empty() || !options_.spec.empty();
  if (project.ok() || named || project.error().code != "PROJECT_NOT_FOUND") {
    RETURN_IF_ERROR(project);
    return OpenFor(std::move(project).value());
  }
  model::Project none = run::NoProject(CurrentFolder());
  ASSIGN_OR_RETURN(none.configuration, ParseSettings(options_.settings));
  return OpenFor(std::move(none));
}

Result<Format> Session::OutputFormat() const {
  if (options_.format.empty()) return IsTerminal(stdout) ? Format::kTable : Format::kJsonl;
  if (const std::optional<Format> format = ParseFormat(options_.format)) return *format;
  const std::vector<std::string> formats = {"table", "csv", "json", "jsonl"};
  const std::optional<std::string> nearest = NearestName(options_.format, formats);
  return UserError("USAGE", "unknown format " + options_.format,
                   (nearest ? "Did you mean " + *nearest + "? " : std::string()) +
                       "Formats are table, csv, json and jsonl.");
}

ExitStatus Session::Print(RowSource& rows) const {
  const Result<Format> format = OutputFormat();
  if (!format.ok()) return Fail(format.error());
  // A table in a file or a pipe is cut nowhere.
  const size_t width = IsTerminal(stdout) ? TerminalWidth(stdout) : size_t{1} << 20;
  const Status written = WriteRows(rows, format.value(), stdout, width);
  return written.ok() ? kDone : Fail(written.error());
}

}  // namespace penstock::cli
