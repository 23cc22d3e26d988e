#include "duck/plan/bound_plan.h"

#include <duckdb.hpp>
#include <duckdb/parser/parser.hpp>
#include <duckdb/planner/planner.hpp>

#include "algebra/join_order.h"
#include "duck/native.h"
#include "duck/plan/plan_reader.h"

namespace penstock::duck {

using algebra::NodePtr;

Result<NodePtr> PlanOf(Connection& connection, const std::string& query) {
  Connection::State& state = connection.state();
  if (state.spark_pack) RETURN_IF_ERROR(state.spark_pack->MakeFor(query));
  auto& context = *reinterpret_cast<duckdb::Connection*>(state.connection)->context;
  state.last_error_offset.reset();
  NodePtr root;
  std::optional<Error> error;
  try {
    context.RunFunctionInTransaction([&] {
      duckdb::Parser parser(context.GetParserOptions());
      parser.ParseQuery(query);
      duckdb::Planner planner(context);
      planner.CreatePlan(std::move(parser.statements.at(0)));
      try {
        root = algebra::WithKeyedJoins(PlanReader().ReadQuery(*planner.plan, planner.names));
      } catch (const NoCounterpart& missing) {
        error = UserError("UNSUPPORTED_PLAN", missing.what + " cannot be refreshed incrementally");
        state.last_error_offset = missing.offset;
      }
    });
  } catch (const std::exception& exception) {
    const duckdb::ErrorData data(exception);
    return UserError("UNSUPPORTED_PLAN", data.RawMessage());
  }
  if (error) return *std::move(error);
  return root;
}

}  // namespace penstock::duck
