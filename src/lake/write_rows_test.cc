#include "base/text.h"
#include "lake/row_change_fixture.h"

namespace penstock::lake {
namespace {

class WriteRowsTest : public RowChangeTest {
 protected:
  Result<OperationResult> Write(WriteRequest request) {
    return WriteRows(Tools(), table_, request);
  }
  static WriteRequest Request(std::string query, WriteMode mode = WriteMode::kAppend) {
    WriteRequest request;
    request.query = std::move(query);
    request.mode = mode;
    return request;
  }
  // A table whose first column is `id`, and then that of `field`, its JSON.
  void CreateColumn(const std::string& type, const std::string& field_metadata,
                    bool nullable = true) {
    const std::string json =
        R"({"type":"struct","fields":[{"name":"id","type":"integer","nullable":true,"metadata":{}},)"
        R"({"name":"c","type":")" +
        type + R"(","nullable":)" + (nullable ? "true" : "false") + R"(,"metadata":)" +
        field_metadata + "}]}";
    CreateWith(Must(delta::SchemaFromJson(json)), json, {}, {});
  }
};

TEST_F(WriteRowsTest, AppendIsBlindAndTellsWhatItWrote) {
  Create("id BIGINT, name STRING");
  const auto result = Must(Write(Request("SELECT 1, 'a' UNION ALL SELECT 2, NULL")));
  EXPECT_EQ(result.version, 1);
  EXPECT_EQ(Metric(result, "numOutputRows"), "2");
  const auto info = LastActions<delta::CommitInfo>().at(0);
  EXPECT_EQ(info.operation, "WRITE");
  EXPECT_EQ(info.operation_parameters["mode"], "Append");
  EXPECT_EQ(info.is_blind_append, true);
  EXPECT_EQ(info.extra["isolationLevel"], "WriteSerializable");
  EXPECT_EQ(TableRows(), (Lines{"1|a", "2|NULL"}));
}

TEST_F(WriteRowsTest, NoRowsMakeNoCommitUnlessATransactionIsToBeRemembered) {
  Create("id BIGINT");
  EXPECT_EQ(Must(Write(Request("SELECT 1 WHERE false"))).version, std::nullopt);
  WriteRequest request = Request("SELECT 1 WHERE false");
  request.transactions = {{"app", 3, std::nullopt}};
  EXPECT_EQ(Must(Write(request)).version, 1);
}

TEST_F(WriteRowsTest, TheSameTransactionAgainIsSkipped) {
  Create("id BIGINT");
  WriteRequest request = Request("SELECT 1");
  request.transactions = {{"app", 3, std::nullopt}};
  EXPECT_EQ(Must(Write(request)).version, 1);
  EXPECT_EQ(Must(Write(request)).version, std::nullopt);
  EXPECT_EQ(TableRows(), (Lines{"1"}));
}

TEST_F(WriteRowsTest, ColumnsAreTakenByPositionNameOrList) {
  Create("id BIGINT, name STRING, n INT");
  (void)Must(Write(Request("SELECT 1 AS n, 'a', 10")));
  WriteRequest by_name = Request("SELECT 20 AS N, 2 AS id");
  by_name.by_name = true;
  (void)Must(Write(by_name));
  WriteRequest listed = Request("SELECT 'c', 3");
  listed.columns = {"NAME", "id"};
  (void)Must(Write(listed));
  EXPECT_EQ(TableRows(), (Lines{"1|a|10", "2|NULL|20", "3|c|NULL"}));
}

TEST_F(WriteRowsTest, AnotherSchemaIsRefusedAndShown) {
  Create("id BIGINT, name STRING");
  const auto few = Write(Request("SELECT 1"));
  EXPECT_EQ(Code(few), "SCHEMA_MISMATCH");
  WriteRequest by_name = Request("SELECT 1 AS id, 2 AS other");
  by_name.by_name = true;
  const auto unknown = Write(by_name);
  ASSERT_EQ(Code(unknown), "SCHEMA_MISMATCH");
  EXPECT_NE(unknown.error().message.find("no column other"), std::string::npos);
  EXPECT_NE(unknown.error().message.find("id BIGINT, name STRING"), std::string::npos);
  EXPECT_NE(unknown.error().message.find("id INT, other INT"), std::string::npos);
  const auto type = Write(Request("SELECT 'x', 'y'"));
  ASSERT_EQ(Code(type), "SCHEMA_MISMATCH");
  EXPECT_NE(type.error().message.find("id is BIGINT"), std::string::npos) << type.error().message;
  const auto overflow = Write(Request("SELECT 1e30::DOUBLE, 'x'"));
  EXPECT_FALSE(overflow.ok());
  EXPECT_EQ(Version(), 0);
}

TEST_F(WriteRowsTest, MergeSchemaAddsColumnsAndFields) {
  Create("id BIGINT, s STRUCT<x: INT>");
  (void)Must(Write(Request("SELECT 1, {'x': 1}")));
  WriteRequest request = Request("SELECT {'y': 'b', 'x': 2} AS s, 2 AS ID, 1.5::DOUBLE AS extra");
  request.merge_schema = true;
  (void)Must(Write(request));
  EXPECT_EQ(TableRows("id, s.x, s.y, extra"), (Lines{"1|1|NULL|NULL", "2|2|b|1.5"}));
  EXPECT_EQ(ToString(Must(table_.Latest())->metadata().schema),
            "id BIGINT, s STRUCT<x: INT, y: STRING>, extra DOUBLE");
}

TEST_F(WriteRowsTest, OverwriteReplacesRowsAndWithPermissionTheSchema) {
  Create("id BIGINT");
  (void)Must(Write(Request("SELECT range FROM range(5)")));
  auto result = Must(Write(Request("SELECT 7", WriteMode::kOverwrite)));
  EXPECT_EQ(Metric(result, "numRemovedFiles"), "1");
  EXPECT_EQ(TableRows(), (Lines{"7"}));
  WriteRequest request = Request("SELECT 'text' AS id, 1 AS b", WriteMode::kOverwrite);
  EXPECT_EQ(Code(Write(request)), "SCHEMA_MISMATCH");
  request.overwrite_schema = true;
  (void)Must(Write(request));
  EXPECT_EQ(TableRows(), (Lines{"text|1"}));
  (void)Must(Write(Request("SELECT 'x', 1 WHERE false", WriteMode::kOverwrite)));
  EXPECT_EQ(TableRows(), Lines{});
}

TEST_F(WriteRowsTest, ReplaceWhereReplacesWhatSatisfiesTheCondition) {
  Create("id BIGINT, day DATE", {{"delta.enableChangeDataFeed", "true"}});
  (void)Must(Write(Request("SELECT range, DATE '2024-01-01' + (range % 3)::INT FROM range(6)")));
  WriteRequest request = Request("SELECT 100, DATE '2024-01-02'", WriteMode::kReplaceWhere);
  request.replace_where = "day = DATE '2024-01-02'";
  (void)Must(Write(request));
  EXPECT_EQ(TableRows(), (Lines{"0|2024-01-01", "2|2024-01-03", "3|2024-01-01", "5|2024-01-03",
                                "100|2024-01-02"}));
  EXPECT_EQ(Changes("id"), (Lines{"delete|1", "delete|4", "insert|100"}));
  request.query = "SELECT 101, DATE '2024-01-03'";
  const auto outside = Write(request);
  ASSERT_EQ(Code(outside), "REPLACE_WHERE_MISMATCH");
  EXPECT_NE(outside.error().message.find("101"), std::string::npos) << outside.error().message;
  EXPECT_EQ(Version(), 2);
}

TEST_F(WriteRowsTest, DynamicOverwriteReplacesThePartitionsOfTheNewRows) {
  Create("id BIGINT, p STRING", {}, {"p"});
  (void)Must(Write(
      Request("SELECT range, CASE range % 3 WHEN 0 THEN 'a' WHEN 1 THEN 'b' END FROM range(6)")));
  (void)Must(Write(Request("SELECT 10, 'a' UNION ALL SELECT 11, NULL UNION ALL SELECT 12, 'new'",
                           WriteMode::kDynamicPartitions)));
  EXPECT_EQ(TableRows(), (Lines{"1|b", "4|b", "10|a", "11|NULL", "12|new"}));
}

TEST_F(WriteRowsTest, MissingColumnsHaveTheirDefault) {
  CreateColumn("string", R"({"CURRENT_DEFAULT":"'none' || 1"})");
  WriteRequest request = Request("SELECT 1");
  request.columns = {"id"};
  (void)Must(Write(request));
  (void)Must(Write(Request("SELECT 2, NULL")));
  EXPECT_EQ(TableRows(), (Lines{"1|none1", "2|NULL"}));
}

TEST_F(WriteRowsTest, GeneratedColumnsAreComputedOrChecked) {
  CreateColumn("long", R"({"delta.generationExpression":"id * 2"})");
  WriteRequest request = Request("SELECT * FROM (VALUES (1), (NULL))");
  request.columns = {"id"};
  (void)Must(Write(request));
  (void)Must(Write(Request("SELECT 3, 6")));
  EXPECT_EQ(TableRows(), (Lines{"NULL|NULL", "1|2", "3|6"}));
  const auto wrong = Write(Request("SELECT 4, 9"));
  ASSERT_EQ(Code(wrong), "GENERATED_COLUMN_VIOLATED");
  EXPECT_NE(wrong.error().message.find("c <=> id * 2"), std::string::npos);
  EXPECT_EQ(Code(Write(Request("SELECT 4, NULL"))), "GENERATED_COLUMN_VIOLATED");
  // An update of what it is computed from computes it again.
  (void)Must(UpdateRows(Tools(), table_, {{{{"id"}, "id + 10"}}, "id = 3", "t"}));
  EXPECT_EQ(TableRows(), (Lines{"NULL|NULL", "1|2", "13|26"}));
}

TEST_F(WriteRowsTest, ConstraintsNameTheRowThatBreaksThem) {
  Create("id INT, n INT", {{"delta.constraints.positive", "n > 0"}});
  (void)Must(Write(Request("SELECT 1, 1")));
  const auto broken = Write(Request("SELECT range, 3 - range FROM range(5)"));
  ASSERT_EQ(Code(broken), "CHECK_CONSTRAINT_VIOLATED");
  EXPECT_EQ(broken.error().kind, ErrorKind::kData);
  EXPECT_NE(broken.error().message.find("positive (n > 0)"), std::string::npos);
  EXPECT_NE(broken.error().message.find("{'id': 3, 'n': 0}"), std::string::npos)
      << broken.error().message;
  EXPECT_EQ(Code(Write(Request("SELECT 1, NULL"))), "CHECK_CONSTRAINT_VIOLATED");
  EXPECT_EQ(Code(UpdateRows(Tools(), table_, {{{{"n"}, "-n"}}, "", "t"})),
            "CHECK_CONSTRAINT_VIOLATED");
  EXPECT_EQ(Version(), 1);
}

TEST_F(WriteRowsTest, ConstraintsAreTranslatedFromTheTablesDialect) {
  Create("id INT", {{"delta.constraints.odd", "odd(id)"}});
  Lake lake = Tools();
  lake.translate = [](std::string_view) -> Result<std::string> {
    return std::string("id % 2 = 1");
  };
  EXPECT_EQ(Code(WriteRows(lake, table_, Request("SELECT 2"))), "CHECK_CONSTRAINT_VIOLATED");
  lake.translate = [](std::string_view) -> Result<std::string> { return UserError("X", "no"); };
  EXPECT_EQ(Code(WriteRows(lake, table_, Request("SELECT 1"))), "UNSUPPORTED_CONSTRAINT");
}

TEST_F(WriteRowsTest, InvariantsAndLengthsAreKept) {
  CreateColumn("string",
               R"({"delta.invariants":"{\"expression\":{\"expression\":\"c <> 'bad'\"}}",)"
               R"j("__CHAR_VARCHAR_TYPE_STRING":"varchar(4)"})j");
  (void)Must(Write(Request("SELECT 1, 'good' UNION ALL SELECT 2, 'é   '")));
  EXPECT_EQ(TableRows("id, '<' || c || '>'"), (Lines{"1|<good>", "2|<é   >"}));
  EXPECT_EQ(Code(Write(Request("SELECT 1, 'good '"))), "EXCEEDS_CHAR_VARCHAR_LENGTH");
  EXPECT_EQ(Code(Write(Request("SELECT 1, 'bad'"))), "INVARIANT_VIOLATED");
  EXPECT_EQ(Code(Write(Request("SELECT 1, 'longer'"))), "EXCEEDS_CHAR_VARCHAR_LENGTH");
}

TEST_F(WriteRowsTest, CharIsFilledUp) {
  CreateColumn("string", R"j({"__CHAR_VARCHAR_TYPE_STRING":"char(3)"})j");
  (void)Must(Write(Request("SELECT 1, 'a'")));
  EXPECT_EQ(TableRows("'<' || c || '>'"), (Lines{"<a  >"}));
}

TEST_F(WriteRowsTest, CharIsComparedAsIfBothWerePadded) {
  CreateColumn("string", R"j({"__CHAR_VARCHAR_TYPE_STRING":"char(3)"})j");
  (void)Must(Write(Request("SELECT 1, 'a' UNION ALL SELECT 2, 'a b' UNION ALL SELECT 3, NULL")));
  EXPECT_EQ(TableRows("id, c = 'a', c = 'a     ', c IN ('a'), c < 'a b', length(c)"),
            (Lines{"1|true|true|true|true|3", "2|false|false|false|false|3",
                   "3|NULL|NULL|NULL|NULL|NULL"}));
}

TEST_F(WriteRowsTest, LengthsHoldInsideOtherTypes) {
  CreateColumn(
      R"x(string"},{"name":"s","type":{"type":"struct","fields":[{"name":"x","type":"string","nullable":true,"metadata":{}},{"name":"l","type":{"type":"array","elementType":"string","containsNull":true},"nullable":true,"metadata":{}}]},"nullable":true,"metadata":{"__CHAR_VARCHAR_TYPE_STRING":"struct<x:char(2),l:array<varchar(2)>>"}},{"name":"d","type":"string)x",
      "{}");
  const auto row = [](const std::string& value) {
    return Request("SELECT 1, NULL, " + value + ", NULL");
  };
  (void)Must(Write(row("{'x': 'a', 'l': ['b', NULL]}")));
  (void)Must(Write(row("NULL")));
  EXPECT_EQ(TableRows("'<' || s.x || '>', s.l[1]"), (Lines{"NULL|NULL", "<a >|b"}));
  EXPECT_EQ(Code(Write(row("{'x': 'abc', 'l': NULL::VARCHAR[]}"))), "EXCEEDS_CHAR_VARCHAR_LENGTH");
  EXPECT_EQ(Code(Write(row("{'x': NULL::VARCHAR, 'l': ['a', 'bcd']}"))),
            "EXCEEDS_CHAR_VARCHAR_LENGTH");
}

TEST_F(WriteRowsTest, FractionsAreCutOffAtEveryDepth) {
  Create("i INT, a ARRAY<INT>, s STRUCT<x: INT, y: STRING>, m MAP<INT, STRUCT<z: BIGINT>>");
  (void)Must(
      Write(Request("SELECT 2.7::DOUBLE, [2.7, -2.7, NULL], {'x': 2.7::DOUBLE, 'y': 'a'}, "
                    "MAP {1.9::DOUBLE: {'z': 2.9}} UNION ALL SELECT NULL, NULL, NULL, NULL")));
  EXPECT_EQ(TableRows("i, a, s, m"),
            (Lines{"NULL|NULL|NULL|NULL", "2|[2, -2, NULL]|{'x': 2, 'y': a}|{1={'z': 2}}"}));
}

TEST_F(WriteRowsTest, VariantsAreStoredAtEveryDepth) {
  Create("id INT, v VARIANT, s STRUCT<v: VARIANT>, l ARRAY<VARIANT>, m MAP<STRING, VARIANT>");
  (void)Must(Write(Request(
      "SELECT 1, '{\"b\":[1,null],\"a\":2.5}'::JSON::VARIANT, {'v': 'x'::VARIANT}, "
      "[1::VARIANT, NULL], MAP {'k': DATE '2024-01-01'::VARIANT} UNION ALL SELECT 2, NULL, NULL, "
      "NULL, NULL")));
  (void)Must(Write(Request("SELECT 3, 7, {'v': 8}, [9], NULL")));
  EXPECT_EQ(
      TableRows("id, v::JSON, s.v::VARCHAR, l[1]::INT, l[2] IS NULL, m['k']::DATE, v IS NULL"),
      (Lines{R"(1|{"a":2.5,"b":[1,null]}|x|1|true|2024-01-01|false)",
             "2|null|NULL|NULL|true|NULL|true", "3|7|8|9|true|NULL|false"}));
  EXPECT_EQ(Code(Write(Request("SELECT 4, {'a': 1}, NULL, NULL, NULL"))), "SCHEMA_MISMATCH");
  const auto stats = Json::parse(LastActions<delta::AddFile>()[0].stats);
  EXPECT_EQ(stats["nullCount"], Json({{"id", 0}, {"v", 0}, {"s", {{"v", 0}}}}));
  const auto protocol = Must(table_.Latest())->protocol();
  EXPECT_TRUE(delta::HasFeature(protocol, "variantType"));
}

TEST_F(WriteRowsTest, BinaryPartitionValuesAreTheBytesOfTheText) {
  Create("id INT, b BINARY", {}, {"b"});
  (void)Must(
      Write(Request("SELECT 1, 'a\\xC3\\xA4\\x01\\x5C'::BLOB UNION ALL SELECT 2, NULL UNION ALL "
                    "SELECT 3, ''::BLOB")));
  std::map<std::string, int> values;
  for (const auto& add : LastActions<delta::AddFile>()) {
    ++values[add.partition_values.at("b").value_or("-")];
  }
  EXPECT_EQ(values, (std::map<std::string, int>{{"aä\x01\\", 1}, {"-", 2}}));
  EXPECT_EQ(TableRows("id, b = 'a\\xC3\\xA4\\x01\\x5C'::BLOB"),
            (Lines{"1|true", "2|NULL", "3|NULL"}));
  EXPECT_EQ(Code(Write(Request("SELECT 4, '\\xFF'::BLOB"))), "BINARY_PARTITION_VALUE");
  EXPECT_EQ(Version(), 1);
}

TEST_F(WriteRowsTest, NullIsRefusedAtEveryDepth) {
  Create("id INT NOT NULL, s STRUCT<x: INT NOT NULL>, l ARRAY<STRUCT<y: INT NOT NULL>>");
  (void)Must(Write(Request("SELECT 1, NULL, NULL UNION ALL SELECT 2, {'x': 1}, [{'y': 1}, NULL]")));
  EXPECT_EQ(Code(Write(Request("SELECT NULL, NULL, NULL"))), "NOT_NULL_VIOLATED");
  EXPECT_EQ(Code(Write(Request("SELECT 1, {'x': NULL}, NULL"))), "NOT_NULL_VIOLATED");
  EXPECT_EQ(Code(Write(Request("SELECT 1, NULL, [{'y': 1}, {'y': NULL}]"))), "NOT_NULL_VIOLATED");
  EXPECT_EQ(Version(), 1);
}

TEST_F(WriteRowsTest, IdentityThatWouldHaveToBeMadeUpIsRefusedByName) {
  CreateColumn(
      "long",
      R"({"delta.identity.start":1,"delta.identity.step":1,"delta.identity.allowExplicitInsert":true})");
  WriteRequest request = Request("SELECT 1");
  request.columns = {"id"};
  const auto refused = Write(request);
  ASSERT_EQ(Code(refused), "IDENTITY_NOT_GENERATED");
  EXPECT_NE(refused.error().message.find(" c "), std::string::npos);
  (void)Must(Write(Request("SELECT 1, 2")));
}

TEST_F(WriteRowsTest, StatisticsFollowTheTablesProperties) {
  Create("a INT, b INT, s STRUCT<x: INT, y: INT>", {{"delta.dataSkippingNumIndexedCols", "1"}});
  (void)Must(Write(Request("SELECT 1, 2, {'x': 3, 'y': 4}")));
  EXPECT_EQ(Json::parse(LastActions<delta::AddFile>()[0].stats)["minValues"], Json({{"a", 1}}));
}

TEST_F(WriteRowsTest, StatisticsOfNamedColumns) {
  Create("a INT, b INT, s STRUCT<x: INT, y: INT>",
         {{"delta.dataSkippingStatsColumns", "b, s.`y`"}});
  (void)Must(Write(Request("SELECT 1, 2, {'x': 3, 'y': 4}")));
  EXPECT_EQ(Json::parse(LastActions<delta::AddFile>()[0].stats)["maxValues"],
            Json({{"b", 2}, {"s", {{"y", 4}}}}));
}

TEST_F(WriteRowsTest, MappedColumnsHaveTheirPhysicalNamesInFilesAndLog) {
  CreateMapped(
      "id INT, part STRING, s STRUCT<x: INT, l ARRAY<STRUCT<y: INT>>>, m MAP<STRING, STRUCT<z: "
      "INT>>",
      {"part"});
  Insert(
      "SELECT 1, 'a b', {'x': 2, 'l': [{'y': 3}, NULL]}, MAP {'k': {'z': 4}} UNION ALL SELECT 2, "
      "NULL, NULL, NULL");
  EXPECT_EQ(TableRows("id, part, s.x, s.l[1].y, len(s.l), m['k'].z"),
            (Lines{"1|a b|2|3|2|4", "2|NULL|NULL|NULL|NULL|NULL"}));
  for (const auto& add : LastActions<delta::AddFile>()) {
    EXPECT_TRUE(add.partition_values.contains("p2"));
    EXPECT_TRUE(Json::parse(add.stats)["nullCount"].contains("p1")) << add.stats;
    const std::string path = EscapeGlob(DataFilePath(path_, add.path));
    EXPECT_EQ(Row("SELECT list(name || coalesce(field_id, -1)) FROM parquet_schema(" +
                  duck::QuoteLiteral(path) + ") WHERE name LIKE 'p_'"),
              "[p11, p33, p44, p55, p66, p77, p88]");
  }
  (void)Must(UpdateRows(Tools(), table_, {{{{"s", "x"}, "id * 100"}}, "", "t"}));
  EXPECT_EQ(TableRows("id, s.x, s.l[1].y"), (Lines{"1|100|3", "2|200|NULL"}));
  EXPECT_EQ(Changes("p1, p3.p4").size(), 4u);
  WriteRequest request = Request("SELECT 3 AS id, 'new' AS extra, {'x': 1, 'w': 5} AS s");
  request.merge_schema = true;
  (void)Must(Write(request));
  EXPECT_EQ(TableRows("id, extra, s.x, s.w"),
            (Lines{"1|NULL|100|NULL", "2|NULL|200|NULL", "3|new|1|5"}));
  EXPECT_EQ(
      LastActions<delta::Metadata>().at(0).configuration.at("delta.columnMapping.maxColumnId"),
      "10");
}

TEST_F(WriteRowsTest, CheckpointIsWrittenWhenDue) {
  Create("id INT", {{"delta.checkpointInterval", "2"}});
  Insert("SELECT 1");
  Insert("SELECT 2");
  EXPECT_TRUE(Must(storage_->Stat(path_ + "/_delta_log/00000000000000000002.checkpoint.parquet")));
}

}  // namespace
}  // namespace penstock::lake
