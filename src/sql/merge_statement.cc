#include <fmt/format.h>

#include "base/text.h"
#include "sql/table_grammar.h"

namespace penstock::sql {
namespace {

using When = MergeClause::When;
using Action = MergeClause::Action;

// USING source [AS] b: a table, or a query in parentheses.
Status ParseSource(TokenCursor& cursor, MergeRows* merge) {
  if (IsOperator(cursor.Peek(), "(")) {
    ASSIGN_OR_RETURN(merge->source, cursor.ExpectParenthesized("the source"));
    ASSIGN_OR_RETURN(merge->source_alias, ParseTableAlias(cursor, {}, {"ON"}));
    if (IsOperator(cursor.Peek(), "(")) {
      ASSIGN_OR_RETURN(merge->source_columns, cursor.ExpectNameList("a column"));
    }
    return OkStatus();
  }
  // A table with a version, read_files(…) and the like: everything up to its alias or ON.
  const Token& first = cursor.Peek();
  ASSIGN_OR_RETURN(const auto parts, cursor.ExpectNameParts("the source"));
  if (IsOperator(cursor.Peek(), "(")) {
    ASSIGN_OR_RETURN(const auto arguments, cursor.ExpectParenthesized("the arguments"));
  } else {
    ASSIGN_OR_RETURN(const auto version, ParseTableVersion(cursor));
  }
  merge->source = cursor.Slice(first.offset, cursor.TokenAt(cursor.index() - 1).end());
  TableReference named;
  named.parts = parts;
  ASSIGN_OR_RETURN(merge->source_alias, ParseTableAlias(cursor, named, {"ON"}));
  // One query whatever it was; the words before it stand where the source does.
  constexpr std::string_view kSelect = "SELECT * FROM ";
  model::QueryText query{std::string(kSelect) + merge->source.text, merge->source.where, {}};
  query.anchors.push_back({0, merge->source.where.line, merge->source.where.column, true});
  std::vector<model::TextAnchor> anchors = merge->source.anchors;
  if (anchors.empty() || anchors.front().offset > 0) {
    anchors.insert(anchors.begin(),
                   {0, merge->source.where.line, merge->source.where.column, false});
  }
  for (model::TextAnchor& anchor : anchors) {
    anchor.offset += kSelect.size();
    query.anchors.push_back(anchor);
  }
  merge->source = std::move(query);
  return OkStatus();
}

// INSERT * | INSERT (a, b) VALUES (x, DEFAULT)
Status ParseInsertAction(TokenCursor& cursor, MergeClause* clause) {
  const Token& first = cursor.Peek();
  if (cursor.AcceptOperator("*")) {
    clause->action = Action::kInsertStar;
    return OkStatus();
  }
  clause->action = Action::kInsert;
  ASSIGN_OR_RETURN(const auto columns, ParseColumnPaths(cursor));
  RETURN_IF_ERROR(cursor.Expect({"VALUES"}));
  RETURN_IF_ERROR(cursor.ExpectOperator("("));
  for (const auto& column : columns) {
    if (!clause->assignments.empty() && !cursor.AcceptOperator(",")) {
      return cursor.ErrorAt(cursor.Peek(), "SQL_SYNTAX",
                            fmt::format("INSERT names {} columns and has {} values", columns.size(),
                                        clause->assignments.size()),
                            "Give one value for each column.");
    }
    ColumnAssignment assignment;
    assignment.column = column;
    const Token& value = cursor.Peek();
    ASSIGN_OR_RETURN(assignment.value, ParseExpressionText(cursor, "a value", {}));
    if (IsWord(value, "DEFAULT") && assignment.value.text.size() == value.text.size()) {
      assignment.is_default = true;
      assignment.value = {};
    }
    clause->assignments.push_back(std::move(assignment));
  }
  if (IsOperator(cursor.Peek(), ",")) {
    return cursor.ErrorAt(
        first, "SQL_SYNTAX",
        fmt::format("INSERT names {} columns and has more values", columns.size()),
        "Give one value for each column.");
  }
  return cursor.ExpectOperator(")");
}

Status ParseAction(TokenCursor& cursor, MergeClause* clause) {
  const bool adds = clause->when == When::kNotMatched;
  if (adds) {
    if (!cursor.Accept({"INSERT"})) {
      return cursor.Unexpected("INSERT behind WHEN NOT MATCHED … THEN", {"INSERT"},
                               "Rows without a match can only be inserted.");
    }
    return ParseInsertAction(cursor, clause);
  }
  if (cursor.Accept({"DELETE"})) {
    clause->action = Action::kDelete;
    return OkStatus();
  }
  if (!cursor.Accept({"UPDATE"}))
    return cursor.Unexpected("UPDATE or DELETE", {"UPDATE", "DELETE"});
  RETURN_IF_ERROR(cursor.Expect({"SET"}));
  if (IsOperator(cursor.Peek(), "*")) {
    if (clause->when == When::kNotMatchedBySource) {
      return cursor.ErrorAt(cursor.Peek(), "SQL_SYNTAX", "UPDATE SET * where no source row matches",
                            "Name the columns: UPDATE SET column = value.");
    }
    cursor.Next();
    clause->action = Action::kUpdateStar;
    return OkStatus();
  }
  clause->action = Action::kUpdate;
  ASSIGN_OR_RETURN(clause->assignments, ParseAssignments(cursor, {"WHEN"}));
  return OkStatus();
}

Result<MergeClause> ParseClause(TokenCursor& cursor) {
  MergeClause clause;
  RETURN_IF_ERROR(cursor.Expect({"WHEN"}));
  if (cursor.Accept({"NOT", "MATCHED"})) {
    clause.when = When::kNotMatched;
    if (cursor.Accept({"BY", "SOURCE"})) {
      clause.when = When::kNotMatchedBySource;
    } else {
      cursor.Accept({"BY", "TARGET"});
    }
  } else {
    RETURN_IF_ERROR(cursor.Expect({"MATCHED"}));
  }
  if (cursor.Accept({"AND"})) {
    ASSIGN_OR_RETURN(clause.condition, ParseExpressionText(cursor, "a condition", {"THEN"}));
  }
  RETURN_IF_ERROR(cursor.Expect({"THEN"}));
  RETURN_IF_ERROR(ParseAction(cursor, &clause));
  return clause;
}

// Only the last clause of a kind may be without a condition: no later one would ever be reached.
Status CheckClause(const TokenCursor& cursor, const Token& first, const MergeClause& clause,
                   const std::vector<MergeClause>& before) {
  for (const MergeClause& earlier : before) {
    if (earlier.when != clause.when || earlier.condition) continue;
    return cursor.ErrorAt(first, "SQL_SYNTAX",
                          "this clause is never reached: one before it has no condition",
                          "Put the clause without a condition last.");
  }
  return OkStatus();
}

}  // namespace

Result<TableStatement> ParseMerge(TokenCursor& cursor) {
  MergeRows merge;
  merge.schema_evolution = cursor.Accept({"WITH", "SCHEMA", "EVOLUTION"});
  RETURN_IF_ERROR(cursor.Expect({"INTO"}));
  ASSIGN_OR_RETURN(merge.table, ParseTableReference(cursor, "the table to merge into"));
  ASSIGN_OR_RETURN(merge.alias, ParseTableAlias(cursor, merge.table, {"USING"}));
  RETURN_IF_ERROR(cursor.Expect({"USING"}));
  RETURN_IF_ERROR(ParseSource(cursor, &merge));
  RETURN_IF_ERROR(cursor.Expect({"ON"}));
  ASSIGN_OR_RETURN(merge.on, ParseExpressionText(cursor, "a condition", {"WHEN"}));
  while (!cursor.AtEnd()) {
    const Token& first = cursor.Peek();
    ASSIGN_OR_RETURN(MergeClause clause, ParseClause(cursor));
    RETURN_IF_ERROR(CheckClause(cursor, first, clause, merge.clauses));
    merge.clauses.push_back(std::move(clause));
  }
  if (merge.clauses.empty()) {
    return cursor.Unexpected("WHEN", {"WHEN"},
                             "Add WHEN MATCHED THEN … or WHEN NOT MATCHED THEN …");
  }
  return TableStatement(std::move(merge));
}

}  // namespace penstock::sql
