#include <fmt/format.h>

#include "base/text.h"
#include "sql/table_grammar.h"

namespace penstock::sql {
namespace {

// ADD COLUMN[S] [(] a INT [FIRST | AFTER b], … [)]
Result<TableAlteration> ParseAddColumns(TokenCursor& cursor) {
  AddColumns add;
  add.if_not_exists = cursor.Accept({"IF", "NOT", "EXISTS"});
  const bool list = cursor.AcceptOperator("(");
  do {
    ASSIGN_OR_RETURN(auto column, ParseColumnDefinition(cursor, {true, true}));
    if (column.generated) {
      return UserError("UNSUPPORTED_CLAUSE",
                       fmt::format("column '{}' is GENERATED: the rows that are there already "
                                   "would have no value",
                                   column.field.name),
                       "Create the table anew: CREATE OR REPLACE TABLE …")
          .At(column.where);
    }
    add.columns.push_back(std::move(column));
  } while (cursor.AcceptOperator(","));
  if (list && !cursor.AcceptOperator(")")) return cursor.Unexpected("',' or ')'");
  return TableAlteration(std::move(add));
}

Result<TableAlteration> ParseAdd(TokenCursor& cursor) {
  if (cursor.Accept({"CONSTRAINT"})) {
    AddConstraint add;
    ASSIGN_OR_RETURN(add.constraint, ParseCheckConstraint(cursor));
    return TableAlteration(std::move(add));
  }
  if (cursor.LooksAt({"PARTITION"})) {
    return RefusedClause(cursor, "ADD PARTITION",
                         "Leave it out: partitions come and go with their rows.");
  }
  if (!cursor.Accept({"COLUMNS"}) && !cursor.Accept({"COLUMN"})) {
    return cursor.Unexpected("COLUMN, COLUMNS or CONSTRAINT", {"COLUMN", "COLUMNS", "CONSTRAINT"});
  }
  return ParseAddColumns(cursor);
}

Result<TableAlteration> ParseDropPart(TokenCursor& cursor) {
  if (cursor.Accept({"CONSTRAINT"})) {
    DropConstraint drop;
    drop.if_exists = cursor.Accept({"IF", "EXISTS"});
    ASSIGN_OR_RETURN(drop.name, cursor.ExpectName("the name of the constraint"));
    cursor.Accept({"RESTRICT"});
    return TableAlteration(std::move(drop));
  }
  if (cursor.Accept({"FEATURE"})) {
    DropFeature drop;
    if (IsString(cursor.Peek())) {
      ASSIGN_OR_RETURN(drop.feature, cursor.ExpectString("the feature"));
    } else {
      ASSIGN_OR_RETURN(drop.feature, ParsePropertyKey(cursor));
    }
    drop.truncate_history = cursor.Accept({"TRUNCATE", "HISTORY"});
    return TableAlteration(std::move(drop));
  }
  if (cursor.LooksAt({"PARTITION"})) {
    return RefusedClause(cursor, "DROP PARTITION", "Write DELETE FROM t WHERE …");
  }
  if (!cursor.Accept({"COLUMNS"}) && !cursor.Accept({"COLUMN"})) {
    return cursor.Unexpected("COLUMN, COLUMNS, CONSTRAINT or FEATURE",
                             {"COLUMN", "COLUMNS", "CONSTRAINT", "FEATURE"});
  }
  DropColumns drop;
  drop.if_exists = cursor.Accept({"IF", "EXISTS"});
  ASSIGN_OR_RETURN(drop.columns, ParseColumnPaths(cursor));
  return TableAlteration(std::move(drop));
}

// What ALTER COLUMN a … does: TYPE x, COMMENT 'c', FIRST, AFTER b, SET …, DROP ….
Status ParseColumnChange(TokenCursor& cursor, ChangeColumn* change) {
  if (cursor.Accept({"TYPE"})) {
    ASSIGN_OR_RETURN(change->type, ParseTypeText(cursor, change->column.back()));
  } else if (cursor.Accept({"COMMENT"})) {
    ASSIGN_OR_RETURN(change->comment, cursor.ExpectString("the comment"));
  } else if (cursor.Accept({"FIRST"})) {
    change->first = true;
  } else if (cursor.Accept({"AFTER"})) {
    ASSIGN_OR_RETURN(change->after, cursor.ExpectName("the column before"));
  } else if (cursor.Accept({"SET", "NOT", "NULL"})) {
    change->nullable = false;
  } else if (cursor.Accept({"DROP", "NOT", "NULL"})) {
    change->nullable = true;
  } else if (cursor.Accept({"SET", "DEFAULT"})) {
    ASSIGN_OR_RETURN(change->default_value,
                     ParseExpressionText(cursor, "the default value", {"COMMENT"}));
  } else if (cursor.Accept({"DROP", "DEFAULT"})) {
    change->drop_default = true;
  } else if (cursor.LooksAt({"SYNC", "IDENTITY"})) {
    return RefusedClause(cursor, "SYNC IDENTITY", "Leave it out.");
  } else if (cursor.LooksAt({"SET", "MASK"}) || cursor.LooksAt({"DROP", "MASK"}) ||
             cursor.LooksAt({"SET", "TAGS"}) || cursor.LooksAt({"UNSET", "TAGS"})) {
    return RefusedClause(cursor,
                         AsciiUpper(cursor.Peek().text) + " " + AsciiUpper(cursor.Peek(1).text),
                         "Leave it out.");
  } else {
    return cursor.Unexpected("TYPE, COMMENT, FIRST, AFTER, SET or DROP",
                             {"TYPE", "COMMENT", "FIRST", "AFTER", "SET", "DROP"});
  }
  return OkStatus();
}

// CHANGE COLUMN a a BIGINT COMMENT 'c' is Hive's form; the name is written twice.
Status ParseHiveChange(TokenCursor& cursor, ChangeColumn* change) {
  const Token& first = cursor.Peek();
  ASSIGN_OR_RETURN(auto column, ParseColumnDefinition(cursor, {true, false}));
  if (!EqualsIgnoreCase(column.field.name, change->column.back())) {
    return cursor.ErrorAt(first, "UNSUPPORTED_CLAUSE", "CHANGE COLUMN with another name",
                          "Write ALTER TABLE t RENAME COLUMN a TO b.");
  }
  change->type = std::move(column.field.type);
  if (!column.field.comment.empty()) change->comment = std::move(column.field.comment);
  change->first = column.first;
  change->after = std::move(column.after);
  return OkStatus();
}

Result<TableAlteration> ParseChange(TokenCursor& cursor, bool hive) {
  cursor.Accept({"COLUMN"});
  ChangeColumn change;
  ASSIGN_OR_RETURN(change.column, cursor.ExpectNameParts("a column"));
  const bool renames = IsName(cursor.Peek()) && IsName(cursor.Peek(1)) &&
                       EqualsIgnoreCase(NameOf(cursor.Peek()), change.column.back());
  if (hive && renames) {
    RETURN_IF_ERROR(ParseHiveChange(cursor, &change));
    return TableAlteration(std::move(change));
  }
  RETURN_IF_ERROR(ParseColumnChange(cursor, &change));
  if (IsOperator(cursor.Peek(), ",")) {
    return RefusedClause(cursor, "several columns in one ALTER COLUMN",
                         "Write one ALTER TABLE for each column.");
  }
  return TableAlteration(std::move(change));
}

Result<TableAlteration> ParseRename(TokenCursor& cursor) {
  RETURN_IF_ERROR(cursor.Expect({"COLUMN"}));
  RenameColumn rename;
  ASSIGN_OR_RETURN(rename.column, cursor.ExpectNameParts("a column"));
  RETURN_IF_ERROR(cursor.Expect({"TO"}));
  ASSIGN_OR_RETURN(rename.to, cursor.ExpectName("the new name"));
  return TableAlteration(std::move(rename));
}

Result<TableAlteration> ParseUnset(TokenCursor& cursor) {
  RETURN_IF_ERROR(cursor.Expect({"TBLPROPERTIES"}));
  UnsetProperties unset;
  unset.if_exists = cursor.Accept({"IF", "EXISTS"});
  RETURN_IF_ERROR(cursor.ExpectOperator("("));
  do {
    ASSIGN_OR_RETURN(auto key, ParsePropertyKey(cursor));
    unset.keys.push_back(std::move(key));
  } while (cursor.AcceptOperator(","));
  if (!cursor.AcceptOperator(")")) return cursor.Unexpected("',' or ')'");
  return TableAlteration(std::move(unset));
}

Result<TableAlteration> ParseClusterBy(TokenCursor& cursor) {
  RETURN_IF_ERROR(cursor.Expect({"BY"}));
  ClusterBy cluster;
  if (cursor.Accept({"NONE"})) return TableAlteration(std::move(cluster));
  if (cursor.LooksAt({"AUTO"})) {
    return RefusedClause(cursor, "CLUSTER BY AUTO", "Name the columns to cluster by.");
  }
  ASSIGN_OR_RETURN(cluster.columns, cursor.ExpectNameList("a column"));
  return TableAlteration(std::move(cluster));
}

Result<TableAlteration> ParseAlteration(TokenCursor& cursor) {
  if (cursor.Accept({"ADD"})) return ParseAdd(cursor);
  if (cursor.Accept({"DROP"})) return ParseDropPart(cursor);
  if (cursor.Accept({"RENAME"})) return ParseRename(cursor);
  if (cursor.Accept({"ALTER"})) return ParseChange(cursor, /*hive=*/false);
  if (cursor.Accept({"CHANGE"})) return ParseChange(cursor, /*hive=*/true);
  if (cursor.Accept({"UNSET"})) return ParseUnset(cursor);
  if (cursor.Accept({"CLUSTER"})) return ParseClusterBy(cursor);
  if (cursor.Accept({"SET", "TBLPROPERTIES"})) {
    SetProperties set;
    ASSIGN_OR_RETURN(set.properties, ParsePropertyList(cursor));
    return TableAlteration(std::move(set));
  }
  for (const std::string_view word :
       {"SET", "REPLACE", "RECOVER", "PARTITION", "OWNER", "ENABLE", "DISABLE", "ADD"}) {
    if (!cursor.LooksAt({word})) continue;
    const bool columns = word == "REPLACE";
    return RefusedClause(
        cursor, fmt::format("ALTER TABLE … {} {}", word, cursor.Peek(1).text.substr(0, 40)),
        columns ? "Add, rename and drop columns one by one, or write CREATE OR "
                  "REPLACE TABLE."
                : "Write SET TBLPROPERTIES ('key' = 'value') for properties.");
  }
  return cursor.Unexpected("what to alter", {"ADD", "DROP", "RENAME", "ALTER", "CHANGE",
                                             "SET TBLPROPERTIES", "UNSET", "CLUSTER BY"});
}

}  // namespace

Result<TableStatement> ParseAlter(TokenCursor& cursor) {
  if (!cursor.Accept({"TABLE"})) {
    const std::string word = AsciiUpper(cursor.Peek().text);
    if (word == "VIEW" || word == "SCHEMA" || word == "DATABASE" || word == "CATALOG" ||
        word == "STREAMING" || word == "MATERIALIZED") {
      return cursor.ErrorAt(cursor.Peek(), "UNSUPPORTED_STATEMENT", "ALTER " + word,
                            "Change its statement in the pipeline files.");
    }
    return cursor.Unexpected("TABLE", {"TABLE"});
  }
  AlterTable alter;
  ASSIGN_OR_RETURN(alter.table, ParseTableReference(cursor, "the table to alter"));
  if (cursor.Accept({"RENAME", "TO"})) {
    RenameTable rename;
    rename.table = std::move(alter.table);
    ASSIGN_OR_RETURN(rename.to, ParseTableReference(cursor, "the new name"));
    RETURN_IF_ERROR(ExpectEnd(cursor));
    return TableStatement(std::move(rename));
  }
  ASSIGN_OR_RETURN(alter.change, ParseAlteration(cursor));
  RETURN_IF_ERROR(ExpectEnd(cursor));
  return TableStatement(std::move(alter));
}

Result<TableStatement> ParseComment(TokenCursor& cursor) {
  RETURN_IF_ERROR(cursor.Expect({"ON"}));
  AlterTable alter;
  const bool column = cursor.Accept({"COLUMN"});
  if (!column && !cursor.Accept({"TABLE"})) {
    return cursor.Unexpected("TABLE or COLUMN", {"TABLE", "COLUMN"});
  }
  const Token& first = cursor.Peek();
  std::vector<std::string> parts;
  if (column) {
    ASSIGN_OR_RETURN(parts, cursor.ExpectNameParts("a column"));
    if (parts.size() < 2 || parts.size() > 4) {
      return cursor.ErrorAt(first, "SQL_SYNTAX", "a column's name is table.column here",
                            "Write COMMENT ON COLUMN t.column IS '…'.");
    }
    alter.table.text = cursor.Slice(first.offset, cursor.TokenAt(cursor.index() - 3).end());
    alter.table.parts.assign(parts.begin(), parts.end() - 1);
  } else {
    ASSIGN_OR_RETURN(alter.table, ParseTableReference(cursor, "the table"));
  }
  RETURN_IF_ERROR(cursor.Expect({"IS"}));
  std::optional<std::string> comment;
  if (!cursor.Accept({"NULL"})) {
    ASSIGN_OR_RETURN(comment, cursor.ExpectString("the comment"));
  }
  if (column) {
    ChangeColumn change;
    change.column = {parts.back()};
    change.comment = comment.value_or("");
    alter.change = std::move(change);
  } else {
    alter.change = SetTableComment{std::move(comment)};
  }
  RETURN_IF_ERROR(ExpectEnd(cursor));
  return TableStatement(std::move(alter));
}

}  // namespace penstock::sql
