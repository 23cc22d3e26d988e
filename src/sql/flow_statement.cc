#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/text.h"
#include "sql/statement.h"

namespace penstock::sql {
namespace {

constexpr std::string_view kByName = "Write INSERT INTO t BY NAME SELECT …";

// INTO [ONCE] t [BY NAME] query
Status ParseInto(TokenCursor& cursor, const FileContext& context, model::Flow* flow) {
  if (cursor.LooksAt({"OVERWRITE"})) {
    return cursor.ErrorAt(cursor.Peek(), "UNSUPPORTED_STATEMENT",
                          "INSERT OVERWRITE in a pipeline file",
                          "A flow adds rows; for a result that is replaced, create a materialized "
                          "view.");
  }
  RETURN_IF_ERROR(cursor.Expect({"INTO"}));
  flow->once = cursor.Accept({"ONCE"});
  cursor.Accept({"TABLE"});
  ASSIGN_OR_RETURN(flow->target, ParseTableName(cursor, context, "the target table"));
  flow->by_name = cursor.Accept({"BY", "NAME"});
  if (IsOperator(cursor.Peek(), "(") && IsName(cursor.Peek(1)) &&
      (IsOperator(cursor.Peek(2), ",") || IsOperator(cursor.Peek(2), ")"))) {
    return cursor.ErrorAt(cursor.Peek(), "UNSUPPORTED_CLAUSE", "a column list behind INSERT INTO",
                          std::string(kByName));
  }
  if (cursor.LooksAt({"VALUES"}) && !flow->once) {
    return cursor.ErrorAt(cursor.Peek(), "UNSUPPORTED_STATEMENT",
                          "INSERT … VALUES in a pipeline file would run at every update",
                          "Write INSERT INTO ONCE t VALUES … to add these rows once.");
  }
  ASSIGN_OR_RETURN(flow->query, ParseQuery(cursor));
  flow->configuration = context.configuration;
  flow->current = {context.catalog, context.schema, ""};
  return OkStatus();
}

}  // namespace

Status ParseInsert(TokenCursor& cursor, const Token& first, const FileContext& context,
                   model::Definitions* out) {
  model::Flow flow;
  flow.where = cursor.Where(first);
  RETURN_IF_ERROR(ParseInto(cursor, context, &flow));
  flow.name = flow.target;
  out->flows.push_back(std::move(flow));
  return OkStatus();
}

Status ParseCreateFlow(TokenCursor& cursor, const Token& first, const FileContext& context,
                       model::Definitions* out) {
  model::Flow flow;
  flow.where = cursor.Where(first);
  cursor.Accept({"IF", "NOT", "EXISTS"});
  ASSIGN_OR_RETURN(const auto parts, cursor.ExpectNameParts("the name of the flow"));
  if (cursor.Accept({"COMMENT"})) {
    ASSIGN_OR_RETURN(flow.comment, cursor.ExpectString("the comment"));
  }
  RETURN_IF_ERROR(cursor.Expect({"AS"}));
  if (LooksAtCdc(cursor)) {
    RETURN_IF_ERROR(ParseCdc(cursor, context, std::nullopt, &flow));
  } else if (cursor.Accept({"INSERT"})) {
    RETURN_IF_ERROR(ParseInto(cursor, context, &flow));
  } else {
    return cursor.Unexpected("INSERT INTO or AUTO CDC INTO", {"INSERT", "AUTO", "APPLY"}, kByName);
  }
  flow.name = {flow.target.catalog, flow.target.schema, parts.back()};
  out->flows.push_back(std::move(flow));
  return OkStatus();
}

Result<model::TableName> ParseTableName(TokenCursor& cursor, const FileContext& context,
                                        std::string_view what) {
  const Token& first = cursor.Peek();
  ASSIGN_OR_RETURN(auto parts, cursor.ExpectNameParts(what));
  if (parts.size() == 2 && EqualsIgnoreCase(parts[0], "LIVE")) parts.erase(parts.begin());
  switch (parts.size()) {
    case 1:
      return model::TableName{context.catalog, context.schema, parts[0]};
    case 2:
      return model::TableName{context.catalog, parts[0], parts[1]};
    case 3:
      return model::TableName{parts[0], parts[1], parts[2]};
    default:
      return cursor.ErrorAt(
          first, "SQL_SYNTAX",
          fmt::format("{} has {} parts: {}", what, parts.size(), fmt::join(parts, ".")),
          "A table's name is table, schema.table or catalog.schema.table.");
  }
}

Result<model::QueryText> ParseQuery(TokenCursor& cursor) {
  const bool query = cursor.LooksAt({"SELECT"}) || cursor.LooksAt({"WITH"}) ||
                     cursor.LooksAt({"FROM"}) || cursor.LooksAt({"VALUES"}) ||
                     cursor.LooksAt({"TABLE"}) || IsOperator(cursor.Peek(), "(");
  if (query) return cursor.Rest();
  Error error = cursor.Unexpected("a query", {"SELECT", "WITH", "FROM", "VALUES", "TABLE"});
  if (cursor.AtEnd()) {
    error.code = "MISSING_QUERY";
    error.remedy = "Add a query: SELECT …";
  }
  return error;
}

}  // namespace penstock::sql
