#include <algorithm>

#include "base/text.h"
#include "cli/commands.h"
#include "cli/diagnostics.h"
#include "cli/target.h"

namespace penstock::cli {
namespace {

constexpr size_t kValuesColumn = 6;

// Rows whose values are JSON text, printed as it is.
class OriginRows : public ReportRows {
 public:
  OriginRows()
      : ReportRows({{"depth", true},
                    {"table"},
                    {"source"},
                    {"version", true},
                    {"file"},
                    {"row", true},
                    {"values"},
                    {"note"}}) {}

  void AppendJson(size_t column, std::string* out) const override {
    if (column == kValuesColumn && !IsNull(column)) return AppendText(column, out);
    ReportRows::AppendJson(column, out);
  }
};

Json TextOrNull(const std::string& text) { return text.empty() ? Json() : Json(text); }

template <typename T>
Json OrNull(const std::optional<T>& value) {
  return value ? Json(*value) : Json();
}

Result<run::WhyRequest> RequestOf(const WhyCommand& command, const model::Project& project) {
  run::WhyRequest request;
  ASSIGN_OR_RETURN(request.table, ParseTableName(command.table, project));
  for (const std::string& key : command.keys) {
    const size_t equals = key.find('=');
    if (equals == std::string::npos || equals == 0) {
      return UserError("USAGE", "--key " + key + " is not COLUMN=VALUE",
                       "E.g. --key id=7; --key id=NULL for rows without a value.");
    }
    request.key.emplace_back(std::string(Trim(key.substr(0, equals))), key.substr(equals + 1));
  }
  request.depth = command.depth;
  request.limit = command.limit;
  return request;
}

}  // namespace

ExitStatus Execute(Session& session, const WhyCommand& command) {
  Result<std::unique_ptr<run::Workspace>> workspace = session.Open();
  if (!workspace.ok()) return Fail(workspace.error());
  const auto request = RequestOf(command, workspace.value()->project);
  if (!request.ok()) return Fail(request.error());
  const run::WhyOutcome outcome = run::Why(*workspace.value(), *request);
  OriginRows rows;
  for (const run::SourceRow& row : outcome.rows) {
    rows.Add({row.depth, row.table, TextOrNull(row.source), OrNull(row.version),
              TextOrNull(row.file), OrNull(row.row), TextOrNull(row.values), TextOrNull(row.note)});
  }
  ExitStatus status = outcome.errors.empty() ? session.Print(rows) : kDone;
  for (const Error& error : outcome.errors) {
    PrintError(error);
    status = std::max(status, StatusOf(error));
  }
  return status;
}

}  // namespace penstock::cli
