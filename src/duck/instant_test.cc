#include "duck/instant.h"

#include <gtest/gtest.h>

namespace penstock::duck {
namespace {

std::string Value(Connection& connection, const std::string& query) {
  auto rows = connection.Query(query);
  if (!rows.ok()) return ToString(rows.error());
  if (!*rows->NextChunk() || rows->IsNull(0, 0)) return "NULL";
  return rows->Text(0, 0);
}

TEST(InstantTest, EveryFunctionOfTheTimeGivesTheInstantUntilTheTransactionEnds) {
  auto engine = Engine::Open({.threads = 2, .time_zone = "America/New_York"});
  ASSERT_TRUE(engine.ok()) << ToString(engine.error());
  auto connection = (*engine)->Connect();
  ASSERT_TRUE(connection.ok());
  const TimestampMicros instant = int64_t{1704078000} * 1000000;  // 2024-01-01 03:00 UTC
  const std::string query = "SELECT spark_unix_timestamp()::VARCHAR";
  ASSERT_TRUE(connection->Execute("CREATE TEMP VIEW v AS SELECT now() AS t").ok());
  ASSERT_TRUE(BeginAt(*connection, instant, query).ok());
  EXPECT_EQ(Value(*connection, "SELECT epoch_us(now())::VARCHAR"), "1704078000000000");
  EXPECT_EQ(Value(*connection, "SELECT epoch_us(t)::VARCHAR FROM v"), "1704078000000000");
  EXPECT_EQ(Value(*connection, "SELECT current_date::VARCHAR"), "2023-12-31");
  EXPECT_EQ(
      Value(*connection, "SELECT CAST(TIMESTAMPTZ '2024-01-01 03:00:00+00' AS DATE)::VARCHAR"),
      "2023-12-31");
  EXPECT_EQ(Value(*connection, "SELECT epoch_us(current_timestamp)::VARCHAR"), "1704078000000000");
  EXPECT_EQ(Value(*connection, "SELECT current_localtimestamp()::VARCHAR"), "2023-12-31 22:00:00");
  EXPECT_EQ(Value(*connection, query), "1704078000");
  EXPECT_EQ(Value(*connection,
                  "SELECT count(*)::VARCHAR FROM (SELECT DISTINCT now() FROM "
                  "range(300000))"),
            "1");
  ASSERT_TRUE(connection->Execute("COMMIT").ok());
  EXPECT_NE(Value(*connection, "SELECT epoch_us(now())::VARCHAR"), "1704078000000000");
}

}  // namespace
}  // namespace penstock::duck
