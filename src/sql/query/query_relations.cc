#include <algorithm>
#include <utility>

#include "base/sql_text.h"
#include "base/text.h"
#include "sql/query/query_parser.h"

namespace penstock::sql {
namespace {

bool IsPathFormat(std::string_view word) {
  static constexpr std::string_view kFormats[] = {"json",  "csv", "parquet", "text",      "xml",
                                                  "delta", "orc", "avro",    "binaryfile"};
  return std::any_of(std::begin(kFormats), std::end(kFormats),
                     [&](std::string_view format) { return EqualsIgnoreCase(word, format); });
}

}  // namespace

void QueryParser::ParseFrom() {
  ParseRelation();
  ParseJoins();
}

void QueryParser::ParseJoins() {
  while (!error_) {
    if (AtOperator(",")) {
      const size_t comma = at_++;
      block_->plain = false;
      const bool streams = Streams(0);
      const size_t before = block_->relations.size();
      ParseRelation();
      if (streams && Streams(before)) NoteStateful(block_, "JOIN of two streams", comma);
    } else if (AtWord("LATERAL") && AtWord("VIEW", 1)) {
      ParseLateralView();
    } else if (!ParseJoin()) {
      return;
    }
  }
}

// Whether any relation of the block from number `first` on is a stream.
bool QueryParser::Streams(size_t first) const {
  for (size_t i = first; i < block_->relations.size(); ++i) {
    if (block_->relations[i].streams) return true;
  }
  return false;
}

// The words up to JOIN, then the relation and its condition.
bool QueryParser::ParseJoin() {
  size_t words = 0;
  while (AtAnyWord({"NATURAL", "INNER", "LEFT", "RIGHT", "FULL", "OUTER", "CROSS", "SEMI", "ANTI",
                    "ASOF", "POSITIONAL"},
                   words)) {
    ++words;
  }
  if (!AtWord("JOIN", words)) return false;
  bool pads_left = false;
  bool pads_right = false;
  bool half = false;
  const size_t first = at_;
  for (; !AtWord("JOIN"); ++at_) {
    pads_left = pads_left || AtAnyWord({"RIGHT", "FULL"});
    pads_right = pads_right || AtAnyWord({"LEFT", "FULL"});
    half = half || AtAnyWord({"SEMI", "ANTI"});
  }
  // The engine knows SEMI and ANTI without LEFT.
  if (half && IsWord(tokens_[first], "LEFT")) rewrite_.Remove(first, first + 1);
  ++at_;
  block_->plain = false;
  const bool left_streams = Streams(0);
  const size_t before = block_->relations.size();
  ParseRelation();
  const bool right_streams = Streams(before);
  if (left_streams && right_streams) {
    NoteStateful(block_, "JOIN of two streams", first);
  } else if (half && right_streams) {
    NoteStateful(block_, "SEMI or ANTI JOIN with a stream on its right side", first);
  } else if ((pads_left && left_streams) || (pads_right && right_streams)) {
    NoteStateful(block_, "OUTER JOIN that fills in the stream's side with NULLs", first);
  }
  if (TakeWord("ON")) {
    ParseExpression();
  } else if (TakeWord("USING")) {
    const size_t list = at_;
    if (AtOperator("(")) ParseListUntil(")");
    for (size_t token = list; token < at_ && before < block_->relations.size(); ++token) {
      if (!IsName(tokens_[token])) continue;
      block_->shared.emplace_back(NameOf(tokens_[token]), block_->relations[before].alias);
    }
  }
  return true;
}

void QueryParser::ParseRelation() {
  if (!Enter()) return;
  TakeWord("LATERAL");
  const size_t first = at_;
  const bool streaming = AtWord("STREAM") && (IsName(Peek(1)) || AtOperator("(", 1)) &&
                         !AtAnyWord({"AS", "WHERE", "JOIN", "GROUP", "ON", "LEFT", "INNER"}, 1);
  if (streaming) {
    ++at_;
    const bool closes = TakeOperator("(");
    ParseRelationName(true, first, closes);
  } else if (AtOperator("(")) {
    ParseParenthesizedRelation();
  } else if (AtWord("VALUES")) {
    ParseValuesRelation();
  } else if (IsString(Peek()) || Peek().kind == TokenKind::kParameter) {
    Fail(at_, "UNSUPPORTED_SOURCE", "a relation cannot be the text " + std::string(Peek().text),
         "Read files with read_files('/path', format => 'json') or json.`/path`.");
  } else {
    ParseRelationName(false, first, false);
  }
  ParsePivots();
  Leave();
}

void QueryParser::ParseParenthesizedRelation() {
  const size_t open = at_;
  size_t inner = 1;
  while (AtOperator("(", inner)) ++inner;
  const bool query = AtAnyWord({"SELECT", "WITH", "VALUES", "FROM"}, inner);
  ++at_;
  if (!query) {
    const size_t before = block_->relations.size();
    ParseFrom();
    ExpectClose();
    if (IsName(Peek()) && block_->relations.size() == before + 1) {
      block_->relations.back().alias = ParseAlias();
    }
    return;
  }
  const QueryShape shape = ParseQuery();
  ExpectClose();
  std::string sample;
  ParseSample(&sample);
  Relation relation{ParseAlias(), {}, shape.streams, std::nullopt, open};
  if (!sample.empty()) rewrite_.After(at_ - 1, sample);
  block_->plain = false;
  block_->relations.push_back(std::move(relation));
}

// VALUES (1, 2) AS t(a, b) without parentheses around it.
void QueryParser::ParseValuesRelation() {
  const size_t first = at_;
  const size_t width = ValuesWidth();
  ++at_;
  while (AtOperator("(") || AtOperator(",")) {
    if (TakeOperator(",")) continue;
    ParseExpression();
  }
  rewrite_.Wrap(first, at_, "(", ")");
  size_t columns = 0;
  const std::string alias = ParseAlias(&columns);
  if (columns == 0 && spark_) {
    std::string names = ValuesColumns(width);
    if (alias.empty()) names.insert(0, " AS values_list");
    rewrite_.After(at_ - 1, std::move(names));
  }
  block_->plain = false;
  block_->relations.push_back({alias, {}, false, std::nullopt, first});
}

// How many expressions the first row of VALUES at the current token has.
size_t QueryParser::ValuesWidth() const {
  size_t token = at_ + 1;
  if (!IsOperator(tokens_[token], "(")) return 1;
  size_t width = 1;
  int depth = 0;
  for (; token + 1 < tokens_.size(); ++token) {
    if (IsOperator(tokens_[token], "(") || IsOperator(tokens_[token], "[")) ++depth;
    if (IsOperator(tokens_[token], ")") || IsOperator(tokens_[token], "]")) --depth;
    if (depth == 0) break;
    if (depth == 1 && IsOperator(tokens_[token], ",")) ++width;
  }
  return width;
}

std::string QueryParser::ValuesColumns(size_t width) {
  std::string columns = "(";
  for (size_t i = 1; i <= width; ++i) {
    columns += (i > 1 ? ", col" : "col") + std::to_string(i);
  }
  return columns + ")";
}

// A table, a path or a table function; behind STREAM the whole may stand in parentheses.
void QueryParser::ParseRelationName(bool streaming, size_t first, bool closes) {
  if (!IsName(Peek())) {
    return Fail(at_, "SYNTAX_ERROR",
                AtEnd() ? "a table is expected here, the text ends"
                        : "a table is expected here, not \"" + std::string(Peek().text) + "\"",
                "Name a table, a view, a query in parentheses or read_files(…).");
  }
  if (AtOperator("(", 1)) return ParseTableFunction(streaming, first, closes);
  std::vector<std::string> parts = {NameOf(Peek())};
  const bool quoted_path = AtOperator(".", 1) && Peek(2).kind == TokenKind::kQuotedIdentifier;
  ++at_;
  while (AtOperator(".") && IsName(Peek(1))) {
    parts.push_back(NameOf(Peek(1)));
    at_ += 2;
  }
  if (parts.size() > 3) {
    return Fail(first, "BAD_TABLE_NAME", "the table name has more than three parts",
                "Write catalog.schema.table.");
  }
  const bool path = quoted_path && parts.size() == 2 && IsPathFormat(parts[0]);
  std::optional<std::string> version;
  std::optional<std::string> timestamp;
  ParseTimeTravel(&version, &timestamp);
  if (closes) ExpectClose();
  ParseTimeTravel(&version, &timestamp);
  const CommonTable* table = parts.size() == 1 ? FindCommonTable(parts[0]) : nullptr;
  const bool files = path && !EqualsIgnoreCase(parts[0], "delta");
  options_ = ParseTableOptions(streaming && table == nullptr && !files);
  if (path) return AddPathInput(streaming, first, parts, version, timestamp);
  if (table != nullptr) {
    if (streaming) rewrite_.Remove(first, first + 1);
    return AddDerived(first, parts[0], table->streams);
  }
  TableInput input{parts, version, timestamp};
  if (EqualsIgnoreCase(parts[0], "LIVE") && parts.size() > 1) {
    input.parts.erase(input.parts.begin());
  }
  const std::string name = parts.back();
  AddInput(streaming, first, name, std::move(parts), std::move(input));
}

void QueryParser::AddPathInput(bool streaming, size_t first, const std::vector<std::string>& parts,
                               const std::optional<std::string>& version,
                               const std::optional<std::string>& timestamp) {
  if (EqualsIgnoreCase(parts[0], "delta")) {
    return AddInput(streaming, first, parts[1], {}, DeltaPathInput{parts[1], version, timestamp});
  }
  AddInput(streaming, first, parts[1], {}, FilesInput{parts[1], AsciiLower(parts[0]), {}});
}

// A common table expression or function of the engine under a name: stays as it is.
void QueryParser::AddDerived(size_t first, const std::string& name, bool streams) {
  std::string sample;
  ParseSample(&sample);
  const std::string alias = ParseAlias();
  if (!sample.empty()) rewrite_.After(at_ - 1, sample);
  block_->plain = false;
  block_->relations.push_back({alias.empty() ? name : alias, {}, streams, std::nullopt, first});
}

// Replaces the tokens from `first` by a placeholder and reads sample and alias behind them.
void QueryParser::AddInput(bool streaming, size_t first, const std::string& name,
                           std::vector<std::string> parts,
                           std::variant<TableInput, FilesInput, DeltaPathInput> source) {
  if (error_) return;
  if (expression_only_) {
    return Fail(first, "UNSUPPORTED_SUBQUERY", "a condition cannot read other tables",
                "Compute what it needs in the query, and test the column here.");
  }
  Input input;
  input.placeholder = context_.placeholder_prefix + std::to_string(query_.inputs.size());
  input.streaming = streaming;
  input.source = std::move(source);
  input.options = std::exchange(options_, {});
  input.changes = std::exchange(changes_, {});
  input.where = Where(first);
  Fragment placeholder;
  placeholder.Append(QuoteIdentifier(input.placeholder), tokens_[first].offset);
  rewrite_.ReplaceRange(first, at_, std::move(placeholder));
  const size_t last = at_ - 1;

  std::string sample;
  ParseSample(&sample);
  std::string alias = ParseAlias();
  if (alias.empty()) {
    alias = name.empty() ? "files" : name;
    rewrite_.After(last, " AS " + QuoteIdentifier(alias));
  }
  if (!sample.empty()) {
    rewrite_.After(at_ - 1, sample);
    query_.nondeterministic = true;
  }
  block_->relations.push_back(
      {std::move(alias), std::move(parts), streaming, query_.inputs.size(), first});
  query_.inputs.push_back(std::move(input));
}

// t@v3, VERSION AS OF 3, FOR VERSION AS OF 3, TIMESTAMP AS OF '2026-01-01'
void QueryParser::ParseTimeTravel(std::optional<std::string>* version,
                                  std::optional<std::string>* timestamp) {
  if (AtOperator("@") && IsName(Peek(1))) {
    std::string text = NameOf(Peek(1));
    if (!text.empty() && (text[0] == 'v' || text[0] == 'V')) text.erase(0, 1);
    *version = text;
    at_ += 2;
    return;
  }
  const size_t skip = AtWord("FOR") ? 1 : 0;
  const bool by_version = AtAnyWord({"VERSION", "SYSTEM_VERSION"}, skip);
  const bool by_time = AtAnyWord({"TIMESTAMP", "SYSTEM_TIME"}, skip);
  if (!(by_version || by_time) || !AtWord("AS", skip + 1) || !AtWord("OF", skip + 2)) return;
  at_ += skip + 3;
  const size_t first = at_;
  const size_t node = ParseExpression();
  if (error_) return;
  const size_t last = nodes_[node].last;
  if (by_time) {
    *timestamp = rewrite_.Render(first, last).text;
  } else {
    *version = last == first + 1 && IsString(tokens_[first])
                   ? StringValue(tokens_[first], context_.dialect)
                   : RangeText(first, last);
  }
}

const QueryParser::CommonTable* QueryParser::FindCommonTable(std::string_view name) const {
  for (auto table = common_tables_.rbegin(); table != common_tables_.rend(); ++table) {
    if (EqualsIgnoreCase(table->name, name)) return &*table;
  }
  return nullptr;
}

// [AS] name [(columns)]
std::string QueryParser::ParseAlias(size_t* columns) {
  const bool as = TakeWord("AS");
  if (!as && (AtClause() || AtOperator(";"))) return "";
  if (!as && AtAnyWord({"ON",         "USING",  "JOIN",    "LEFT",    "RIGHT",    "FULL",
                        "INNER",      "CROSS",  "NATURAL", "SEMI",    "ANTI",     "ASOF",
                        "POSITIONAL", "SELECT", "LATERAL", "PIVOT",   "UNPIVOT",  "TABLESAMPLE",
                        "SET",        "WINDOW", "AT",      "VERSION", "TIMESTAMP"})) {
    return "";
  }
  if (!IsName(Peek())) return "";
  const std::string alias = NameOf(Peek());
  if (spark_) QuoteHere();
  ++at_;
  if (AtOperator("(")) {
    const size_t open = at_;
    ++at_;
    while (!AtEnd() && !AtOperator(")")) {
      if (spark_) QuoteHere();
      PassOver();
    }
    ExpectClose();
    if (columns) *columns = (at_ - open) / 2;
  }
  return alias;
}

// TABLESAMPLE (10 PERCENT) [REPEATABLE (7)]: the engine wants it behind the alias.
void QueryParser::ParseSample(std::string* sample) {
  if (!AtWord("TABLESAMPLE")) return;
  const size_t first = at_;
  ++at_;
  const size_t open = at_;
  if (AtOperator("(")) ParseListUntil(")");
  std::string repeatable;
  const size_t close = at_;
  if (AtWord("REPEATABLE") && AtOperator("(", 1)) {
    ++at_;
    ParseListUntil(")");
    repeatable = " REPEATABLE " + rewrite_.Render(close + 1, at_).text;
  }
  if (error_ || !spark_) return;
  const bool rows = close >= 2 && IsWord(tokens_[close - 2], "ROWS");
  *sample = rows ? " TABLESAMPLE reservoir" : " TABLESAMPLE bernoulli";
  *sample += rewrite_.Render(open, close).text;
  *sample += repeatable;
  rewrite_.Remove(first, at_);
  query_.nondeterministic = true;
}

// PIVOT (…) and UNPIVOT (…) pass as they are.
void QueryParser::ParsePivots() {
  while (AtAnyWord({"PIVOT", "UNPIVOT"}) && !error_) {
    NoteStateful(block_, AsciiUpper(Peek().text), at_);
    ++at_;
    if (AtAnyWord({"INCLUDE", "EXCLUDE"}) && AtWord("NULLS", 1)) at_ += 2;
    const bool in_pivot = std::exchange(in_pivot_, true);
    if (AtOperator("(")) ParseListUntil(")");
    in_pivot_ = in_pivot;
    const std::string alias = ParseAlias();
    if (!alias.empty() && !block_->relations.empty()) block_->relations.back().alias = alias;
  }
}

}  // namespace penstock::sql
