#include "run/stored_expression.h"

#include "sql/query/query.h"

namespace penstock::run {

Result<std::string> TranslateStored(std::string_view expression) {
  ASSIGN_OR_RETURN(const sql::Expression translated,
                   sql::TranslateExpression({std::string(expression), {}, {}}, {}));
  if (translated.has_aggregate) {
    return UserError("AGGREGATE_IN_EXPRESSION",
                     "an expression of a table's row has an aggregate: " + std::string(expression),
                     "Change the table's constraint, default or generated column.");
  }
  return translated.text;
}

}  // namespace penstock::run
