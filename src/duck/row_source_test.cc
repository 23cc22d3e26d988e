#include "duck/row_source.h"

#include <gtest/gtest.h>

#include "duck/engine.h"

namespace penstock::duck {
namespace {

class RowSourceTest : public ::testing::Test {
 protected:
  RowSourceTest() {
    auto engine = Engine::Open({});
    if (engine.ok()) engine_ = std::move(*engine);
    auto connection = engine_->Connect();
    if (connection.ok()) connection_ = std::make_unique<Connection>(std::move(*connection));
  }
  std::string First(const std::string& sql) {
    Result<ResultSet> rows = connection_->Query(sql);
    if (!rows.ok()) return ToString(rows.error());
    const Result<bool> more = rows->NextChunk();
    return more.ok() && *more ? rows->Text(0, 0) : "no row";
  }

  const Schema columns_ = *ParseSchema("n BIGINT, b BOOLEAN, t STRING, m MAP<STRING, STRING>");
  std::unique_ptr<Engine> engine_;
  std::unique_ptr<Connection> connection_;
};

TEST_F(RowSourceTest, GivesEveryRowOnceAcrossChunks) {
  constexpr int64_t kRows = 10'000;
  int64_t next = 0;
  const RowSource source(columns_, [&](RowValues& row) -> Result<bool> {
    if (next == kRows) return false;
    row.SetInt64(0, next);
    row.SetBool(1, next % 2 == 0);
    if (next % 3 == 0) row.SetText(2, "a text that is not short " + std::to_string(next));
    if (next % 5 == 0) row.BeginMap(3);
    if (next % 10 == 0) {
      row.AddEntry(3, "key", "value " + std::to_string(next));
      row.AddEntry(3, "null", std::nullopt);
    }
    ++next;
    return true;
  });
  EXPECT_EQ(First("SELECT [count(*), sum(n), count(*) FILTER (b), count(t), max(CASE WHEN n = 9999 "
                  "THEN length(t) END), count(m), sum(cardinality(m)), count(m['null']), "
                  "count(*) FILTER (m['key'] = 'value ' || n)]::VARCHAR FROM " +
                  source.RelationSql()),
            "[10000, 49995000, 5000, 3334, 29, 2000, 2000, 0, 1000]");
}

TEST_F(RowSourceTest, AnErrorWhileMakingRowsFailsTheQueryAsItself) {
  const RowSource source(columns_, [](RowValues&) -> Result<bool> {
    return DataError("BROKEN", "the third row cannot be made", "Do without it.");
  });
  Result<ResultSet> rows = connection_->Query("SELECT count(*) FROM " + source.RelationSql());
  ASSERT_FALSE(rows.ok());
  EXPECT_EQ(rows.error().code, "BROKEN");
}

TEST_F(RowSourceTest, ASourceThatIsOverIsAnError) {
  std::string sql;
  {
    const RowSource source(columns_, [](RowValues&) -> Result<bool> { return false; });
    sql = "SELECT count(*) FROM " + source.RelationSql();
    EXPECT_EQ(First(sql), "0");
  }
  EXPECT_FALSE(connection_->Query(sql).ok());
}

}  // namespace
}  // namespace penstock::duck
