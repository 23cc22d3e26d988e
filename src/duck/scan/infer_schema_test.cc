#include "duck/scan/scan_fixture.h"

namespace penstock::duck {
namespace {

class InferTest : public ScanTest {
 protected:
  std::string Infer(ScanSpec spec, const InferenceOptions& options = {}) {
    const auto schema = InferSchema(spec, options);
    if (!schema.ok()) return schema.error().code;
    return ToString(schema->columns) + (schema->corrupt ? " (corrupt)" : "");
  }
  std::string InferJson(const std::string& text, const InferenceOptions& options = {}) {
    return Infer(Spec({Write("x.json", text)}, ""), options);
  }
  std::string InferCsv(const std::string& text, bool header = true) {
    ScanSpec spec = Spec({Write("x.csv", text)}, "", FileFormat::kCsv);
    spec.csv.header = header;
    return Infer(spec);
  }
};

TEST_F(InferTest, JsonTypesFollowSparkAndColumnsAreSorted) {
  EXPECT_EQ(
      InferJson("{\"b\":1,\"a\":\"2024-01-01\",\"c\":1.5,\"d\":true,\"e\":null,\"f\":[],\"g\":{}}"),
      "a STRING, b BIGINT, c DOUBLE, d BOOLEAN, e STRING, f ARRAY<STRING>");
  EXPECT_EQ(
      InferJson("{\"a\":1,\"b\":1,\"c\":18446744073709551615}\n{\"a\":1.5,\"b\":\"x\",\"c\":1}"),
      "a DOUBLE, b STRING, c DECIMAL(20,0)");
  EXPECT_EQ(InferJson("{\"s\":{\"y\":1}}\n{\"s\":{\"x\":[{\"z\":1}]}}\n"),
            "s STRUCT<x: ARRAY<STRUCT<z: BIGINT>>, y: BIGINT>");
}

TEST_F(InferTest, OptionsChangeWhatIsInferred) {
  InferenceOptions text;
  text.infer_column_types = false;
  EXPECT_EQ(InferJson("{\"a\":1,\"s\":{\"x\":1}}", text), "a STRING, s STRING");
  InferenceOptions decimal;
  decimal.prefers_decimal = true;
  EXPECT_EQ(InferJson("{\"a\":10.25}\n{\"a\":1.5}", decimal), "a DECIMAL(4,2)");
  InferenceOptions timestamp;
  timestamp.infer_timestamp = true;
  EXPECT_EQ(InferJson("{\"a\":\"2024\"}", timestamp), "a TIMESTAMP");
}

TEST_F(InferTest, BadRecordsEmptyInputAndRepeatedNamesAreTold) {
  EXPECT_EQ(InferJson("{\"a\":1}\n{\n"), "a BIGINT (corrupt)");
  EXPECT_EQ(InferJson("\n\n"), "EMPTY_INPUT");
  EXPECT_EQ(InferJson("{\"a\":1,\"a\":2}"), "DUPLICATE_COLUMN");
  EXPECT_EQ(InferJson("{\"a\":1}\n{\"A\":2}"), "DUPLICATE_COLUMN");
  EXPECT_EQ(InferJson("{'a':1,'b':NaN}"), "a BIGINT, b STRING");
}

TEST_F(InferTest, CsvClimbsSparksLadder) {
  EXPECT_EQ(InferCsv("a,b,c,d,e,f,g,h\n1,3000000000,99999999999999999999,1.5,2024-01-01,2024-01-01 "
                     "10:00:00,true,x\n"),
            "a INT, b BIGINT, c DECIMAL(20,0), d DOUBLE, e DATE, f TIMESTAMP, g BOOLEAN, h STRING");
  EXPECT_EQ(InferCsv("a,b,c\n1,2024-01-01,\n1.5,2024-01-01 10:00:00,\n"),
            "a DOUBLE, b TIMESTAMP, c STRING");
  EXPECT_EQ(InferCsv("a,a,A,\n1,2,3,4\n"), "a0 INT, a1 INT, A2 INT, _c3 INT");
  EXPECT_EQ(InferCsv("1,x\n", false), "_c0 INT, _c1 STRING");
}

}  // namespace
}  // namespace penstock::duck
