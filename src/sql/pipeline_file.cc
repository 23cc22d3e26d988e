#include "sql/pipeline_file.h"

#include <fmt/format.h>

#include <iterator>
#include <span>

#include "base/text.h"
#include "sql/parameters.h"
#include "sql/statement.h"
#include "sql/text_places.h"

namespace penstock::sql {
namespace {

constexpr std::string_view kWhatAFileHolds =
    "A pipeline file holds CREATE STREAMING TABLE, MATERIALIZED VIEW, VIEW and FLOW, INSERT INTO a "
    "streaming table, APPLY CHANGES INTO one, SET and USE.";

Status ParseStatement(TokenCursor& cursor, FileContext* context, model::Definitions* out) {
  if (LooksAtCdc(cursor)) return ParseApplyChanges(cursor, *context, out);
  const Token& first = cursor.Next();
  if (IsWord(first, "CREATE")) return ParseCreate(cursor, first, *context, out);
  if (IsWord(first, "INSERT")) return ParseInsert(cursor, first, *context, out);
  if (IsWord(first, "SET")) return ParseSet(cursor, context);
  if (IsWord(first, "USE")) return ParseUse(cursor, context);

  static const std::vector<std::string> kKnown = {
      "SELECT", "WITH",  "FROM",    "VALUES",   "MERGE",    "UPDATE", "DELETE",  "DROP",
      "ALTER",  "SHOW",  "EXPLAIN", "DESCRIBE", "TRUNCATE", "COPY",   "REFRESH", "OPTIMIZE",
      "VACUUM", "GRANT", "DECLARE", "BEGIN",    "CALL",     "CACHE",  "ANALYZE"};
  for (const std::string& word : kKnown) {
    if (!IsWord(first, word)) continue;
    return cursor.ErrorAt(first, "UNSUPPORTED_STATEMENT",
                          fmt::format("{} does not stand on its own in a pipeline file", word),
                          std::string(kWhatAFileHolds));
  }
  std::string remedy(kWhatAFileHolds);
  const auto nearest = NearestName(first.text, {"CREATE", "INSERT", "APPLY", "SET", "USE"});
  if (nearest) remedy = fmt::format("Did you mean {}?", *nearest);
  return cursor.ErrorAt(first, "SQL_SYNTAX",
                        fmt::format("a statement cannot begin with {}", first.text.substr(0, 40)),
                        remedy);
}

class FileParser {
 public:
  FileParser(std::string_view text, const std::string& file_name, const FileContext& context,
             model::Definitions* out)
      : file_{std::string(text), {file_name, 1, 1}, {}},
        places_(file_),
        context_(context),
        out_(out) {}

  std::vector<Error> Run() {
    const Tokens lexed = Lex(file_.text, context_.dialect);
    const std::span<const Token> tokens(lexed.tokens);
    size_t begin = 0;
    for (size_t i = 0; i < tokens.size(); ++i) {
      const bool end = tokens[i].kind == TokenKind::kEnd;
      // What stands before an unfinished string or comment is not a whole statement.
      if (end && lexed.error) break;
      const bool semicolon = IsOperator(tokens[i], ";");
      if (!end && !semicolon && !CellBegins(tokens, i)) continue;
      if (i > begin && !Note(One(tokens.subspan(begin, i - begin)))) {
        out_->unread.push_back(Slice(tokens[begin].offset, tokens[i].offset));
      }
      begin = semicolon ? i + 1 : i;
    }
    if (lexed.error) {
      out_->unread.push_back(Slice(tokens[begin].offset, file_.text.size()));
      Note(UserError(lexed.error->code, lexed.error->message, lexed.error->remedy)
               .At(places_.At(lexed.error->offset)));
    }
    return std::move(errors_);
  }

 private:
  // In a notebook saved as a file a comment of this form ends a cell, and with it a statement. Not
  // every such file keeps the notebook's first line.
  bool CellBegins(std::span<const Token> tokens, size_t i) const {
    if (i == 0) return false;
    const size_t gap = tokens[i - 1].end();
    const std::string_view between =
        std::string_view(file_.text).substr(gap, tokens[i].offset - gap);
    return between.find("-- COMMAND ----------") != std::string_view::npos;
  }

  // Whether it went well.
  bool Note(Status status) {
    if (status.ok()) return true;
    errors_.push_back(std::move(status).error());
    return false;
  }

  std::string Slice(size_t begin, size_t end) const {
    return file_.text.substr(begin, end - begin);
  }

  Status One(std::span<const Token> tokens) {
    ASSIGN_OR_RETURN(
        model::QueryText statement,
        ReplaceParameters(file_.text, places_, tokens, context_.configuration, context_.dialect));
    TokenCursor cursor(std::move(statement), context_.dialect);
    RETURN_IF_ERROR(cursor.Lexed());
    if (cursor.AtEnd()) return OkStatus();
    model::Definitions declared;
    RETURN_IF_ERROR(ParseStatement(cursor, &context_, &declared));
    std::move(declared.datasets.begin(), declared.datasets.end(),
              std::back_inserter(out_->datasets));
    std::move(declared.flows.begin(), declared.flows.end(), std::back_inserter(out_->flows));
    std::move(declared.warnings.begin(), declared.warnings.end(),
              std::back_inserter(out_->warnings));
    return OkStatus();
  }

  model::QueryText file_;
  TextPlaces places_;
  FileContext context_;
  model::Definitions* out_;
  std::vector<Error> errors_;
};

}  // namespace

std::vector<Error> ParsePipelineFile(std::string_view text, const std::string& file_name,
                                     const FileContext& context, model::Definitions* out) {
  return FileParser(text, file_name, context, out).Run();
}

}  // namespace penstock::sql
