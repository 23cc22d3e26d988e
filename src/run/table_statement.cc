#include "run/table_statement.h"

#include <charconv>

#include "run/statement_runners.h"
#include "run/stored_expression.h"
#include "sql/query/query.h"

namespace penstock::run {
namespace {

// Of a statement that other writers overtake; each binds its texts to the newest state.
constexpr int kAttempts = 10;

}  // namespace

lake::Lake LakeOf(Workspace& workspace, duck::Connection* connection) {
  lake::Lake lake;
  lake.engine = workspace.engine.get();
  lake.connection = connection;
  lake.storage = workspace.storage;
  lake.clock = workspace.clock;
  lake.translate = TranslateStored;
  return lake;
}

int64_t MetricOf(const Json& metrics, const std::string& name) {
  const auto found = metrics.find(name);
  if (found == metrics.end()) return 0;
  if (found->is_number_integer()) return found->get<int64_t>();
  if (!found->is_string()) return 0;
  const auto& text = found->get_ref<const std::string&>();
  int64_t number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

Result<std::string> TranslateConstant(const Workspace& workspace, const model::QueryText& text) {
  sql::QueryContext context;
  context.dialect = workspace.project.dialect;
  ASSIGN_OR_RETURN(sql::Expression translated, sql::TranslateExpression(text, context));
  return std::move(translated.text);
}

Result<delta::TimeTravel> TravelOf(Workspace& workspace, const sql::TableVersion& version) {
  delta::TimeTravel travel;
  travel.version = version.version;
  if (!version.timestamp) return travel;
  ASSIGN_OR_RETURN(const std::string text, TranslateConstant(workspace, *version.timestamp));
  ASSIGN_OR_RETURN(duck::Connection connection, workspace.engine->Connect());
  auto rows = connection.Query("SELECT epoch_ms(CAST((" + text + "\n) AS TIMESTAMPTZ))");
  if (!rows.ok()) return std::move(rows).error().At(version.timestamp->where);
  ASSIGN_OR_RETURN(const bool any, rows->NextChunk());
  if (!any || rows->IsNull(0, 0)) {
    return UserError("BAD_TIMESTAMP", "TIMESTAMP AS OF " + version.timestamp->text + " is NULL",
                     "Give a time, e.g. TIMESTAMP AS OF '2026-01-31 12:00:00'.")
        .At(version.timestamp->where);
  }
  travel.timestamp_ms = rows->Int64(0, 0);
  return travel;
}

Result<StatementRows> RunTableStatement(Workspace& workspace, const StatementContext& context,
                                        const sql::TableStatement& statement) {
  if (context.dry_run && !std::holds_alternative<sql::AlterTable>(statement)) {
    return UserError("UNSUPPORTED_STATEMENT", "--dry-run shows what ALTER TABLE would break",
                     "Leave it out for other statements; VACUUM … DRY RUN lists files.");
  }
  for (int attempt = 1;; ++attempt) {
    auto answer =
        std::visit([&](const auto& chosen) { return Run(workspace, context, chosen); }, statement);
    const bool overtaken = !answer.ok() && answer.error().code == "COMMIT_CONFLICT";
    if (!overtaken || attempt == kAttempts) return answer;
  }
}

}  // namespace penstock::run
