#include "cli/row_writer.h"

#include <gtest/gtest.h>

#include "cli/terminal.h"

namespace penstock::cli {
namespace {

std::string Written(RowSource& rows, Format format, size_t width = 1000) {
  char* text = nullptr;
  size_t size = 0;
  std::FILE* stream = open_memstream(&text, &size);
  EXPECT_TRUE(WriteRows(rows, format, stream, width).ok());
  std::fclose(stream);
  std::string written(text, size);
  std::free(text);
  return written;
}

ReportRows Sample() {
  ReportRows rows({{"name"}, {"n", true}});
  rows.Add({"plain", 1});
  rows.Add({"with \"quotes\", and\nlines", int64_t{9007199254740993}});
  rows.Add({Json(), Json()});
  rows.Add({"", -5});
  return rows;
}

TEST(RowWriterTest, JsonLinesHoldOneObjectEach) {
  ReportRows rows = Sample();
  EXPECT_EQ(Written(rows, Format::kJsonl),
            "{\"name\":\"plain\",\"n\":1}\n"
            "{\"name\":\"with \\\"quotes\\\", and\\nlines\",\"n\":9007199254740993}\n"
            "{\"name\":null,\"n\":null}\n"
            "{\"name\":\"\",\"n\":-5}\n");
}

TEST(RowWriterTest, JsonIsOneArrayAlsoWithoutRows) {
  ReportRows rows = Sample();
  const Json json = Json::parse(Written(rows, Format::kJson));
  EXPECT_EQ(json.size(), 4u);
  EXPECT_EQ(json[1]["n"], int64_t{9007199254740993});
  ReportRows empty({{"a"}});
  EXPECT_EQ(Json::parse(Written(empty, Format::kJson)), Json::array());
}

TEST(RowWriterTest, RepeatedColumnNamesKeepTheirValuesInJson) {
  ReportRows rows({{"a"}, {"a"}, {"a_1"}});
  rows.Add({1, 2, 3});
  EXPECT_EQ(Written(rows, Format::kJsonl), "{\"a\":1,\"a_1\":2,\"a_1_1\":3}\n");
}

TEST(RowWriterTest, CsvTellsNullFromEmptyText) {
  ReportRows rows = Sample();
  EXPECT_EQ(Written(rows, Format::kCsv),
            "name,n\nplain,1\n\"with \"\"quotes\"\", and\nlines\",9007199254740993\n,\n\"\",-5\n");
}

TEST(RowWriterTest, TableAlignsNumbersRightAndCountsRows) {
  ReportRows rows({{"name"}, {"count", true}});
  rows.Add({"a", 5});
  rows.Add({"日本", 12345});
  EXPECT_EQ(Written(rows, Format::kTable),
            "name  count\n"
            "────  ─────\n"
            "a         5\n"
            "日本  12345\n"
            "(2 rows)\n");
}

TEST(RowWriterTest, TableCutsTheWidestColumnToTheTerminal) {
  ReportRows rows({{"id", true}, {"text"}});
  rows.Add({1, std::string(200, 'x')});
  const std::string text = Written(rows, Format::kTable, 40);
  size_t begin = 0;
  for (size_t end = text.find('\n'); end != text.npos;
       begin = end + 1, end = text.find('\n', begin)) {
    EXPECT_LE(DisplayWidth(text.substr(begin, end - begin)), 40u);
  }
  EXPECT_NE(text.find("x…"), std::string::npos);
  EXPECT_NE(text.find("(1 row)"), std::string::npos);
}

TEST(RowWriterTest, TableOfManyRowsStreams) {
  ReportRows rows({{"n", true}});
  for (int i = 0; i < 3000; ++i) rows.Add({i});
  const std::string text = Written(rows, Format::kTable);
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 3003);
  EXPECT_NE(text.find("(3000 rows)"), std::string::npos);
}

TEST(RowWriterTest, ControlCharactersDoNotReachTheTerminal) {
  ReportRows rows({{"text"}});
  rows.Add({"a\x1b[31mb\nc"});
  const std::string text = Written(rows, Format::kTable);
  EXPECT_EQ(text.find('\x1b'), std::string::npos);
  EXPECT_NE(text.find("a?[31mb\\nc"), std::string::npos);
}

TEST(TerminalTest, WidthCountsWideAndJoiningCharacters) {
  EXPECT_EQ(DisplayWidth("abc"), 3u);
  EXPECT_EQ(DisplayWidth("é"), 1u);
  EXPECT_EQ(DisplayWidth("e\u0301"), 1u);
  EXPECT_EQ(DisplayWidth("日本"), 4u);
  EXPECT_EQ(DisplayWidth("😀"), 2u);
  EXPECT_EQ(Truncate("日本語", 5), "日本");
  EXPECT_EQ(Truncate("abc", 5), "abc");
  EXPECT_EQ(Truncate("\xff\xfe", 1), "\xff");
}

}  // namespace
}  // namespace penstock::cli
