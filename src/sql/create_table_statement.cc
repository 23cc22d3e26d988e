#include <fmt/format.h>

#include <set>

#include "base/text.h"
#include "sql/statement.h"
#include "sql/table_grammar.h"

namespace penstock::sql {
namespace {

class CreateParser {
 public:
  CreateParser(TokenCursor& cursor, CreateTable create)
      : cursor_(cursor), create_(std::move(create)) {}

  Result<TableStatement> Run() {
    if (cursor_.Accept({"SHALLOW", "CLONE"}) || cursor_.LooksAt({"CLONE"}) ||
        cursor_.LooksAt({"DEEP", "CLONE"})) {
      return Clone();
    }
    if (cursor_.Accept({"LIKE"})) {
      ASSIGN_OR_RETURN(create_.like, ParseTableReference(cursor_, "the table to be like"));
    }
    while (!cursor_.AtEnd() && !AtQuery()) RETURN_IF_ERROR(Clause());
    if (!cursor_.AtEnd()) {
      if (create_.like) return cursor_.Unexpected("the end of the statement");
      cursor_.Accept({"AS"});
      ASSIGN_OR_RETURN(create_.query, ParseQuery(cursor_));
    }
    return Checked();
  }

 private:
  bool AtQuery() const {
    return cursor_.LooksAt({"AS"}) || cursor_.LooksAt({"SELECT"}) || cursor_.LooksAt({"FROM"}) ||
           cursor_.LooksAt({"VALUES"}) ||
           (cursor_.LooksAt({"WITH"}) && !cursor_.LooksAt({"WITH", "ROW", "FILTER"}));
  }

  Result<TableStatement> Clone() {
    if (cursor_.LooksAt({"DEEP"}) || cursor_.LooksAt({"CLONE"})) {
      return RefusedClause(cursor_, "DEEP CLONE",
                           "Write SHALLOW CLONE, or CREATE TABLE … AS SELECT * FROM t.");
    }
    CloneTable clone;
    clone.table = create_.table;
    clone.replace = create_.replace;
    clone.if_not_exists = create_.if_not_exists;
    ASSIGN_OR_RETURN(clone.source, ParseTableReference(cursor_, "the table to clone"));
    ASSIGN_OR_RETURN(clone.version, ParseTableVersion(cursor_));
    while (!cursor_.AtEnd()) {
      if (cursor_.Accept({"TBLPROPERTIES"})) {
        ASSIGN_OR_RETURN(clone.properties, ParsePropertyList(cursor_));
      } else if (cursor_.Accept({"LOCATION"})) {
        ASSIGN_OR_RETURN(clone.location, cursor_.ExpectString("the path"));
      } else {
        return cursor_.Unexpected("TBLPROPERTIES, LOCATION or the end of the statement",
                                  {"TBLPROPERTIES", "LOCATION"});
      }
    }
    return TableStatement(std::move(clone));
  }

  Status Clause() {
    const Token& first = cursor_.Peek();
    const std::string clause = AsciiUpper(first.text);
    if (!seen_.insert(clause).second) {
      return cursor_.ErrorAt(
          first, "SQL_SYNTAX",
          fmt::format("{} is given twice", clause == "(" ? "the column list" : clause),
          "Keep one of them.");
    }
    if (IsOperator(first, "(") && !create_.like) return Columns();
    if (cursor_.Accept({"USING"})) return Using();
    if (cursor_.Accept({"PARTITIONED"})) return PartitionedBy();
    if (cursor_.Accept({"CLUSTER"})) return ClusteredBy();
    if (cursor_.Accept({"COMMENT"})) return Text(&create_.comment, "the comment");
    if (cursor_.Accept({"LOCATION"})) return Text(&create_.location, "the path");
    if (cursor_.Accept({"TBLPROPERTIES"})) {
      ASSIGN_OR_RETURN(create_.properties, ParsePropertyList(cursor_));
      return OkStatus();
    }
    return Refuse();
  }

  Status Text(std::optional<std::string>* to, std::string_view what) {
    ASSIGN_OR_RETURN(*to, cursor_.ExpectString(what));
    return OkStatus();
  }

  Status Columns() {
    RETURN_IF_ERROR(cursor_.ExpectOperator("("));
    do {
      if (cursor_.LooksAt({"CONSTRAINT"}) && IsName(cursor_.Peek(1)) &&
          (IsWord(cursor_.Peek(2), "CHECK") || IsWord(cursor_.Peek(2), "PRIMARY") ||
           IsWord(cursor_.Peek(2), "FOREIGN") || IsWord(cursor_.Peek(2), "EXPECT"))) {
        cursor_.Next();
        ASSIGN_OR_RETURN(auto constraint, ParseCheckConstraint(cursor_));
        create_.constraints.push_back(std::move(constraint));
        continue;
      }
      if (cursor_.LooksAt({"PRIMARY", "KEY"}) || cursor_.LooksAt({"FOREIGN", "KEY"})) {
        return RefusedClause(cursor_, AsciiUpper(cursor_.Peek().text) + " KEY on a table",
                             "Leave it out: such keys are declared and never checked.");
      }
      if (cursor_.LooksAt({"CHECK"}) && IsOperator(cursor_.Peek(1), "(")) {
        return RefusedClause(cursor_, "a CHECK without a name",
                             "Write CONSTRAINT name CHECK (condition).");
      }
      ASSIGN_OR_RETURN(auto column, ParseColumnDefinition(cursor_, {}));
      RETURN_IF_ERROR(Add(std::move(column)));
    } while (cursor_.AcceptOperator(","));
    if (!cursor_.AcceptOperator(")")) return cursor_.Unexpected("',' or ')'");
    return OkStatus();
  }

  Status Add(ColumnDefinition column) {
    if (!names_.insert(AsciiLower(column.field.name)).second) {
      return UserError("DUPLICATE_COLUMN",
                       fmt::format("column '{}' is declared twice", column.field.name),
                       "Names of columns differ in more than case; rename one.")
          .At(column.where);
    }
    create_.columns.push_back(std::move(column));
    return OkStatus();
  }

  Status Using() {
    if (cursor_.Accept({"DELTA"})) return OkStatus();
    return cursor_.ErrorAt(cursor_.Peek(), "UNSUPPORTED_CLAUSE",
                           fmt::format("USING {}: tables are Delta tables", cursor_.Peek().text),
                           "Leave USING out, or write USING DELTA.");
  }

  // PARTITIONED BY (a, b) names columns; (a INT) declares them too, behind the others.
  Status PartitionedBy() {
    RETURN_IF_ERROR(cursor_.Expect({"BY"}));
    RETURN_IF_ERROR(cursor_.ExpectOperator("("));
    do {
      const bool bare = IsOperator(cursor_.Peek(1), ",") || IsOperator(cursor_.Peek(1), ")");
      if (bare) {
        ASSIGN_OR_RETURN(auto name, cursor_.ExpectName("a column"));
        create_.partitioned_by.push_back(std::move(name));
        continue;
      }
      if (IsOperator(cursor_.Peek(1), "(")) {
        return RefusedClause(cursor_, "PARTITIONED BY an expression",
                             "Add a column GENERATED ALWAYS AS (expression) and name it here.");
      }
      ASSIGN_OR_RETURN(auto column, ParseColumnDefinition(cursor_, {}));
      create_.partitioned_by.push_back(column.field.name);
      RETURN_IF_ERROR(Add(std::move(column)));
    } while (cursor_.AcceptOperator(","));
    return cursor_.ExpectOperator(")");
  }

  Status ClusteredBy() {
    RETURN_IF_ERROR(cursor_.Expect({"BY"}));
    if (cursor_.Accept({"NONE"})) return OkStatus();
    if (cursor_.LooksAt({"AUTO"})) {
      return RefusedClause(cursor_, "CLUSTER BY AUTO", "Name the columns to cluster by.");
    }
    ASSIGN_OR_RETURN(create_.clustered_by, cursor_.ExpectNameList("a column"));
    return OkStatus();
  }

  Status Refuse() {
    static const std::map<std::string, std::string> kRefused = {
        {"CLUSTERED", "Write CLUSTER BY (columns)."},
        {"SORTED", "Write CLUSTER BY (columns)."},
        {"OPTIONS", "Write TBLPROPERTIES ('key' = 'value')."},
        {"ROW", "Leave it out: tables are Delta tables."},
        {"STORED", "Leave it out: tables are Delta tables."},
        {"DEFAULT", "Leave it out."},
        {"WITH", "Leave ROW FILTER out and filter in the query."}};
    const std::string word = AsciiUpper(cursor_.Peek().text);
    const auto refused = kRefused.find(word);
    if (refused != kRefused.end()) {
      return RefusedClause(cursor_, word + " in CREATE TABLE", refused->second);
    }
    return cursor_.Unexpected("a clause, or AS and a query",
                              {"AS", "USING", "PARTITIONED BY", "CLUSTER BY", "LOCATION", "COMMENT",
                               "TBLPROPERTIES", "SHALLOW CLONE", "LIKE"});
  }

  Result<TableStatement> Checked() {
    const Token& end = cursor_.TokenAt(0);
    if (!create_.partitioned_by.empty() && !create_.clustered_by.empty()) {
      return cursor_.ErrorAt(end, "SQL_SYNTAX", "PARTITIONED BY together with CLUSTER BY",
                             "Keep one of them.");
    }
    if (create_.query && !create_.columns.empty()) {
      return cursor_.ErrorAt(end, "UNSUPPORTED_CLAUSE", "a column list together with AS query",
                             "Name and cast the columns in the query.");
    }
    if (create_.query && !create_.constraints.empty()) {
      return cursor_.ErrorAt(end, "UNSUPPORTED_CLAUSE", "CONSTRAINT together with AS query",
                             "Add it afterwards: ALTER TABLE t ADD CONSTRAINT …");
    }
    return TableStatement(std::move(create_));
  }

  TokenCursor& cursor_;
  CreateTable create_;
  std::set<std::string> seen_;
  std::set<std::string> names_;
};

Error RefusedCreate(const TokenCursor& cursor) {
  const std::string word = AsciiUpper(cursor.Peek().text);
  static const std::map<std::string, std::string> kRemedies = {
      {"VIEW", "Declare views in pipeline files."},
      {"MATERIALIZED", "Declare materialized views in pipeline files."},
      {"STREAMING", "Declare streaming tables in pipeline files."},
      {"TEMPORARY", "Write WITH name AS (query) before the statement that needs it."},
      {"TEMP", "Write WITH name AS (query) before the statement that needs it."},
      {"SCHEMA", "Leave it out: schemas are made with their first table."},
      {"DATABASE", "Leave it out: schemas are made with their first table."},
      {"CATALOG", "Leave it out: catalogs are made with their first table."},
      {"EXTERNAL", "Write CREATE TABLE … LOCATION 'path'."},
      {"FUNCTION", "Write what it computes in the query."}};
  const auto known = kRemedies.find(word);
  if (known == kRemedies.end()) return cursor.Unexpected("TABLE", {"TABLE"});
  return cursor.ErrorAt(cursor.Peek(), "UNSUPPORTED_STATEMENT", "CREATE " + word, known->second);
}

}  // namespace

Result<TableStatement> ParseCreateTable(TokenCursor& cursor, bool replace_only) {
  CreateTable create;
  create.must_exist = replace_only;
  create.replace = replace_only || cursor.Accept({"OR", "REPLACE"});
  if (!cursor.Accept({"TABLE"})) return RefusedCreate(cursor);
  if (!replace_only && cursor.LooksAt({"IF"})) {
    const Token& first = cursor.Peek();
    RETURN_IF_ERROR(cursor.Expect({"IF", "NOT", "EXISTS"}));
    if (create.replace) {
      return cursor.ErrorAt(first, "SQL_SYNTAX", "OR REPLACE together with IF NOT EXISTS",
                            "Keep one of them.");
    }
    create.if_not_exists = true;
  }
  ASSIGN_OR_RETURN(create.table, ParseTableReference(cursor, "the name of the table"));
  return CreateParser(cursor, std::move(create)).Run();
}

Result<TableStatement> ParseDrop(TokenCursor& cursor) {
  DropTable drop;
  if (!cursor.Accept({"TABLE"})) {
    const std::string word = AsciiUpper(cursor.Peek().text);
    if (word == "VIEW" || word == "SCHEMA" || word == "DATABASE" || word == "CATALOG" ||
        word == "FUNCTION" || word == "MATERIALIZED") {
      return cursor.ErrorAt(cursor.Peek(), "UNSUPPORTED_STATEMENT", "DROP " + word,
                            word == "VIEW" || word == "MATERIALIZED"
                                ? "Take its statement out of the pipeline files; its table is "
                                  "dropped with DROP TABLE."
                                : "DROP TABLE drops a table.");
    }
    return cursor.Unexpected("TABLE", {"TABLE"});
  }
  drop.if_exists = cursor.Accept({"IF", "EXISTS"});
  ASSIGN_OR_RETURN(drop.table, ParseTableReference(cursor, "the table to drop"));
  if (cursor.LooksAt({"PURGE"})) {
    return RefusedClause(cursor, "PURGE", "Leave it out: the files are deleted at once.");
  }
  RETURN_IF_ERROR(ExpectEnd(cursor));
  return TableStatement(std::move(drop));
}

}  // namespace penstock::sql
