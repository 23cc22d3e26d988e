#include "sql/token.h"

#include <gtest/gtest.h>

#include <chrono>

namespace penstock::sql {
namespace {

using model::Dialect;

// The tokens' texts, separated by one blank.
std::string Words(std::string_view text, Dialect dialect = Dialect::kSpark) {
  std::string words;
  for (const Token& token : Lex(text, dialect).tokens) {
    if (token.kind == TokenKind::kEnd) continue;
    if (!words.empty()) words += ' ';
    words += token.text;
  }
  return words;
}

TokenKind FirstKind(std::string_view text, Dialect dialect = Dialect::kSpark) {
  return Lex(text, dialect).tokens.front().kind;
}

std::string FirstValue(std::string_view text, Dialect dialect = Dialect::kSpark) {
  return StringValue(Lex(text, dialect).tokens.front(), dialect);
}

std::string ErrorAt(std::string_view text) {
  const Tokens tokens = Lex(text, Dialect::kSpark);
  return tokens.error ? tokens.error->code + "@" + std::to_string(tokens.error->offset) : "";
}

TEST(TokenTest, OperatorsAreReadLongestFirst) {
  EXPECT_EQ(Words("a<=>b::INT c=>d x->y||z != <> == m['k'] v:a.b ?.c t@v3 a?::int"),
            "a <=> b :: INT c => d x -> y || z != <> == m [ 'k' ] v : a . b ?. c t @ v3 a ?:: int");
}

TEST(TokenTest, ClosingBracketsOfNestedTypesStaySingle) {
  EXPECT_EQ(Words("ARRAY<ARRAY<INT>>"), "ARRAY < ARRAY < INT > >");
}

TEST(TokenTest, CommentsVanishAndOffsetsStay) {
  const std::string text = "a -- x 'y\n /* b /* c */ d */ e";
  const Tokens tokens = Lex(text, Dialect::kSpark);
  ASSERT_EQ(tokens.tokens.size(), 3u);
  EXPECT_EQ(tokens.tokens[1].text, "e");
  EXPECT_EQ(tokens.tokens[1].offset, text.size() - 1);
  EXPECT_EQ(tokens.tokens[2].offset, text.size());
}

TEST(TokenTest, NumbersKeepTheirSuffixes) {
  EXPECT_EQ(Words("1 1L 1.5D 2BD 1e3 1.5e-3 .5 0x1F 7S"), "1 1L 1.5D 2BD 1e3 1.5e-3 .5 0x1F 7S");
  for (const char* number : {"1L", "1.5D", "2BD", "1e3", ".5", "0x1F"}) {
    EXPECT_EQ(FirstKind(number), TokenKind::kNumber) << number;
  }
}

TEST(TokenTest, SparkNamesMayBeginWithADigit) {
  EXPECT_EQ(FirstKind("2024_sales"), TokenKind::kIdentifier);
  EXPECT_EQ(Words("s.2024_x.y"), "s . 2024_x . y");
}

TEST(TokenTest, ADotAfterANameOrBracketIsNoDecimalPoint) {
  EXPECT_EQ(Words("t.1 a[0].5 .5"), "t . 1 a [ 0 ] . 5 .5");
}

TEST(TokenTest, QuotedNamesUndoubleTheirQuotes) {
  const Tokens tokens = Lex("`a``b`", Dialect::kSpark);
  EXPECT_EQ(tokens.tokens[0].kind, TokenKind::kQuotedIdentifier);
  EXPECT_EQ(NameOf(tokens.tokens[0]), "a`b");
  EXPECT_EQ(NameOf(Lex("\"a\"\"b\"", Dialect::kDuckdb).tokens[0]), "a\"b");
}

TEST(TokenTest, DoubleQuotesAreAStringInSparkAndANameInDuckdb) {
  EXPECT_EQ(FirstKind("\"a\""), TokenKind::kString);
  EXPECT_EQ(FirstKind("\"a\"", Dialect::kDuckdb), TokenKind::kQuotedIdentifier);
}

TEST(TokenTest, StringValuesFollowTheDialect) {
  EXPECT_EQ(FirstValue(R"('a\'b\n\t\\')"), "a'b\n\t\\");
  EXPECT_EQ(FirstValue("'a''b'"), "a'b");
  EXPECT_EQ(FirstValue(R"("say ""hi""")"), "say \"hi\"");
  EXPECT_EQ(FirstValue(R"(r'a\nb')"), R"(a\nb)");
  EXPECT_EQ(FirstValue(R"('\u00e9\101\%\_\d')"),
            "\xC3\xA9"
            R"(A\%\_d)");
  EXPECT_EQ(FirstValue(R"('a\nb')", Dialect::kDuckdb), R"(a\nb)");
  EXPECT_EQ(FirstValue(R"(E'a\nb')", Dialect::kDuckdb), "a\nb");
  EXPECT_EQ(FirstValue("$t$it's$t$", Dialect::kDuckdb), "it's");
  EXPECT_EQ(FirstValue("X'1F'"), "1F");
}

TEST(TokenTest, ParametersAreTokensOutsideOfStringsOnly) {
  EXPECT_EQ(FirstKind("${a.b}"), TokenKind::kParameter);
  EXPECT_EQ(Words("x ${k} '${k}'"), "x ${k} '${k}'");
}

TEST(TokenTest, UnicodeNamesAndPastedBlanksAreRead) {
  EXPECT_EQ(Words("gr\xC3\xB6\xC3\x9F"
                  "e\xC2\xA0x\xE3\x80\x80y"),
            "gr\xC3\xB6\xC3\x9F"
            "e x y");
}

TEST(TokenTest, WhatIsNotClosedFailsWhereItBegins) {
  EXPECT_EQ(ErrorAt("a 'b"), "UNTERMINATED_STRING@2");
  EXPECT_EQ(ErrorAt("a '\\"), "UNTERMINATED_STRING@2");
  EXPECT_EQ(ErrorAt("a `b"), "UNTERMINATED_STRING@2");
  EXPECT_EQ(ErrorAt("a /* /* */"), "UNTERMINATED_COMMENT@2");
  EXPECT_EQ(ErrorAt("a ${b\n}"), "UNTERMINATED_PARAMETER@2");
  EXPECT_EQ(ErrorAt(std::string_view("a \0", 3)), "UNEXPECTED_CHARACTER@2");
}

TEST(TokenTest, TokensAlwaysEndWithTheEnd) {
  for (const char* text : {"", "a", "'", "/*", "--"}) {
    EXPECT_EQ(Lex(text, Dialect::kSpark).tokens.back().kind, TokenKind::kEnd) << text;
  }
}

// Doubling the input must not quadruple the time; the bound leaves room for a busy machine.
TEST(TokenTest, HostileInputIsReadInLinearTime) {
  for (const char* piece :
       {"/*", "(", "$a", "$a$", "''", "`", "\\", "1e", "${", "\xE2\x80", "0x"}) {
    std::string text;
    while (text.size() < 800'000) text += piece;
    const auto begin = std::chrono::steady_clock::now();
    Lex(text, Dialect::kSpark);
    Lex(text, Dialect::kDuckdb);
    EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(5)) << piece;
  }
}

}  // namespace
}  // namespace penstock::sql
