#include "sql/parameters.h"

#include <fmt/format.h>

#include "base/text.h"

namespace penstock::sql {
namespace {

std::string Escaped(std::string_view value, std::string_view special, char escape_with) {
  std::string escaped;
  for (char c : value) {
    if (special.find(c) != std::string_view::npos) escaped += escape_with == '\0' ? c : escape_with;
    escaped += c;
  }
  return escaped;
}

class Replacer {
 public:
  Replacer(std::string_view file_text, const TextPlaces& places,
           const std::map<std::string, std::string>& configuration, model::Dialect dialect)
      : file_text_(file_text),
        places_(places),
        configuration_(configuration),
        spark_(dialect == model::Dialect::kSpark) {}

  Result<model::QueryText> Run(std::span<const Token> tokens) {
    copied_ = tokens.front().offset;
    out_.where = places_.At(copied_);
    for (const Token& token : tokens) {
      if (token.kind == TokenKind::kParameter) {
        RETURN_IF_ERROR(Insert(token, token.offset, token.end()));
      } else if (IsString(token) || token.kind == TokenKind::kQuotedIdentifier) {
        RETURN_IF_ERROR(ReplaceInString(token));
      }
    }
    out_.text += file_text_.substr(copied_, tokens.back().end() - copied_);
    return std::move(out_);
  }

 private:
  Status ReplaceInString(const Token& token) {
    for (size_t at = token.text.find("${"); at != std::string_view::npos;
         at = token.text.find("${", at + 2)) {
      if (at > 0 && token.text[at - 1] == '$') {
        CopyUntil(token.offset + at);
        Skip(token.offset + at + 1);
        continue;
      }
      const size_t close = token.text.find_first_of("}\n'\"`$ ", at + 2);
      if (close == std::string_view::npos || token.text[close] != '}' || close == at + 2) continue;
      RETURN_IF_ERROR(Insert(token, token.offset + at, token.offset + close + 1));
    }
    return OkStatus();
  }

  void CopyUntil(size_t end) {
    out_.text += file_text_.substr(copied_, end - copied_);
    copied_ = end;
  }

  // Goes on copying at `offset` of the file.
  void Skip(size_t offset) {
    copied_ = offset;
    const SourceLocation where = places_.At(offset);
    out_.anchors.push_back({out_.text.size(), where.line, where.column, false});
  }

  Status Insert(const Token& token, size_t begin, size_t end) {
    const std::string key(Trim(file_text_.substr(begin + 2, end - begin - 3)));
    const auto found = configuration_.find(key);
    if (found == configuration_.end()) return NotFound(key, begin);
    ASSIGN_OR_RETURN(const std::string value, ValueInside(token, key, found->second, begin));
    CopyUntil(begin);
    const SourceLocation where = places_.At(begin);
    if (!value.empty()) out_.anchors.push_back({out_.text.size(), where.line, where.column, true});
    out_.text += value;
    Skip(end);
    return OkStatus();
  }

  Result<std::string> ValueInside(const Token& token, const std::string& key,
                                  const std::string& value, size_t begin) {
    const char quote = token.text.back();
    switch (token.kind) {
      case TokenKind::kString:
        if (spark_) return Escaped(value, {"\\'\""}, '\\');
        return Escaped(value, {&quote, 1}, '\0');
      case TokenKind::kEscapeString:
        return Escaped(value, {"\\'"}, '\\');
      case TokenKind::kQuotedIdentifier:
        return Escaped(value, {&quote, 1}, '\0');
      case TokenKind::kRawString:
      case TokenKind::kHexString:
      case TokenKind::kDollarString:
        if (value.find(quote) == std::string::npos) return value;
        return UserError("PARAMETER_DOES_NOT_FIT",
                         fmt::format("the value of '{}' holds {}, which would end this string: {}",
                                     key, quote, value),
                         "Use an ordinary string in single quotes here.")
            .At(places_.At(begin));
      default:
        return value;
    }
  }

  Error NotFound(const std::string& key, size_t begin) const {
    std::vector<std::string> keys;
    for (const auto& [known, value] : configuration_) keys.push_back(known);
    const auto nearest = NearestName(key, keys);
    std::string remedy = fmt::format(
        "Define it: under configuration in the project file, with --set {}=VALUE, or with SET "
        "earlier in this file.",
        key);
    if (nearest) remedy = fmt::format("Did you mean '{}'? {}", *nearest, remedy);
    return UserError("PARAMETER_NOT_FOUND", fmt::format("there is no parameter '{}'", key), remedy)
        .At(places_.At(begin));
  }

  std::string_view file_text_;
  const TextPlaces& places_;
  const std::map<std::string, std::string>& configuration_;
  bool spark_;
  size_t copied_ = 0;  // offset in the file up to which it is in out_
  model::QueryText out_;
};

}  // namespace

Result<model::QueryText> ReplaceParameters(std::string_view file_text, const TextPlaces& places,
                                           std::span<const Token> tokens,
                                           const std::map<std::string, std::string>& configuration,
                                           model::Dialect dialect) {
  return Replacer(file_text, places, configuration, dialect).Run(tokens);
}

}  // namespace penstock::sql
