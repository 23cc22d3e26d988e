#include "duck/scan/scan_fixture.h"

namespace penstock::duck {
namespace {

TEST_F(ScanTest, JsonLinesBecomeTypedRows) {
  EXPECT_EQ(
      Json(
          "{\"a\":1,\"b\":\"x\",\"c\":1.5,\"d\":true}\n\n{\"b\":\"a longer string than twelve\"}\n",
          "a BIGINT, b STRING, c DOUBLE, d BOOLEAN"),
      "1|x|1.5|true\nNULL|a longer string than twelve|NULL|NULL\n");
}

TEST_F(ScanTest, JsonConversionsFollowSpark) {
  EXPECT_EQ(Json("{\"a\":1.50,\"b\":{\"x\": 1},\"c\":[1, 2],\"d\":true}",
                 "a STRING, b STRING, c STRING, d STRING"),
            "1.50|{\"x\": 1}|[1, 2]|true\n");
  EXPECT_EQ(Json("{\"a\":\"5\",\"b\":\"1.5\",\"c\":5.0,\"d\":\"true\"}",
                 "a BIGINT, b DOUBLE, c BIGINT, d BOOLEAN"),
            "5|1.5|5|true\n");
  EXPECT_EQ(Json("{\"a\":\"\"}", "a INT"), "NULL\n");
  EXPECT_EQ(
      Json("{\"a\":\"NaN\",\"b\":\"1.239\",\"c\":0}", "a DOUBLE, b DECIMAL(5,2), c TIMESTAMP"),
      "nan|1.24|1970-01-01 00:00:00+00\n");
  EXPECT_EQ(Json("{\"a\":\"2024-01-31T10:00:00Z\",\"b\":\"2024-01-31T10:00:00.123+02:00\"}",
                 "a DATE, b TIMESTAMP"),
            "2024-01-31|2024-01-31 08:00:00.123+00\n");
}

TEST_F(ScanTest, ABadFieldIsNullAndTheRawLineIsKept) {
  ScanSpec spec =
      Spec({Write("x.json", "{\"a\":\"no\",\"b\":2}\n{\"a\":1,\"b\":3}\n")}, "a INT, b INT");
  spec.corrupt_column = "_corrupt_record";
  FileScan scan(spec);
  EXPECT_EQ(Rows(scan), "NULL|2|{\"a\":\"no\",\"b\":2}\n1|3|NULL\n");
  EXPECT_EQ(scan.counts().records, 2);
  EXPECT_EQ(scan.counts().corrupt, 1);
}

TEST_F(ScanTest, ASeparatorWithinAStringEndsTheRecord) {
  ScanSpec spec =
      Spec({Write("x.json", "{\"a\":\"x|\xff\"}|{\"a\":\"y\"}|[{\"a\":\"z|\xff\"}]")}, "a STRING");
  spec.corrupt_column = "c";
  spec.line_separator = "|";
  EXPECT_EQ(Rows(spec),
            "NULL|{\"a\":\"x\nNULL|\uFFFD\"}\ny|NULL\n"
            "NULL|[{\"a\":\"z\nNULL|\uFFFD\"}]\n");
}

TEST_F(ScanTest, BrokenSyntaxMakesAllFieldsNull) {
  ScanSpec spec =
      Spec({Write("x.json", "{\"a\":1,\"b\":\n{\"a\":2,\"b\":3} trailing\n5\n")}, "a INT, b INT");
  spec.corrupt_column = "c";
  EXPECT_EQ(Rows(spec), "NULL|NULL|{\"a\":1,\"b\":\n2|3|NULL\nNULL|NULL|5\n");
}

TEST_F(ScanTest, NestedValuesFollowSpark) {
  const std::string columns = "s STRUCT<x: INT, y: STRING>, a ARRAY<INT>, m MAP<STRING, INT>";
  EXPECT_EQ(Json("{\"s\":{\"x\":1,\"y\":\"q\"},\"a\":[1,2],\"m\":{\"k\":1,\"k\":2}}", columns),
            "{'x': 1, 'y': q}|[1, 2]|{k=2}\n");
  EXPECT_EQ(
      Json("{\"s\":{\"x\":\"bad\",\"y\":\"q\"},\"a\":[1,\"bad\"],\"m\":{\"k\":\"bad\"}}", columns),
      "{'x': NULL, 'y': q}|NULL|NULL\n");
}

TEST_F(ScanTest, TheLastOfEqualKeysWins) {
  EXPECT_EQ(Json("{\"a\":1,\"a\":2}\n{\"a\":null,\"a\":3}\n{\"a\":3,\"a\":null}\n", "a INT"),
            "2\n3\nNULL\n");
}

TEST_F(ScanTest, ALineWithAnArrayGivesRows) {
  EXPECT_EQ(Json("[{\"a\":1},{\"a\":2}]\n[]\n{\"a\":3}\n", "a INT"), "1\n2\n3\n");
}

TEST_F(ScanTest, AnElementWithAWrongEscapeIsCorruptByItself) {
  ScanSpec spec = Spec({Write("x.json", R"([{"a":"\q"},{"a":"2"}])")}, "a STRING");
  spec.corrupt_column = "c";
  EXPECT_EQ(Rows(spec), "NULL|{\"a\":\"\\q\"}\n2|NULL\n");
}

TEST_F(ScanTest, AScanNamedTwiceInAQueryIsReadTwice) {
  FileScan scan(Spec({Write("x.json", "{\"a\":1}\n{\"a\":2}\n")}, "a INT"));
  auto connection = engine_->Connect();
  auto rows = connection->Query("SELECT sum(x.a * y.a) FROM " + scan.RelationSql() + " x, " +
                                scan.RelationSql() + " y");
  ASSERT_TRUE(rows.ok());
  ASSERT_TRUE(*rows->NextChunk());
  EXPECT_EQ(rows->Int64(0, 0), 9);
}

TEST_F(ScanTest, DecimalsOfFullWidthAreReadOrRefused) {
  const std::string nines(38, '9');
  EXPECT_EQ(
      Json("{\"a\":" + nines + "}\n{\"a\":1" + nines + "}\n{\"a\":1e40}\n", "a DECIMAL(38,0)"),
      nines + "\nNULL\nNULL\n");
}

TEST_F(ScanTest, MultiLineReadsWholeDocuments) {
  ScanSpec spec = Spec({Write("x.json", "[\n {\"a\":1},\n {\n\"a\":2}\n]\n")}, "a INT");
  spec.multi_line = true;
  EXPECT_EQ(Rows(spec), "1\n2\n");
  ScanSpec single = Spec({Write("y.json", "{\n \"a\" : 7 }\n")}, "a INT");
  single.multi_line = true;
  EXPECT_EQ(Rows(single), "7\n");
}

TEST_F(ScanTest, ToleratesSingleQuotesAndNonNumbers) {
  EXPECT_EQ(Json("{'a':'it is a rather long text','b':NaN}\n{\"a\":\"plain and rather long "
                 "too\",\"b\":1}\n",
                 "a STRING, b DOUBLE"),
            "it is a rather long text|nan\nplain and rather long too|1.0\n");
}

TEST_F(ScanTest, InvalidUtf8MakesTheRecordCorrupt) {
  ScanSpec spec = Spec({Write("x.json", "{\"a\":\"\xFF\"}\n{\"a\":\"ok\"}\n")}, "a STRING");
  spec.corrupt_column = "c";
  EXPECT_EQ(Rows(spec), "NULL|{\"a\":\"\xEF\xBF\xBD\"}\nok|NULL\n");
}

TEST_F(ScanTest, EscapesAreResolved) {
  EXPECT_EQ(Json("{\"a\":\"x\\n\\u00e9\\ud83d\\ude00 and more text\"}", "a STRING"),
            "x\n\xC3\xA9\xF0\x9F\x98\x80 and more text\n");
}

TEST_F(ScanTest, DropMalformedCountsWhatItDrops) {
  ScanSpec spec = Spec({Write("x.json", "{\"a\":1}\n{\"a\":\"x\"}\n{\n")}, "a INT");
  spec.mode = ParseMode::kDropMalformed;
  FileScan scan(spec);
  EXPECT_EQ(Rows(scan), "1\n");
  EXPECT_EQ(scan.counts().dropped, 2);
}

TEST_F(ScanTest, FailFastNamesFileLineAndReason) {
  ScanSpec spec = Spec({Write("x.json", "{\"a\":1}\n{\"a\":\"x\"}\n")}, "a INT");
  spec.mode = ParseMode::kFailFast;
  const std::string error = Rows(spec);
  EXPECT_NE(error.find("MALFORMED_RECORD"), error.npos) << error;
  EXPECT_NE(error.find("x.json:2:"), error.npos) << error;
  EXPECT_NE(error.find("\"x\""), error.npos) << error;
}

TEST_F(ScanTest, BadRecordsAreHandedOverAndDropped) {
  ScanSpec spec = Spec({Write("x.json", "{\"a\":1}\n{\"a\":\"x\"}\n")}, "a INT");
  spec.keep_bad_records = true;
  FileScan scan(spec);
  EXPECT_EQ(Rows(scan), "1\n");
  const auto bad = scan.TakeBadRecords();
  ASSERT_EQ(bad.size(), 1u);
  EXPECT_EQ(bad[0].record, "{\"a\":\"x\"}");
  EXPECT_EQ(bad[0].offset, 8);
}

TEST_F(ScanTest, RescuesUnknownMismatchedAndOtherCase) {
  ScanSpec spec = Spec(
      {Write("x.json", "{\"a\":\"x\",\"b\":1,\"A\":2.50,\"o\":{\"p\":1}}\n{\"a\":1}\n")}, "a INT");
  spec.rescue_column = "_rescued_data";
  spec.mode = ParseMode::kFailFast;
  EXPECT_EQ(
      Rows(spec),
      "NULL|{\"a\":\"x\",\"b\":1,\"A\":2.50,\"o\":\"{\\\"p\\\":1}\",\"_file_path\":\"file://" +
          (folder_ / "x.json").string() + "\"}\n1|NULL\n");
}

TEST_F(ScanTest, KeysCompareByCaseUnlessToldOtherwise) {
  EXPECT_EQ(Json("{\"A\":1}", "a INT"), "NULL\n");
  ScanSpec spec = Spec({Write("y.json", "{\"A\":1}")}, "a INT");
  spec.case_sensitive = false;
  EXPECT_EQ(Rows(spec), "1\n");
}

TEST_F(ScanTest, MetadataPartitionsAndPosition) {
  ScanSpec spec = Spec(
      {Write("d=1/a b.json", "{\"a\":1}\n{\"a\":2}\n"), Write("d=2/c.json", "{\"a\":3}")}, "a INT");
  spec.partition_columns = *ParseSchema("d INT");
  spec.files[0].partition_values = {"1"};
  spec.files[1].partition_values = {std::nullopt};
  spec.with_metadata = true;
  spec.with_position = true;
  const std::string dir = folder_.string();
  EXPECT_EQ(Rows(spec,
                 "a, d, _metadata.file_path, _metadata.file_name, _metadata.file_size, "
                 "__penstock_position.file, __penstock_position.record"),
            "1|1|file://" + dir + "/d=1/a%20b.json|a b.json|16|" + dir +
                "/d=1/a b.json|0\n"
                "2|1|file://" +
                dir + "/d=1/a%20b.json|a b.json|16|" + dir +
                "/d=1/a b.json|8\n"
                "3|NULL|file://" +
                dir + "/d=2/c.json|c.json|7|" + dir + "/d=2/c.json|0\n");
}

TEST_F(ScanTest, LargeFilesAreReadInPartsWithoutLosingRecords) {
  std::string text;
  int64_t sum = 0;
  int64_t length = 0;
  for (int i = 0; i < 300000; ++i) {
    text += "{\"a\":" + std::to_string(i) + ",\"b\":\"" + std::string(i % 97, 'x') + "\"}" +
            (i % 3 == 0 ? "\r\n" : "\n");
    sum += i;
    length += i % 97;
  }
  ScanSpec spec = Spec({Write("x.json", text)}, "a BIGINT, b STRING");
  EXPECT_EQ(Rows(spec, "count(*), sum(a), sum(length(b)), count(DISTINCT a)"),
            "300000|" + std::to_string(sum) + "|" + std::to_string(length) + "|300000\n");
  EXPECT_EQ(Rows(spec, "count(*)"), "300000\n");
}

TEST_F(ScanTest, ALineOfTenMegabytesIsRead) {
  const std::string text = "{\"a\":\"" + std::string(10 << 20, 'y') + "\"}\n{\"a\":\"z\"}\n";
  EXPECT_EQ(Rows(Spec({Write("x.json", text)}, "a STRING"), "sum(length(a)), count(*)"),
            "10485761|2\n");
}

TEST_F(ScanTest, AFileThatChangedOrVanishedIsNamed) {
  const std::string path = Write("x.json", "{\"a\":1}\n");
  ScanSpec spec = Spec({path}, "a INT");
  spec.files[0].size = 100;
  EXPECT_NE(Rows(spec).find("FILE_CHANGED: " + path), std::string::npos);
  std::filesystem::remove(path);
  EXPECT_NE(Rows(spec).find("FILE_VANISHED: " + path), std::string::npos);
}

TEST_F(ScanTest, WhatAFileGainedAfterListingIsNotRead) {
  ScanSpec spec = Spec({Write("x.json", "{\"a\":1}\n{\"a\":2}\n")}, "a INT");
  spec.files[0].size = 8;
  EXPECT_EQ(Rows(spec), "1\n");
}

TEST_F(ScanTest, OtherEncodingsAndByteOrderMarks) {
  ScanSpec spec = Spec({Write("x.json", "{\"a\":\"\xE9\"}\n")}, "a STRING");
  spec.encoding = "ISO-8859-1";
  EXPECT_EQ(Rows(spec), "\xC3\xA9\n");
  EXPECT_EQ(Json("\xEF\xBB\xBF{\"a\":1}", "a INT"), "1\n");
}

TEST_F(ScanTest, JavaPatternsReadTimes) {
  ScanSpec spec = Spec({Write("x.json", "{\"d\":\"31/01/2024\",\"t\":\"31.01.2024 10:11\"}\n")},
                       "d DATE, t TIMESTAMP");
  spec.date_format = "dd/MM/yyyy";
  spec.timestamp_format = "dd.MM.yyyy HH:mm[:ss]";
  EXPECT_EQ(Rows(spec), "2024-01-31|2024-01-31 10:11:00+00\n");
  spec.date_format = "qq";
  EXPECT_NE(Rows(spec).find("BAD_OPTION"), std::string::npos);
}

TEST_F(ScanTest, KeysThatAreLongOrEscapedOrApartFromTheirColonStandBeforeOthers) {
  for (const std::string& key : {"\"" + std::string(100, 'k') + "\":", std::string("\"k\\u00e9\":"),
                                 std::string("\"k\" :")}) {
    const std::string record = "{" + key + "1,\"b\":2}\n";
    const std::string path = Write("x.json", record + record + record);
    ScanSpec spec = Spec({path}, "b INT");
    spec.corrupt_column = "c";
    EXPECT_EQ(Rows(spec), "2|NULL\n2|NULL\n2|NULL\n") << key;
    spec.rescue_column = "r";
    EXPECT_EQ(Rows(spec, "count(*), count(r), count(c)"), "3|3|0\n") << key;
    const auto inferred = InferSchema(Spec({path}, ""), {});
    ASSERT_TRUE(inferred.ok());
    EXPECT_EQ(inferred->columns.size(), 2u) << key;
    EXPECT_FALSE(inferred->corrupt) << key;
  }
}

}  // namespace
}  // namespace penstock::duck
