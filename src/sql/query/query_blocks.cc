#include <algorithm>
#include <utility>

#include "base/sql_text.h"
#include "base/text.h"
#include "sql/query/column_name.h"
#include "sql/query/generator.h"
#include "sql/query/query_parser.h"
#include "sql/query/reserved_word.h"

namespace penstock::sql {

// [WITH …] SELECT … [UNION …] [ORDER BY …] [LIMIT …]
QueryParser::QueryShape QueryParser::ParseQuery() {
  if (!Enter()) return {};
  const size_t tables_outside = common_tables_.size();
  const bool in_call = std::exchange(in_call_, false);
  const bool in_window = std::exchange(in_window_, false);
  const bool in_braces = std::exchange(in_braces_, false);
  const int in_case = std::exchange(in_case_, 0);
  const bool with = AtWord("WITH");
  if (with) ParseWith();
  QueryShape shape = ParseSetOperations();
  if (shape.streams) {
    for (StatefulUse& use : shape.tail) query_.stateful.push_back(std::move(use));
  }
  shape.tail.clear();
  shape.single_block = shape.single_block && !with;
  common_tables_.resize(tables_outside);
  in_call_ = in_call;
  in_window_ = in_window;
  in_braces_ = in_braces;
  in_case_ = in_case;
  Leave();
  return shape;
}

void QueryParser::ParseWith() {
  ++at_;
  TakeWord("RECURSIVE");
  do {
    if (!IsName(Peek())) {
      return Fail(at_, "SYNTAX_ERROR", "a name is expected after WITH",
                  "WITH name AS (SELECT …) …");
    }
    const std::string name = NameOf(Peek());
    ++at_;
    if (AtOperator("(")) ParseListUntil(")");
    TakeWord("AS");
    if (AtWord("NOT")) ++at_;
    TakeWord("MATERIALIZED");
    if (!TakeOperator("(")) {
      return Fail(at_, "SYNTAX_ERROR", "the query of \"" + name + "\" must stand in parentheses",
                  "WITH " + name + " AS (SELECT …) …");
    }
    Block* const outer = std::exchange(block_, nullptr);
    const QueryShape shape = ParseQuery();
    block_ = outer;
    ExpectClose();
    common_tables_.push_back({name, shape.streams});
  } while (TakeOperator(","));
}

QueryParser::QueryShape QueryParser::ParseSetOperations() {
  QueryShape shape = ParseQueryTerm();
  while (AtAnyWord({"UNION", "EXCEPT", "MINUS", "INTERSECT"})) {
    const size_t token = at_;
    const std::string operation = AsciiUpper(Peek().text);
    if (operation == "MINUS") rewrite_.Replace(at_, "EXCEPT");
    ++at_;
    const bool all = TakeWord("ALL");
    if (!all) TakeWord("DISTINCT");
    if (AtWord("BY") && AtWord("NAME", 1)) at_ += 2;
    const QueryShape right = ParseQueryTerm();
    shape.single_block = false;
    shape.streams = shape.streams || right.streams;
    shape.tail.insert(shape.tail.end(), right.tail.begin(), right.tail.end());
    if (operation != "UNION" || !all) {
      shape.tail.push_back({all ? operation + " ALL" : operation, Where(token)});
    }
  }
  return shape;
}

QueryParser::QueryShape QueryParser::ParseQueryTerm() {
  if (AtWord("TABLE")) rewrite_.Replace(at_, "FROM");
  if (AtAnyWord({"SELECT", "FROM", "TABLE"})) return ParseBlock();
  if (AtWord("VALUES")) return ParseValues();
  if (!TakeOperator("(")) {
    Fail(at_, "SYNTAX_ERROR",
         AtEnd() ? "a query is expected here, the text ends"
                 : "a query is expected here, not \"" + std::string(Peek().text) + "\"",
         "A query begins with SELECT, WITH, FROM or VALUES.");
    return {};
  }
  QueryShape shape = ParseQuery();
  ExpectClose();
  shape.single_block = false;
  ParseOuterTail(&shape);
  return shape;
}

// ORDER BY and the like behind a query in parentheses or VALUES: a block without relations.
void QueryParser::ParseOuterTail(QueryShape* shape) {
  Block tail;
  tail.outer = block_;
  block_ = &tail;
  ParseTail(shape);
  block_ = tail.outer;
}

QueryParser::QueryShape QueryParser::ParseBlock() {
  if (!Enter()) return {};
  Block block;
  block.outer = block_;
  block_ = &block;
  FindQualifiedNames(&block);
  if (TakeWord("FROM") || TakeWord("TABLE")) {
    ParseFrom();
    if (AtWord("SELECT")) ParseSelectList();
  } else {
    ParseSelectList();
    if (TakeWord("FROM")) ParseFrom();
  }
  ParseClauses();
  QueryShape shape;
  ParseTail(&shape);
  FinishBlock(&block);
  block_ = block.outer;
  shape.streams = std::any_of(block.relations.begin(), block.relations.end(),
                              [](const Relation& relation) { return relation.streams; });
  shape.single_block = block.plain && block.select_end > 0 && block.relations.size() == 1;
  if (shape.single_block) {
    carried_after_ = block.select_end - 1;
    carried_alias_ = QuoteIdentifier(block.relations[0].alias);
  }
  Leave();
  return shape;
}

QueryParser::QueryShape QueryParser::ParseValues() {
  const size_t first = at_;
  const size_t width = ValuesWidth();
  ++at_;
  ParseListUntilClause();
  // Spark counts the columns from col1, the engine from col0.
  if (spark_ && !error_) {
    rewrite_.Wrap(first, at_, "SELECT * FROM (", ") AS values_list" + ValuesColumns(width));
  }
  QueryShape shape;
  ParseOuterTail(&shape);
  return shape;
}

void QueryParser::ParseSelectList() {
  ++at_;
  if (AtWord("DISTINCT")) {
    NoteStateful(block_, "SELECT DISTINCT", at_);
    ++at_;
    if (AtWord("ON") && AtOperator("(", 1)) {
      ++at_;
      ParseListUntil(")");
    }
  } else if (AtWord("ALL")) {
    ++at_;
  }
  while (!AtClause()) {
    if (TakeOperator(",")) continue;
    ParseSelectItem();
  }
  block_->select_end = at_;
  if (IsOperator(tokens_[at_ - 1], ",")) --block_->select_end;
}

void QueryParser::ParseSelectItem() {
  const size_t first = at_;
  const size_t node = ParseExpression();
  if (at_ == first) return PassOver();
  const size_t last = at_;
  if (nodes_[node].kind == NodeKind::kGenerator) {
    const std::vector<std::string> aliases = ParseGeneratorAliases();
    rewrite_.ReplaceRange(first, at_, GeneratorColumns(Generator(node), aliases));
    pending_generators_.pop_back();
    block_->plain = false;
    return;
  }
  if (TakeWord("AS")) {
    if (spark_ && IsName(Peek())) QuoteHere();
    if (IsName(Peek()) || IsString(Peek())) ++at_;
  } else if (IsName(Peek()) && !AtClause()) {
    if (spark_) QuoteHere();
    ++at_;
  } else if (spark_ && nodes_[node].last == last) {
    block_->unnamed.emplace_back(node, last - 1);
  }
  while (!AtClause() && !AtOperator(",")) PassOver();
}

// The bare word as a quoted name, when the engine would not take it for one.
void QueryParser::QuoteHere() {
  if (Peek().kind == TokenKind::kIdentifier && IsReservedByEngineOnly(Peek().text)) {
    rewrite_.Replace(at_, QuoteIdentifier(Peek().text));
  }
}

void QueryParser::ParseClauses() {
  while (!error_) {
    if (AtWord("WHERE") || AtWord("HAVING")) {
      if (AtWord("HAVING")) NoteStateful(block_, "HAVING", at_);
      ++at_;
      ParseListUntilClause();
    } else if (AtWord("GROUP") && AtWord("BY", 1)) {
      ParseGroupBy();
    } else if (AtWord("QUALIFY")) {
      ++at_;
      ParseListUntilClause();
    } else if (AtWord("WINDOW") && AtWord("AS", 2)) {
      ++at_;
      ParseNamedWindows();
    } else {
      return;
    }
  }
}

// w AS (PARTITION BY …), v AS (…)
void QueryParser::ParseNamedWindows() {
  do {
    if (!IsName(Peek()) || !AtWord("AS", 1) || !AtOperator("(", 2)) {
      return Fail(at_, "SYNTAX_ERROR", "a window is expected here", "WINDOW name AS (ORDER BY a)");
    }
    at_ += 2;
    ParseWindowParts();
  } while (!error_ && TakeOperator(","));
}

void QueryParser::ParseGroupBy() {
  NoteStateful(block_, "GROUP BY", at_);
  block_->grouped = true;
  block_->in_grouping = true;
  at_ += 2;
  const size_t first = at_;
  const auto at_grouping = [&] {
    return (AtWord("WITH") && AtAnyWord({"ROLLUP", "CUBE"}, 1)) ||
           (AtWord("GROUPING") && AtWord("SETS", 1));
  };
  while (!AtClause() && !at_grouping()) {
    if (TakeOperator(",")) continue;
    const size_t before = at_;
    ParseExpression();
    if (at_ == before) PassOver();
  }
  if (AtWord("WITH") && at_grouping()) {
    rewrite_.Wrap(first, at_, AsciiUpper(Peek(1).text) + " (", ")");
    rewrite_.Remove(at_, at_ + 2);
    at_ += 2;
  } else if (AtWord("GROUPING") && at_grouping()) {
    if (at_ > first && !IsOperator(tokens_[at_ - 1], ",")) rewrite_.Remove(first, at_);
    at_ += 2;
    ParseListUntil(")");
  }
  while (!AtClause()) PassOver();
  block_->in_grouping = false;
}

// ORDER BY, LIMIT and the clauses that only place rows on machines.
void QueryParser::ParseTail(QueryShape* shape) {
  while (!error_) {
    if (AtWord("ORDER") && AtWord("BY", 1)) {
      shape->tail.push_back({"ORDER BY", Where(at_)});
      at_ += 2;
      ParseListUntilClause();
    } else if (AtAnyWord({"LIMIT", "OFFSET", "FETCH"})) {
      shape->tail.push_back({AsciiUpper(Peek().text), Where(at_)});
      ++at_;
      ParseListUntilClause();
    } else if (AtAnyWord({"SORT", "DISTRIBUTE", "CLUSTER"}) && AtWord("BY", 1)) {
      const size_t first = at_;
      at_ += 2;
      ParseListUntilClause();
      if (spark_) rewrite_.Remove(first, at_);
    } else {
      return;
    }
  }
}

bool QueryParser::AtClause() const {
  if (AtEnd() || AtOperator(")") || AtOperator(";") || AtOperator("]") || AtOperator("}")) {
    return true;
  }
  if (Peek().kind != TokenKind::kIdentifier) return false;
  if (AtAnyWord({"FROM", "WHERE", "HAVING", "QUALIFY", "UNION", "INTERSECT"})) return true;
  if (AtAnyWord({"LIMIT", "OFFSET", "FETCH"})) return !AtOperator(",", 1) && !AtOperator(".", 1);
  if (AtAnyWord({"GROUP", "ORDER", "SORT", "DISTRIBUTE", "CLUSTER"})) return AtWord("BY", 1);
  if (AtWord("WINDOW")) return AtWord("AS", 2);
  if (AtAnyWord({"EXCEPT", "MINUS"})) {
    return AtAnyWord({"SELECT", "ALL", "DISTINCT", "FROM", "VALUES", "WITH"}, 1) || AtQuery(1);
  }
  return false;
}

void QueryParser::ParseListUntilClause() {
  while (!AtClause()) {
    if (TakeOperator(",")) continue;
    const size_t before = at_;
    ParseExpression();
    if (at_ == before) PassOver();
    while (!AtClause() && !AtOperator(",")) PassOver();
  }
}

void QueryParser::NoteStateful(Block* block, std::string what, size_t token) {
  if (!block) return;
  block->plain = false;
  block->stateful.push_back({std::move(what), Where(token)});
}

void QueryParser::FinishBlock(Block* block) {
  if (error_) return;
  if (!pending_generators_.empty() && !expression_only_) {
    return Fail(pending_generators_.back(), "NESTED_GENERATOR",
                "a function that gives rows stands inside of an expression",
                "Write it alone in the select list, or as LATERAL VIEW behind FROM.");
  }
  for (const Block::Chain& chain : block->chains) ResolveChain(block, chain);
  const bool streams = std::any_of(block->relations.begin(), block->relations.end(),
                                   [](const Relation& relation) { return relation.streams; });
  if (streams) {
    for (StatefulUse& use : block->stateful) {
      const bool implied = block->grouped && use.what.ends_with("(…)");
      if (!implied) query_.stateful.push_back(std::move(use));
    }
  }
  for (const Block::Star& star : block->stars) FinishStar(*block, star);
  for (const auto& [node, token] : block->unnamed) {
    const std::string name = ColumnName(nodes_, node, source_.text, tokens_, *block);
    if (!name.empty()) rewrite_.After(token, " AS " + QuoteIdentifier(name));
  }
}

// * EXCEPT (t.k) behind JOIN u USING (k): the engine would show u.k instead.
void QueryParser::HideShared(const Block& block, size_t list) {
  for (size_t token = list + 1; !IsOperator(tokens_[token], ")"); ++token) {
    if (tokens_[token].kind == TokenKind::kEnd) return;
    if (!IsName(tokens_[token]) || !IsOperator(tokens_[token - 1], ".")) continue;
    const std::string qualifier = NameOf(tokens_[token - 2]);
    for (const auto& [column, relation] : block.shared) {
      if (!EqualsIgnoreCase(column, NameOf(tokens_[token])) ||
          EqualsIgnoreCase(qualifier, relation)) {
        continue;
      }
      rewrite_.After(list, QuoteIdentifier(relation) + "." + QuoteIdentifier(column) + ", ");
    }
  }
}

void QueryParser::FinishStar(const Block& block, const Block::Star& star) {
  StarChange change{star.token, star.list, {}};
  if (star.list && star.qualifier.empty()) HideShared(block, *star.list);
  const bool hides =
      std::any_of(block.relations.begin(), block.relations.end(), [&](const Relation& relation) {
        if (!relation.input || !query_.inputs[*relation.input].uses_metadata) return false;
        return star.qualifier.empty() || EqualsIgnoreCase(star.qualifier, relation.alias);
      });
  if (hides) change.hidden.push_back("_metadata");
  star_changes_.push_back(std::move(change));
}

void QueryParser::ResolveChain(Block* block, const Block::Chain& chain) {
  const auto is_metadata = [](const std::string& name) {
    return EqualsIgnoreCase(name, "_metadata");
  };
  if (!block->window.empty() && EqualsIgnoreCase(chain.names[0], "window")) {
    return rewrite_.Replace(chain.first, block->window);
  }
  if (is_metadata(chain.names[0])) {
    if (MarkMetadata(block, "")) return;
  } else if (chain.names.size() > 1 && is_metadata(chain.names[1])) {
    if (MarkMetadata(block, chain.names[0])) return;
  }
  if (block->outer) block->outer->chains.push_back(chain);
}

// Looks ahead for the names of several parts in the FROM of the block that begins here: references
// to columns stand before it.
void QueryParser::FindQualifiedNames(Block* block) const {
  int depth = 0;
  for (size_t token = at_; token + 1 < tokens_.size() && depth >= 0; ++token) {
    if (IsOperator(tokens_[token], "(")) ++depth;
    if (IsOperator(tokens_[token], ")")) --depth;
    const bool before_relation =
        IsWord(tokens_[token], "FROM") || IsWord(tokens_[token], "JOIN") ||
        IsWord(tokens_[token], "STREAM") || IsOperator(tokens_[token], ",") ||
        (IsOperator(tokens_[token], "(") && IsWord(tokens_[token - 1], "STREAM"));
    if (!before_relation || depth > 1) continue;
    std::vector<std::string> parts;
    size_t name = token + 1;
    while (IsName(tokens_[name])) {
      parts.push_back(NameOf(tokens_[name]));
      if (!IsOperator(tokens_[name + 1], ".")) break;
      name += 2;
    }
    // Behind a comma there may be a column as well; then nothing refers to it as to a table.
    if (parts.size() > 1) block->qualified.push_back(std::move(parts));
  }
}

// db.t.column becomes t.column.
void QueryParser::DropQualifier(Block::Chain* chain) {
  for (const Block* block = block_; block; block = block->outer) {
    for (const std::vector<std::string>& qualified : block->qualified) {
      const size_t parts = MatchedParts(qualified, chain->names);
      if (parts == 0) continue;
      rewrite_.Remove(chain->first, chain->first + 2 * (parts - 1));
      chain->names.erase(chain->names.begin(),
                         chain->names.begin() + static_cast<ptrdiff_t>(parts - 1));
      return;
    }
  }
}

// How many leading names of `names` are the table's name with its schema, or 0.
size_t QueryParser::MatchedParts(const std::vector<std::string>& table,
                                 const std::vector<std::string>& names) {
  for (size_t parts = table.size(); parts >= 2; --parts) {
    if (names.size() <= parts) continue;
    const size_t skipped = table.size() - parts;
    const bool equal = std::equal(table.begin() + static_cast<ptrdiff_t>(skipped), table.end(),
                                  names.begin(), EqualsIgnoreCase);
    if (equal) return parts;
  }
  return 0;
}

// An unqualified _metadata is that of the files read; without any, that of every input.
bool QueryParser::MarkMetadata(Block* block, const std::string& qualifier) {
  bool files = false;
  for (const Relation& relation : block->relations) {
    if (!relation.input) continue;
    files = files || std::holds_alternative<FilesInput>(query_.inputs[*relation.input].source);
  }
  bool marked = false;
  for (const Relation& relation : block->relations) {
    if (!relation.input) continue;
    Input& input = query_.inputs[*relation.input];
    const bool named = qualifier.empty()
                           ? !files || std::holds_alternative<FilesInput>(input.source)
                           : EqualsIgnoreCase(qualifier, relation.alias);
    if (!named) continue;
    input.uses_metadata = true;
    marked = true;
  }
  return marked;
}

}  // namespace penstock::sql
