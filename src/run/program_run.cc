#include "run/program_run.h"

#include "algebra/render.h"
#include "ivm/plain_keys.h"

namespace penstock::run {
namespace {

using duck::QuoteIdentifier;

// The columns of the step's table in which there are NULLs.
Result<std::set<std::string>> NullableOf(duck::Connection& connection, const ivm::Step& step) {
  std::string counts;
  for (size_t i = 0; i < step.plan->columns.size(); ++i) {
    counts += (counts.empty() ? "SELECT " : ", ") + std::string("(count(*) > count(c") +
              std::to_string(i) + "))::BIGINT";
  }
  std::set<std::string> nullable;
  if (counts.empty()) return nullable;
  ASSIGN_OR_RETURN(auto row, connection.Query(counts + " FROM " + QuoteIdentifier(step.table)));
  ASSIGN_OR_RETURN(const bool any, row.NextChunk());
  if (!any) return InternalError("the NULLs of " + step.table + " were not counted");
  for (size_t i = 0; i < step.plan->columns.size(); ++i) {
    if (row.Int64(0, i) != 0) nullable.insert("c" + std::to_string(i));
  }
  return nullable;
}

}  // namespace

Status RunProgram(duck::Connection& connection, const ivm::Program& program,
                  const StateLookup& look_up) {
  ivm::NullableColumns nullable;
  for (size_t i = 0; i < program.steps.size(); ++i) {
    const ivm::Step& step = program.steps[i];
    if (program.state && !program.state->lookup.empty() && program.state->first == i) {
      RETURN_IF_ERROR(look_up(*program.state));
    }
    RETURN_IF_ERROR(
        connection.Execute("CREATE OR REPLACE TEMP TABLE " + QuoteIdentifier(step.table) + " AS " +
                           algebra::RenderSql(ivm::WithPlainKeys(step.plan, nullable))));
    if (i + 1 == program.steps.size()) break;
    ASSIGN_OR_RETURN(nullable[step.table], NullableOf(connection, step));
  }
  return OkStatus();
}

void DropSteps(duck::Connection& connection, const ivm::Program& program) {
  for (const ivm::Step& step : program.steps) {
    (void)connection.Execute("DROP TABLE IF EXISTS " + duck::QuoteIdentifier(step.table));
  }
}

}  // namespace penstock::run
