#include "sql/query/query.h"

#include <algorithm>

#include "sql/query/query_parser.h"
#include "sql/token.h"

namespace penstock::sql {
namespace {

Error LexicalError(const model::QueryText& query, const LexError& error) {
  return UserError(error.code, error.message, error.remedy).At(LocationAt(query, error.offset));
}

}  // namespace

size_t SourceMap::Original(size_t translated) const {
  auto next =
      std::upper_bound(entries.begin(), entries.end(), translated,
                       [](size_t offset, const Entry& entry) { return offset < entry.translated; });
  if (next == entries.begin()) return 0;
  const Entry& entry = *(next - 1);
  const size_t original = entry.original + (translated - entry.translated);
  if (next == entries.end() || next->original < entry.original) return entry.original;
  return std::min(original, next->original);
}

Result<Query> TranslateQuery(const model::QueryText& query, const QueryContext& context) {
  const Tokens tokens = Lex(query.text, context.dialect);
  if (tokens.error) return LexicalError(query, *tokens.error);
  return QueryParser(query, context, tokens.tokens).TranslateQuery();
}

Result<Expression> TranslateExpression(const model::QueryText& expression,
                                       const QueryContext& context) {
  const Tokens tokens = Lex(expression.text, context.dialect);
  if (tokens.error) return LexicalError(expression, *tokens.error);
  return QueryParser(expression, context, tokens.tokens).TranslateExpression();
}

}  // namespace penstock::sql
