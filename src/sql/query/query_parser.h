#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "sql/query/generator.h"
#include "sql/query/query.h"
#include "sql/query/rewrite.h"
#include "sql/token.h"

// The recursive parser behind TranslateQuery: it finds the structure of a query (blocks, relations,
// subqueries, expressions) and notes the changes to its tokens. What it does not know it lets
// through: the engine judges syntax.
namespace penstock::sql {

enum class NodeKind {
  kColumn,     // a.b.c
  kStar,       // *, t.*
  kLiteral,    // 1, 'a', NULL, TRUE
  kCall,       // text: name in lower case; children: arguments
  kBinary,     // text: operator; children: left, right
  kUnary,      // text: operator; children: operand
  kIndex,      // a[i]; children: a, i
  kCase,       // text: what each child is: o(perand), w(hen), t(hen), e(lse)
  kTyped,      // DATE '…'; text: as it is shown
  kCast,       // text: Spark's type; children: operand
  kParen,      // children: inner (several: a row)
  kGenerator,  // explode(…) and others that give rows or several columns; text: name
  kOther,
};

// One expression: the tokens [first, last) and what is needed to name its column.
struct Node {
  NodeKind kind = NodeKind::kOther;
  size_t first = 0;
  size_t last = 0;
  std::string text;
  std::vector<size_t> children;
  bool distinct = false;
  bool windowed = false;
  bool outer = false;  // kGenerator: keeps rows without elements
};

// The words around one call f(…).
struct Call {
  std::string name;  // lower case
  size_t name_token = 0;
  size_t open = 0;                // "("
  size_t close = 0;               // ")"
  std::vector<size_t> arguments;  // nodes
  bool star = false;
  bool distinct = false;
  bool windowed = false;
  bool ordered = false;               // ORDER BY inside, or WITHIN GROUP
  bool ignore_nulls = false;          // the words are taken out
  bool qualified = false;             // schema.f(…)
  bool keyword_arguments = false;     // name => value, trim(BOTH … FROM …), substring(… FROM …)
  std::optional<size_t> nulls_after;  // token of IGNORE or RESPECT behind the parenthesis
};

struct Relation {
  std::string alias;
  std::vector<std::string> parts;  // of the name, when it is an input
  bool streams = false;
  std::optional<size_t> input;
  size_t token = 0;
};

// SELECT … FROM … as one scope of names.
struct Block {
  struct Chain {
    size_t first = 0;
    std::vector<std::string> names;
  };
  struct Star {
    size_t token = 0;
    std::string qualifier;
    std::optional<size_t> list;  // "(" of its EXCEPT list
  };
  Block* outer = nullptr;
  std::vector<Relation> relations;
  std::vector<std::vector<std::string>> qualified;  // names of several parts behind FROM
  std::vector<Chain> chains;  // column references, to be looked at when FROM is known
  std::vector<Star> stars;
  std::vector<std::pair<size_t, size_t>> unnamed;  // node, token after which the name goes
  std::vector<StatefulUse> stateful;
  std::vector<std::pair<std::string, std::string>> shared;  // USING column, relation on the right
  std::string window;  // the translated window(…) of GROUP BY, which is then a column
  bool grouped = false;
  bool in_grouping = false;  // while GROUP BY is read
  bool plain = true;         // no join, generator, grouping, subquery …: rows map to rows
  size_t select_end = 0;     // token behind the select list
};

class QueryParser {
 public:
  QueryParser(const model::QueryText& query, const QueryContext& context,
              const std::vector<Token>& tokens);

  Result<Query> TranslateQuery();
  Result<Expression> TranslateExpression();

 private:
  struct QueryShape {
    bool streams = false;
    bool single_block = false;
    std::vector<StatefulUse>
        tail;  // ORDER BY, LIMIT, set operations: counted when the query streams
  };
  struct CommonTable {
    std::string name;
    bool streams = false;
  };
  struct StarChange {
    size_t token = 0;
    std::optional<size_t> list;
    std::vector<std::string> hidden;
  };

  // --- tokens (query_parser.cc)
  std::string RenderCarried() const;
  Error MetadataNotCarried() const;
  void CarryMetadata();
  void FinishStars(Rewrite* rewrite, const std::string& also_hidden) const;
  void ApplyStars(Rewrite* rewrite, const std::string& also_hidden) const;
  void PassOver();
  const Token& Peek(size_t ahead = 0) const;
  bool AtEnd() const { return Peek().kind == TokenKind::kEnd; }
  bool AtWord(std::string_view word, size_t ahead = 0) const { return IsWord(Peek(ahead), word); }
  bool AtOperator(std::string_view op, size_t ahead = 0) const {
    return IsOperator(Peek(ahead), op);
  }
  bool AtAnyWord(std::initializer_list<std::string_view> words, size_t ahead = 0) const;
  bool AtQuery(size_t ahead = 0) const;
  bool TakeWord(std::string_view word);
  bool TakeOperator(std::string_view op);
  void ExpectClose();
  void Fail(size_t token, std::string code, std::string message, std::string remedy);
  bool Enter();
  void Leave() { --depth_; }
  SourceLocation Where(size_t token) const;
  void TranslateWords();
  void TranslateNumber(size_t token);

  // --- queries (query_blocks.cc)
  QueryShape ParseQuery();
  void ParseWith();
  QueryShape ParseSetOperations();
  QueryShape ParseQueryTerm();
  QueryShape ParseBlock();
  QueryShape ParseValues();
  void ParseSelectList();
  void ParseSelectItem();
  void ParseClauses();
  void ParseNamedWindows();
  void ParseGroupBy();
  void ParseTail(QueryShape* shape);
  void ParseOuterTail(QueryShape* shape);
  void NoteStateful(Block* block, std::string what, size_t token);
  void FinishBlock(Block* block);
  bool MarkMetadata(Block* block, const std::string& qualifier);
  void HideShared(const Block& block, size_t list);
  void FinishStar(const Block& block, const Block::Star& star);
  void FindQualifiedNames(Block* block) const;
  void DropQualifier(Block::Chain* chain);
  static size_t MatchedParts(const std::vector<std::string>& parts,
                             const std::vector<std::string>& names);
  void QuoteHere();
  void ResolveChain(Block* block, const Block::Chain& chain);
  void ParseListUntilClause();
  bool AtClause() const;

  // --- relations (query_relations.cc)
  using Source = std::variant<TableInput, FilesInput, DeltaPathInput>;
  void ParseFrom();
  void ParseJoins();
  bool ParseJoin();
  bool Streams(size_t first) const;
  void ParseRelation();
  void ParseParenthesizedRelation();
  void ParseValuesRelation();
  size_t ValuesWidth() const;
  static std::string ValuesColumns(size_t width);
  void ParseRelationName(bool streaming, size_t first, bool closes);
  void ParseTimeTravel(std::optional<std::string>* version, std::optional<std::string>* timestamp);
  std::map<std::string, std::string> ParseTableOptions(bool is_delta_stream);
  void CheckTableOption(size_t token, const std::string& name, const std::string& value);
  void AddPathInput(bool streaming, size_t first, const std::vector<std::string>& parts,
                    const std::optional<std::string>& version,
                    const std::optional<std::string>& timestamp);
  void AddDerived(size_t first, const std::string& name, bool streams);
  void AddInput(bool streaming, size_t first, const std::string& name,
                std::vector<std::string> parts, Source source);
  std::string ParseAlias(size_t* columns = nullptr);
  void ParseSample(std::string* sample);
  void ParsePivots();
  const CommonTable* FindCommonTable(std::string_view name) const;

  // --- functions in FROM (query_table_functions.cc, query_files.cc, query_change_feed.cc)
  void ParseTableFunction(bool streaming, size_t first, bool closes);
  void ParseGeneratorRelation(size_t first);
  void ParseLateralView();
  void AddGeneratorRelation(size_t first, size_t node, const std::string& table,
                            const std::vector<std::string>& aliases, std::string_view before);
  std::vector<std::string> ParseGeneratorAliases();
  std::vector<std::string> ParseColumnAliases();
  GeneratorCall Generator(size_t node) const;
  void ParseFilesFunction(bool streaming, size_t first, bool closes);
  bool ConstantText(std::string* value);
  void ParseChangeFeed(size_t first);
  bool ParseChangeEnd(ChangeEnd* end);
  void ParseMapOptions(FilesInput* files);
  void SetOption(FilesInput* files, std::string name, std::string value);

  // --- expressions (query_expressions.cc, query_postfix.cc, query_names.cc)
  size_t AddNode(NodeKind kind, size_t first, std::string text = "",
                 std::vector<size_t> children = {});
  size_t ParseExpression(int minimum = 0);
  bool ParseInfix(size_t* left, int minimum);
  void RewriteBinary(size_t node, size_t operation);
  bool ParsePredicate(size_t* left);
  void CompareTimeText(size_t node, size_t operation);
  // Numbers and times are read as text here.
  void WrapAsText(size_t node);
  // A constant regular expression becomes the engine's.
  void TranslateRegex(size_t node);
  size_t ParseLike(size_t left, bool negated, size_t start);
  size_t ParseLikeSeveral(size_t left, bool negated, const std::string& operation);
  size_t ParsePrimary();
  size_t ParsePrimaryOperator();
  size_t ParseNot();
  size_t ParseStar(size_t first, std::string qualifier);
  size_t ParseParenthesized();
  size_t ParseSubquery();
  void ParseListUntil(std::string_view close);
  size_t ParsePostfix(size_t node);
  bool CanHoldJson(size_t node) const;
  size_t ParseIndex(size_t left);
  size_t ParseShortCast(size_t left);
  size_t ParseJsonPath(size_t left);
  static std::string JsonPathName(const std::string& name);
  std::string RangeText(size_t first, size_t last) const;
  size_t ParseName();
  size_t ParseChain();
  void NoteKeywordFunction(size_t token);
  size_t ParseCase();
  size_t ParseCast();
  void SkipTypeName();
  bool IsNestedType(size_t token) const;
  size_t ParseTypedLiteral();
  size_t ParseInterval();
  bool AtLambda() const;
  size_t ParseLambda();

  // --- calls (query_calls.cc)
  size_t ParseCall(size_t first);
  void ParseArguments(Call* call);
  void ParseArgument(Call* call);
  void ParseCallSuffix(Call* call);
  void ParseWindowParts();
  void NoteCall(const Call& call);
  size_t FinishCall(size_t first, Call* call);

  const model::QueryText& source_;
  const QueryContext& context_;
  const std::vector<Token>& tokens_;
  const bool spark_;
  Rewrite rewrite_;
  Query query_;
  std::optional<Error> error_;
  size_t at_ = 0;
  int depth_ = 0;
  Block* block_ = nullptr;  // the innermost, null outside of any
  std::vector<Node> nodes_;
  std::vector<CommonTable> common_tables_;
  // Read, of the input that is added next.
  std::map<std::string, std::string> options_;
  std::optional<ChangesOf> changes_;
  std::vector<StarChange> star_changes_;
  size_t carried_after_ = 0;                // the last token of the select list
  std::string carried_alias_;               // of the relation its rows come from, quoted
  std::vector<size_t> pending_generators_;  // tokens of generators not yet placed
  bool has_aggregate_ = false;
  bool in_call_ = false;    // among the arguments of a function: a star is none of the select list
  bool in_window_ = false;  // inside of OVER (…)
  bool in_braces_ = false;  // inside of {…}: a colon separates
  bool in_pivot_ = false;   // inside of PIVOT (…): its words are the engine's
  int in_case_ = 0;
  bool expression_only_ = false;
};

}  // namespace penstock::sql
