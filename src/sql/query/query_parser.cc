#include "sql/query/query_parser.h"

#include <algorithm>
#include <utility>

#include "base/sql_text.h"
#include "base/text.h"

namespace penstock::sql {
namespace {

constexpr int kMaxDepth = 150;

}  // namespace

QueryParser::QueryParser(const model::QueryText& query, const QueryContext& context,
                         const std::vector<Token>& tokens)
    : source_(query),
      context_(context),
      tokens_(tokens),
      spark_(context.dialect == model::Dialect::kSpark),
      rewrite_(query.text, tokens) {
  TranslateWords();
}

Result<Query> QueryParser::TranslateQuery() {
  const QueryShape shape = ParseQuery();
  while (TakeOperator(";")) {
  }
  if (!error_ && !AtEnd()) {
    Fail(at_, "SYNTAX_ERROR", "unexpected \"" + std::string(Peek().text) + "\" in the query",
         "Look at what stands before it: a comma or a parenthesis may be missing.");
  }
  if (error_) return std::move(*error_);

  const size_t count = tokens_.size() - 1;
  const size_t streams = std::count_if(query_.inputs.begin(), query_.inputs.end(),
                                       [](const Input& input) { return input.streaming; });
  query_.row_to_row = shape.single_block && shape.streams && streams == 1 &&
                      query_.inputs.size() == 1 && query_.stateful.empty();
  std::sort(query_.stateful.begin(), query_.stateful.end(),
            [](const StatefulUse& a, const StatefulUse& b) {
              return std::pair(a.where.line, a.where.column) <
                     std::pair(b.where.line, b.where.column);
            });
  if (context_.carry_metadata) {
    if (!shape.single_block || query_.inputs.size() != 1) return MetadataNotCarried();
    CarryMetadata();
  }
  if (query_.row_to_row) query_.carried_text = RenderCarried();
  FinishStars(&rewrite_, "");
  Fragment rendered = rewrite_.Render(0, count);
  query_.text = std::move(rendered.text);
  query_.map.entries = std::move(rendered.entries);
  return std::move(query_);
}

Result<Expression> QueryParser::TranslateExpression() {
  expression_only_ = true;
  Block block;
  block_ = &block;
  ParseExpression();
  while (!AtEnd() && !error_) PassOver();
  block_ = nullptr;
  if (error_) return std::move(*error_);
  Fragment rendered = rewrite_.Render(0, tokens_.size() - 1);
  Expression expression;
  expression.text = std::move(rendered.text);
  expression.map.entries = std::move(rendered.entries);
  expression.has_aggregate = has_aggregate_;
  return expression;
}

Error QueryParser::MetadataNotCarried() const {
  return UserError("METADATA_NOT_CARRIED",
                   "_metadata is read through a view whose rows do not each come from one file",
                   "Select the parts of _metadata that are needed inside the view.")
      .At(source_.where);
}

void QueryParser::CarryMetadata() {
  query_.inputs[0].uses_metadata = true;
  for (StarChange& star : star_changes_) {
    if (std::find(star.hidden.begin(), star.hidden.end(), "_metadata") == star.hidden.end()) {
      star.hidden.push_back("_metadata");
    }
  }
}

void QueryParser::FinishStars(Rewrite* rewrite, const std::string& also_hidden) const {
  ApplyStars(rewrite, also_hidden);
  if (!context_.carry_metadata) return;
  rewrite->After(carried_after_, ", " + carried_alias_ + ".\"_metadata\" AS \"_metadata\"");
}

std::string QueryParser::RenderCarried() const {
  Rewrite carried = rewrite_;
  FinishStars(&carried, "__penstock_position");
  carried.After(carried_after_,
                ", " + carried_alias_ + ".\"__penstock_position\" AS \"__penstock_position\"");
  return carried.Render(0, tokens_.size() - 1).text;
}

void QueryParser::ApplyStars(Rewrite* rewrite, const std::string& also_hidden) const {
  for (const StarChange& star : star_changes_) {
    std::vector<std::string> hidden = star.hidden;
    if (!also_hidden.empty()) hidden.push_back(also_hidden);
    if (hidden.empty()) continue;
    std::string names;
    for (const std::string& name : hidden) {
      if (!names.empty()) names += ", ";
      names += QuoteIdentifier(name);
    }
    if (star.list) {
      rewrite->After(*star.list, names + ", ");
    } else {
      rewrite->After(star.token, " EXCLUDE (" + names + ")");
    }
  }
}

const Token& QueryParser::Peek(size_t ahead) const {
  return tokens_[std::min(at_ + ahead, tokens_.size() - 1)];
}

bool QueryParser::AtAnyWord(std::initializer_list<std::string_view> words, size_t ahead) const {
  return std::any_of(words.begin(), words.end(),
                     [&](std::string_view word) { return AtWord(word, ahead); });
}

bool QueryParser::TakeWord(std::string_view word) {
  if (!AtWord(word)) return false;
  ++at_;
  return true;
}

bool QueryParser::TakeOperator(std::string_view op) {
  if (!AtOperator(op)) return false;
  ++at_;
  return true;
}

bool QueryParser::AtQuery(size_t ahead) const {
  while (AtOperator("(", ahead)) ++ahead;
  if (AtAnyWord({"SELECT", "WITH", "VALUES"}, ahead)) return true;
  return AtWord("FROM", ahead) && Peek(ahead + 1).kind != TokenKind::kOperator;
}

void QueryParser::ExpectClose() {
  if (error_ || TakeOperator(")")) return;
  if (AtEnd()) {
    Fail(at_, "SYNTAX_ERROR", "a \")\" is missing at the end", "Close every parenthesis.");
  } else {
    Fail(at_, "SYNTAX_ERROR",
         "unexpected \"" + std::string(Peek().text) + "\" where \")\" should stand",
         "Look at what stands before it: a comma or a parenthesis may be missing.");
  }
}

// After an error the parser stands at the end of the text, so that every loop finishes.
void QueryParser::Fail(size_t token, std::string code, std::string message, std::string remedy) {
  if (!error_) {
    error_ = UserError(std::move(code), std::move(message), std::move(remedy)).At(Where(token));
  }
  at_ = tokens_.size() - 1;
}

bool QueryParser::Enter() {
  if (++depth_ <= kMaxDepth) return true;
  Fail(at_, "QUERY_TOO_DEEP",
       "the query is nested more than " + std::to_string(kMaxDepth) + " levels deep here",
       "Move inner parts to common table expressions (WITH …) or to views.");
  return false;
}

// Lets one token through, with what is nested in it.
void QueryParser::PassOver() {
  const size_t before = at_;
  if (AtOperator("(") || AtOperator("[") || AtOperator("{")) {
    ParseExpression();
  } else if (AtOperator(")") || AtOperator("]") || AtOperator("}")) {
    Fail(at_, "SYNTAX_ERROR", "\"" + std::string(Peek().text) + "\" closes nothing", "Remove it.");
  }
  if (at_ == before && !AtEnd()) ++at_;
}

SourceLocation QueryParser::Where(size_t token) const {
  return LocationAt(source_, tokens_[std::min(token, tokens_.size() - 1)].offset);
}

// What is the same wherever it stands: quotes, literals, operators of one meaning.
void QueryParser::TranslateWords() {
  if (!spark_) return;
  for (size_t i = 0; i + 1 < tokens_.size(); ++i) {
    const Token& token = tokens_[i];
    const bool digit_first = token.kind == TokenKind::kIdentifier && token.text[0] >= '0' &&
                             token.text[0] <= '9';  // a name to Spark alone: 12m_total
    if (token.kind == TokenKind::kQuotedIdentifier || digit_first) {
      rewrite_.Replace(i, QuoteIdentifier(NameOf(token)));
    } else if (token.kind == TokenKind::kNumber) {
      TranslateNumber(i);
    } else if (token.kind == TokenKind::kHexString) {
      rewrite_.Replace(i, "from_hex(" + QuoteLiteral(StringValue(token, context_.dialect)) + ")");
    } else if (IsString(token)) {
      const size_t first = i;
      std::string value = StringValue(token, context_.dialect);
      while (IsString(tokens_[i + 1]) && tokens_[i + 1].kind != TokenKind::kHexString) {
        value += StringValue(tokens_[++i], context_.dialect);
        rewrite_.Remove(i, i + 1);
      }
      rewrite_.Replace(first, QuoteLiteral(value));
    } else if (IsOperator(token, "==")) {
      rewrite_.Replace(i, "=");
    }
  }
}

// 1L, 2S, 3Y, 1.5D, 1.5F, 1.5BD; 0x1F passes.
void QueryParser::TranslateNumber(size_t token) {
  const std::string text = AsciiUpper(tokens_[token].text);
  if (text.starts_with("0X")) return;
  static constexpr std::pair<std::string_view, std::string_view> kSuffixes[] = {
      {"BD", "DECIMAL"}, {"L", "BIGINT"}, {"S", "SMALLINT"},
      {"Y", "TINYINT"},  {"D", "DOUBLE"}, {"F", "REAL"}};
  for (const auto& [suffix, type] : kSuffixes) {
    if (!text.ends_with(suffix)) continue;
    const std::string digits = text.substr(0, text.size() - suffix.size());
    if (type == "DECIMAL") return rewrite_.Replace(token, digits);
    return rewrite_.Replace(token, "CAST(" + digits + " AS " + std::string(type) + ")");
  }
}

}  // namespace penstock::sql
