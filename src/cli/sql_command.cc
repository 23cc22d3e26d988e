#include <iostream>
#include <iterator>
#include <string>

#include "cli/commands.h"
#include "cli/diagnostics.h"
#include "cli/inspect.h"

namespace penstock::cli {
namespace {

// Runs the statements of one script, one after the other, and prints what each answers.
class ScriptRunner {
 public:
  ScriptRunner(Session& session, run::Workspace& workspace, bool dry_run)
      : session_(session), workspace_(workspace), dry_run_(dry_run) {}

  ExitStatus Run(const sql::ScriptStatement& statement) {
    surroundings_ = {statement.catalog, statement.schema, statement.configuration};
    return std::visit([this](const auto& chosen) { return One(chosen); }, statement.statement);
  }

 private:
  ExitStatus One(const sql::ShowTables& show) {
    return Answer(Inspect(workspace_, show, surroundings_));
  }
  ExitStatus One(const sql::DescribeTable& describe) {
    return Answer(Inspect(workspace_, describe, surroundings_));
  }
  ExitStatus One(const model::QueryText& query) {
    return Rows(run::RunSql(workspace_, query, surroundings_));
  }
  ExitStatus One(const sql::ExplainQuery& explain) {
    auto plan = run::ExplainSql(workspace_, explain.query, surroundings_);
    if (!plan.ok()) return Fail(plan.error());
    ReportRows rows({{"plan"}});
    rows.Add({std::move(plan).value()});
    return session_.Print(rows);
  }
  ExitStatus One(const sql::TableStatement& statement) {
    const run::StatementContext context{surroundings_.catalog, surroundings_.schema,
                                        surroundings_.configuration, dry_run_};
    auto answer = run::RunTableStatement(workspace_, context, statement);
    if (!answer.ok()) return Fail(answer.error());
    if (answer->columns.empty()) return kDone;
    ReportRows rows = Reported(std::move(answer).value());
    return session_.Print(rows);
  }

  ExitStatus Answer(Result<ReportRows> rows) {
    return rows.ok() ? session_.Print(*rows) : Fail(rows.error());
  }
  ExitStatus Rows(Result<run::SqlResult> result) {
    if (!result.ok()) return Fail(result.error());
    if (!result->rows) return kDone;
    EngineRows rows(std::move(*result->rows));
    return session_.Print(rows);
  }

  Session& session_;
  run::Workspace& workspace_;
  bool dry_run_;
  run::SqlSurroundings surroundings_;
};

}  // namespace

ExitStatus Execute(Session& session, const SqlCommand& command) {
  std::string text = command.query;
  if (text == "-") text.assign(std::istreambuf_iterator<char>(std::cin), {});
  Result<std::unique_ptr<run::Workspace>> workspace = session.OpenAnywhere();
  if (!workspace.ok()) return Fail(workspace.error());
  const auto script = sql::ParseScript(text, workspace.value()->project);
  if (!script.ok()) return Fail(script.error());
  ScriptRunner runner(session, *workspace.value(), command.dry_run);
  for (const sql::ScriptStatement& statement : *script) {
    const ExitStatus status = runner.Run(statement);
    if (status != kDone) return status;
  }
  return kDone;
}

}  // namespace penstock::cli
