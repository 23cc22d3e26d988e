#include "run/program_run.h"

#include "algebra/render.h"

namespace penstock::run {

Status RunProgram(duck::Connection& connection, const ivm::Program& program) {
  for (const ivm::Step& step : program.steps) {
    RETURN_IF_ERROR(connection.Execute("CREATE OR REPLACE TEMP TABLE " +
                                       duck::QuoteIdentifier(step.table) + " AS " +
                                       algebra::RenderSql(step.plan)));
  }
  return OkStatus();
}

void DropSteps(duck::Connection& connection, const ivm::Program& program) {
  for (const ivm::Step& step : program.steps) {
    (void)connection.Execute("DROP TABLE IF EXISTS " + duck::QuoteIdentifier(step.table));
  }
}

}  // namespace penstock::run
