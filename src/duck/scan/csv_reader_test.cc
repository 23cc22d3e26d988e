#include <gmock/gmock.h>

#include "duck/scan/scan_fixture.h"

namespace penstock::duck {
namespace {

class CsvTest : public ScanTest {
 protected:
  ScanSpec Csv(const std::string& text, const std::string& columns) {
    return Spec({Write("x.csv", text)}, columns, FileFormat::kCsv);
  }
};

TEST_F(CsvTest, ValuesAreTypedBySparksRules) {
  EXPECT_EQ(Rows(Csv("5,true,1.239,2024-1-1\n+5,false,9,2024-01-02\n",
                     "a INT, b BOOLEAN, c DECIMAL(5,2), d DATE")),
            "5|true|1.24|2024-01-01\n5|false|9.00|2024-01-02\n");
  EXPECT_EQ(Rows(Csv("1.0\n 5\n", "a INT")), "NULL\nNULL\n");
  EXPECT_EQ(Rows(Csv("1,123456\n", "a INT, b DECIMAL(4,1)")), "1|NULL\n");
}

TEST_F(CsvTest, TooFewAndTooManyValuesAreCorrupt) {
  ScanSpec spec = Csv("1,2\n1\n1,2,3\n", "a INT, b INT");
  spec.corrupt_column = "c";
  EXPECT_EQ(Rows(spec), "1|2|NULL\n1|NULL|1\n1|2|1,2,3\n");
}

TEST_F(CsvTest, HeaderIsSkippedInEveryFileAndColumnsGoByPosition) {
  ScanSpec spec = Spec({Write("a.csv", "x,y\n1,2\n"), Write("b.csv", "y,x\n3,4\n")}, "x INT, y INT",
                       FileFormat::kCsv);
  spec.csv.header = true;
  EXPECT_THAT(Rows(spec), testing::AnyOf("1|2\n3|4\n", "3|4\n1|2\n"));
  spec.csv.enforce_schema = false;
  EXPECT_THAT(Rows(spec), testing::AnyOf("1|2\n4|3\n", "4|3\n1|2\n"));
}

TEST_F(CsvTest, QuotesEscapesAndEmptyValues) {
  EXPECT_EQ(Rows(Csv("\"a,b\",\"c\\\"d\",\"\"\n", "a STRING, b STRING, c STRING")),
            "a,b|c\"d|NULL\n");
  EXPECT_EQ(Rows(Csv("\"a\"\"b\"\n", "a STRING")), "a\"\"b\n");
  ScanSpec spec = Csv("\"a\"\"b\"\n", "a STRING");
  spec.csv.escape = '"';
  EXPECT_EQ(Rows(spec), "a\"b\n");
  ScanSpec null_value = Csv("\"NA\",NA,x\n", "a STRING, b STRING, c STRING");
  null_value.csv.null_value = "NA";
  EXPECT_EQ(Rows(null_value), "NULL|NULL|x\n");
}

TEST_F(CsvTest, MultiLineCommentsSeparatorsAndTrimming) {
  ScanSpec lines = Csv("\"a\nb\",1\n", "a STRING, b INT");
  lines.multi_line = true;
  EXPECT_EQ(Rows(lines), "a\nb|1\n");
  ScanSpec spec = Csv("# note\n  a ||1\n\nb||2\n", "a STRING, b INT");
  spec.csv.comment = '#';
  spec.csv.separator = "||";
  spec.csv.ignore_leading_space = true;
  spec.csv.ignore_trailing_space = true;
  EXPECT_EQ(Rows(spec), "a|1\nb|2\n");
}

TEST_F(CsvTest, AHeaderThatIsNoValidUtf8NamesWhatIsRescued) {
  ScanSpec spec = Csv("a,b\xB5\n1,2\n", "a INT");
  spec.csv.header = true;
  spec.rescue_column = "r";
  EXPECT_NE(Rows(spec).find("1|{\"b\xEF\xBF\xBD\":\"2\","), std::string::npos);
}

TEST_F(CsvTest, TextAndBinaryFiles) {
  EXPECT_EQ(Rows(Spec({Write("x.txt", "a\n\nb\r\nc")}, "value STRING", FileFormat::kText)),
            "a\n\nb\nc\n");
  ScanSpec whole = Spec({Write("x.txt", "a\nb")}, "value STRING", FileFormat::kText);
  whole.whole_text = true;
  EXPECT_EQ(Rows(whole), "a\nb\n");
  ScanSpec binary = Spec({Write("x.bin", "abc")},
                         "path STRING, modificationTime TIMESTAMP, length BIGINT, content BINARY",
                         FileFormat::kBinary);
  EXPECT_EQ(Rows(binary, "length, content, modificationTime"), "3|abc|2023-11-14 22:13:20+00\n");
}

}  // namespace
}  // namespace penstock::duck
