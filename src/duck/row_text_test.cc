#include "duck/row_text.h"

#include <gtest/gtest.h>

namespace penstock::duck {
namespace {

class RowTextTest : public testing::Test {
 protected:
  // One engine for all tests of the suite, gone before the program's static objects are.
  static void SetUpTestSuite() {
    EngineOptions options;
    options.threads = 1;
    options.spark_functions = false;
    engine_ = std::move(Engine::Open(options)).value();
  }
  static void TearDownTestSuite() { engine_.reset(); }
  static Connection Connect() { return std::move(engine_->Connect()).value(); }

  // The one value of `SELECT expression`.
  static std::string Value(const std::string& expression, bool json) {
    Connection connection = Connect();
    Result<ResultSet> rows = connection.Query("SELECT " + expression);
    if (!rows.ok()) return rows.error().message;
    if (!rows->NextChunk().value()) return "no row";
    const RowText text(rows.value());
    std::string out;
    if (json) {
      text.AppendJson(0, 0, &out);
    } else {
      text.AppendText(0, 0, &out);
    }
    return out;
  }
  static std::string AsJson(const std::string& expression) { return Value(expression, true); }
  static std::string AsText(const std::string& expression) { return Value(expression, false); }

 private:
  inline static std::unique_ptr<Engine> engine_;
};

TEST_F(RowTextTest, IntegersKeepEveryDigit) {
  EXPECT_EQ(AsJson("9223372036854775807::BIGINT"), "9223372036854775807");
  EXPECT_EQ(AsJson("(-9223372036854775808)::BIGINT"), "-9223372036854775808");
  EXPECT_EQ(AsJson("18446744073709551615::UBIGINT"), "18446744073709551615");
  EXPECT_EQ(AsJson("170141183460469231731687303715884105727::HUGEINT"),
            "170141183460469231731687303715884105727");
  EXPECT_EQ(AsJson("(-170141183460469231731687303715884105728)::HUGEINT"),
            "-170141183460469231731687303715884105728");
  EXPECT_EQ(AsJson("(-128)::TINYINT"), "-128");
  EXPECT_EQ(AsJson("true"), "true");
}

TEST_F(RowTextTest, DecimalsKeepScaleAndSign) {
  EXPECT_EQ(AsJson("0.05::DECIMAL(4,2)"), "0.05");
  EXPECT_EQ(AsJson("(-0.05)::DECIMAL(9,2)"), "-0.05");
  EXPECT_EQ(AsJson("12::DECIMAL(18,3)"), "12.000");
  EXPECT_EQ(AsJson("12::DECIMAL(18,0)"), "12");
  EXPECT_EQ(AsJson("99999999999999999999999999999999999.999::DECIMAL(38,3)"),
            "99999999999999999999999999999999999.999");
}

TEST_F(RowTextTest, FloatingNumbersReadBackAndNonNumbersAreText) {
  EXPECT_EQ(AsJson("0.1::DOUBLE"), "0.1");
  EXPECT_EQ(AsJson("1::DOUBLE"), "1.0");
  EXPECT_EQ(AsJson("0.1::FLOAT"), "0.1");
  EXPECT_EQ(AsJson("1e300::DOUBLE"), "1e+300");
  EXPECT_EQ(AsJson("'NaN'::DOUBLE"), "\"NaN\"");
  EXPECT_EQ(AsJson("'-Infinity'::FLOAT"), "\"-Infinity\"");
  EXPECT_EQ(AsText("'Infinity'::DOUBLE"), "Infinity");
}

TEST_F(RowTextTest, TimesAreIso) {
  EXPECT_EQ(AsJson("DATE '2024-02-29'"), "\"2024-02-29\"");
  EXPECT_EQ(AsJson("DATE '1900-03-01'"), "\"1900-03-01\"");
  EXPECT_EQ(AsJson("DATE '0001-01-01'"), "\"0001-01-01\"");
  EXPECT_EQ(AsJson("DATE '12024-12-31'"), "\"+12024-12-31\"");
  EXPECT_EQ(AsJson("TIMESTAMP '1969-12-31 23:59:59.5'"), "\"1969-12-31T23:59:59.5\"");
  EXPECT_EQ(AsJson("TIMESTAMP '2026-01-31 12:00:00'"), "\"2026-01-31T12:00:00\"");
  EXPECT_EQ(AsJson("TIMESTAMPTZ '2026-01-31 12:00:00.000001+02'"),
            "\"2026-01-31T10:00:00.000001Z\"");
  EXPECT_EQ(AsJson("TIME '01:02:03.25'"), "\"01:02:03.25\"");
  EXPECT_EQ(AsJson("'infinity'::TIMESTAMPTZ"), "\"infinity\"");
}

TEST_F(RowTextTest, EveryDayOfFourCenturiesMatchesTheEngine) {
  Connection connection = Connect();
  Result<ResultSet> rows = connection.Query(
      "SELECT d, strftime(d, '%Y-%m-%d') FROM (SELECT DATE '1800-01-01' + i::INTEGER AS d FROM "
      "range(146097) t(i))");
  ASSERT_TRUE(rows.ok()) << rows.error().message;
  const RowText text(rows.value());
  while (rows->NextChunk().value()) {
    for (size_t row = 0; row < rows->RowCount(); ++row) {
      std::string ours;
      text.AppendText(row, 0, &ours);
      ASSERT_EQ(ours, rows->Text(row, 1));
    }
  }
}

TEST_F(RowTextTest, TextIsEscapedInJsonOnly) {
  EXPECT_EQ(AsJson("'a\"b\\c' || chr(10) || chr(1) || 'é'"), "\"a\\\"b\\\\c\\n\\u0001é\"");
  EXPECT_EQ(AsText("'a\"b'"), "a\"b");
  EXPECT_EQ(AsJson("NULL"), "null");
  EXPECT_EQ(AsText("NULL"), "");
}

TEST_F(RowTextTest, BinaryIsBase64AtEveryLength) {
  EXPECT_EQ(AsJson("''::BLOB"), "\"\"");
  EXPECT_EQ(AsJson("'a'::BLOB"), "\"YQ==\"");
  EXPECT_EQ(AsJson("'ab'::BLOB"), "\"YWI=\"");
  EXPECT_EQ(AsJson("'abc\\xFF'::BLOB"), "\"YWJj/w==\"");
}

TEST_F(RowTextTest, NestedValuesAreJsonValues) {
  EXPECT_EQ(AsJson("[1, NULL, 3]"), "[1,null,3]");
  EXPECT_EQ(AsJson("{'a b': 1, 'c': {'d': ['x', 'y']}}"),
            "{\"a b\":1,\"c\":{\"d\":[\"x\",\"y\"]}}");
  EXPECT_EQ(AsJson("MAP {1: 'x', 2: NULL}"), "{\"1\":\"x\",\"2\":null}");
  EXPECT_EQ(AsJson("[1.50::DECIMAL(4,2)]"), "[1.50]");
  EXPECT_EQ(AsJson("[1, 2]::INTEGER[2]"), "[1,2]");
  EXPECT_EQ(AsText("[DATE '2026-01-01']"), "[\"2026-01-01\"]");
  EXPECT_EQ(AsJson("[]::INTEGER[]"), "[]");
}

TEST_F(RowTextTest, OtherTypesAreTheirText) {
  EXPECT_EQ(AsJson("'6ba7b810-9dad-11d1-80b4-00c04fd430c8'::UUID"),
            "\"6ba7b810-9dad-11d1-80b4-00c04fd430c8\"");
  EXPECT_EQ(AsJson("'x'::ENUM('x', 'y')"), "\"x\"");
}

}  // namespace
}  // namespace penstock::duck
