#include "delta/file_filter.h"

#include <gtest/gtest.h>

#include "delta/table.h"

namespace penstock::delta {
namespace {

Predicate Where(std::vector<std::string> column, Comparison::Operator op,
                std::vector<std::string> values = {}) {
  return {Comparison{std::move(column), op, std::move(values)}};
}
using Op = Comparison::Operator;

class FileFilterTest : public testing::Test {
 protected:
  Metadata TableOf(const std::string& columns, std::vector<std::string> partitions = {}) {
    return NewMetadata(ParseSchema(columns).value(), std::move(partitions), {}, std::nullopt, 1);
  }
  bool MayMatch(const Metadata& metadata, const AddFile& file, const Predicate& condition) {
    return FileFilter(metadata, TableColumns(metadata).value(), condition).MayMatch(file);
  }
  // With statistics of the column "c".
  bool MayMatch(const std::string& type, const std::string& min, const std::string& max, Op op,
                std::vector<std::string> values, const std::string& more = "") {
    AddFile file;
    file.stats = "{\"numRecords\":10,\"minValues\":{\"c\":" + min +
                 "},\"maxValues\":{\"c\":" + max + "},\"nullCount\":{\"c\":2}" + more + "}";
    return MayMatch(TableOf("c " + type), file, Where({"C"}, op, std::move(values)));
  }
};

TEST_F(FileFilterTest, PartitionValuesDecideExactly) {
  const Metadata table = TableOf("p DATE, q INT, n INT", {"p", "q"});
  AddFile file;
  file.partition_values = {{"p", "2024-02-29"}, {"q", ""}};
  EXPECT_TRUE(MayMatch(table, file, Where({"p"}, Op::kEqual, {"2024-02-29"})));
  EXPECT_FALSE(MayMatch(table, file, Where({"P"}, Op::kNotEqual, {"2024-02-29"})));
  EXPECT_FALSE(MayMatch(table, file, Where({"p"}, Op::kGreater, {"2024-02-29"})));
  EXPECT_TRUE(MayMatch(table, file, Where({"p"}, Op::kIn, {"2020-01-01", "2024-02-29"})));
  EXPECT_FALSE(MayMatch(table, file, Where({"p"}, Op::kIsNull)));
  EXPECT_TRUE(MayMatch(table, file, Where({"q"}, Op::kIsNull)));
  EXPECT_TRUE(MayMatch(table, file, Where({"q"}, Op::kNullSafeEqual)));
  EXPECT_FALSE(MayMatch(table, file, Where({"q"}, Op::kEqual, {"1"})));
  EXPECT_FALSE(MayMatch(table, file, Where({"q"}, Op::kNotEqual, {"1"})));
  EXPECT_TRUE(MayMatch(table, file, Where({"n"}, Op::kEqual, {"1"})));
  EXPECT_TRUE(MayMatch(table, file, Where({"unknown"}, Op::kEqual, {"1"})));
}

TEST_F(FileFilterTest, BoundsOfNumbersDecide) {
  EXPECT_FALSE(MayMatch("INT", "5", "9", Op::kEqual, {"4"}));
  EXPECT_TRUE(MayMatch("INT", "5", "9", Op::kEqual, {"9"}));
  EXPECT_FALSE(MayMatch("INT", "5", "9", Op::kGreater, {"9"}));
  EXPECT_TRUE(MayMatch("INT", "5", "9", Op::kGreaterOrEqual, {"9"}));
  EXPECT_FALSE(MayMatch("INT", "5", "9", Op::kLess, {"5"}));
  EXPECT_TRUE(MayMatch("INT", "5", "9", Op::kLessOrEqual, {"5"}));
  EXPECT_FALSE(MayMatch("INT", "5", "9", Op::kIn, {"1", "10"}));
  EXPECT_FALSE(MayMatch("INT", "5", "9", Op::kIn, {}));
  EXPECT_FALSE(MayMatch("INT", "5", "5", Op::kNotEqual, {"5"}));
  EXPECT_TRUE(MayMatch("INT", "5", "5", Op::kNotEqual, {"5"}, ",\"tightBounds\":false"));
  EXPECT_FALSE(MayMatch("DECIMAL(38,2)", "1234567890123.11", "1234567890123.12", Op::kEqual,
                        {"1234567890123.13"}));
  // Some writers take decimals through doubles, which do not keep that many digits.
  EXPECT_TRUE(MayMatch("DECIMAL(38,2)", "12345678901234567890.11", "12345678901234567890.12",
                       Op::kEqual, {"12345678901234567890.13"}));
  EXPECT_TRUE(MayMatch("DECIMAL(38,2)", "12345678901234567890.11", "12345678901234567890.12",
                       Op::kEqual, {"12345678901234567890.120"}));
  EXPECT_FALSE(MayMatch("BOOLEAN", "false", "false", Op::kEqual, {"true"}));
}

TEST_F(FileFilterTest, NaNAndRoundingOfFractionsKeepAFile) {
  EXPECT_TRUE(MayMatch("DOUBLE", "1.0", "2.0", Op::kGreater, {"100"}));
  EXPECT_FALSE(MayMatch("DOUBLE", "1.0", "2.0", Op::kEqual, {"100"}));
  EXPECT_TRUE(MayMatch("DOUBLE", "1.0", "2.0", Op::kEqual, {"nan"}));
  EXPECT_TRUE(MayMatch("DOUBLE", "\"NaN\"", "\"NaN\"", Op::kEqual, {"1"}));
  EXPECT_TRUE(MayMatch("DOUBLE", "0.0", "0.0", Op::kEqual, {"-0.0"}));
  // As a file has it that was written when the column was FLOAT.
  EXPECT_TRUE(MayMatch("DOUBLE", "0.05", "0.1", Op::kEqual, {"0.10000000149011612"}));
  EXPECT_FALSE(MayMatch("FLOAT", "1.5", "2.5", Op::kLess, {"1.5"}));
}

TEST_F(FileFilterTest, TimesAreKeptWithinTheirMillisecond) {
  const std::string min = "\"2024-01-01T00:00:00.000Z\"";
  const std::string max = "\"2024-01-01T02:00:00.123+01:00\"";
  EXPECT_TRUE(MayMatch("TIMESTAMP", min, max, Op::kEqual, {"2024-01-01T01:00:00.123456Z"}));
  EXPECT_FALSE(MayMatch("TIMESTAMP", min, max, Op::kEqual, {"2024-01-01T01:00:00.124Z"}));
  EXPECT_FALSE(MayMatch("TIMESTAMP_NTZ", "\"2024-01-01 00:00:00\"", "\"2024-01-01 00:00:01\"",
                        Op::kGreater, {"2024-01-01T00:00:02"}));
  EXPECT_FALSE(MayMatch("DATE", "\"2024-01-01\"", "\"2024-01-02\"", Op::kEqual, {"2024-01-03"}));
}

TEST_F(FileFilterTest, TextsThatWereCutOffAreKept) {
  const std::string cut(32, 'm');
  const auto quoted = [](const std::string& text) { return "\"" + text + "\""; };
  EXPECT_TRUE(MayMatch("STRING", quoted(cut), quoted(cut), Op::kEqual, {cut + "z"}));
  EXPECT_TRUE(MayMatch("STRING", quoted(cut), quoted(cut), Op::kGreater, {cut + "z"}));
  EXPECT_FALSE(MayMatch("STRING", quoted(cut), quoted(cut), Op::kGreater, {"n"}));
  EXPECT_FALSE(MayMatch("STRING", quoted("a"), quoted("b"), Op::kEqual, {"bb"}));
  EXPECT_TRUE(
      MayMatch("STRING", quoted("a"), quoted("b\xEF\xBF\xBD"), Op::kEqual, {"b\xF0\x9F\x98\x80"}));
}

TEST_F(FileFilterTest, NullCountsDecideNullTests) {
  AddFile file;
  file.stats = R"({"numRecords":3,"nullCount":{"a":0,"b":3,"s":{"x":0}}})";
  const Metadata table = TableOf("a INT, b INT, s STRUCT<x: INT>, c INT");
  EXPECT_FALSE(MayMatch(table, file, Where({"a"}, Op::kIsNull)));
  EXPECT_FALSE(MayMatch(table, file, Where({"b"}, Op::kIsNotNull)));
  EXPECT_FALSE(MayMatch(table, file, Where({"b"}, Op::kEqual, {"1"})));
  EXPECT_TRUE(MayMatch(table, file, Where({"b"}, Op::kNullSafeEqual)));
  EXPECT_TRUE(MayMatch(table, file, Where({"s", "x"}, Op::kIsNull)));
  EXPECT_TRUE(MayMatch(table, file, Where({"c"}, Op::kIsNull)));
}

TEST_F(FileFilterTest, NestedColumnsAreFoundByPhysicalNames) {
  Metadata table = TableOf("s STRUCT<x: INT>");
  auto columns = TableColumns(table).value();
  columns[0].metadata["delta.columnMapping.physicalName"] = "col-1";
  columns[0].children[0].metadata["delta.columnMapping.physicalName"] = "col-2";
  table.schema_string = EncodeColumns(columns);
  table.configuration["delta.columnMapping.mode"] = "name";
  AddFile file;
  file.stats = R"({"minValues":{"col-1":{"col-2":5}},"maxValues":{"col-1":{"col-2":9}}})";
  EXPECT_FALSE(MayMatch(table, file, Where({"s", "x"}, Op::kEqual, {"10"})));
  EXPECT_TRUE(MayMatch(table, file, Where({"s", "x"}, Op::kEqual, {"7"})));
}

TEST_F(FileFilterTest, JunctionsJoinWhatIsKnown) {
  const Metadata table = TableOf("a INT, b INT");
  AddFile file;
  file.stats = R"({"minValues":{"a":1,"b":1},"maxValues":{"a":2,"b":2}})";
  const Predicate yes = Where({"a"}, Op::kEqual, {"1"});
  const Predicate no = Where({"b"}, Op::kEqual, {"5"});
  EXPECT_FALSE(MayMatch(table, file, {Conjunction{{yes, no}}}));
  EXPECT_TRUE(MayMatch(table, file, {Disjunction{{yes, no}}}));
  EXPECT_TRUE(MayMatch(table, file, {Disjunction{{{Anything{}}, no}}}));
  EXPECT_FALSE(MayMatch(table, file, {Conjunction{{{Anything{}}, no}}}));
  EXPECT_TRUE(MayMatch(table, file, {Conjunction{}}));
  EXPECT_FALSE(MayMatch(table, file, {Disjunction{}}));
}

TEST_F(FileFilterTest, StatisticsThatCannotBeReadKeepTheFile) {
  const Metadata table = TableOf("a INT");
  for (const char* stats : {"", "{", "[]", "{\"minValues\":5}", "{\"minValues\":{\"a\":\"x\"}}",
                            "{\"minValues\":{\"a\":{}},\"maxValues\":{\"a\":null}}", "nonsense"}) {
    AddFile file;
    file.stats = stats;
    EXPECT_TRUE(MayMatch(table, file, Where({"a"}, Op::kEqual, {"1"}))) << stats;
  }
}

}  // namespace
}  // namespace penstock::delta
