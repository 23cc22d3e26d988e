#include "lake/table_layout.h"

#include "lake/maintenance_fixture.h"

namespace penstock::lake {
namespace {

constexpr int64_t kMb = int64_t{1} << 20;

class TableLayoutTest : public MaintenanceTest {};

TEST_F(TableLayoutTest, SizesPartitionsAndDeletedRowsAreCounted) {
  CreateTable("id BIGINT, p STRING", {"p"});
  EXPECT_EQ(LayoutOf(*Latest()), TableLayout());
  Append("SELECT * FROM (VALUES (1, 'a'), (2, 'b')) AS t(id, p)");
  Append("SELECT range, 'a' FROM range(10000)");
  const TableLayout layout = LayoutOf(*Latest());
  EXPECT_EQ(layout.files, 3);
  EXPECT_EQ(layout.partitions, 2);
  EXPECT_LE(layout.least_bytes, layout.median_bytes);
  EXPECT_LT(layout.median_bytes, layout.most_bytes);
}

TEST_F(TableLayoutTest, AdviceIsGivenOnlyWhereItHelps) {
  EXPECT_TRUE(LayoutAdvice({}, 0, "t").empty());
  EXPECT_TRUE(LayoutAdvice({100, kMb, 200 * kMb, 300 * kMb, 1, 0, 0}, 20000 * kMb, "t").empty());
  const auto tiny = LayoutAdvice({100, kMb, kMb, kMb, 1, 0, 0}, 100 * kMb, "t");
  ASSERT_EQ(tiny.size(), 1u);
  EXPECT_NE(tiny[0].find("penstock table optimize t"), std::string::npos);
  const auto split = LayoutAdvice({1000, kMb, kMb, kMb, 1000, 0, 0}, 1000 * kMb, "t");
  ASSERT_EQ(split.size(), 1u) << "packing files would not help";
  EXPECT_NE(split[0].find("1,000 partitions"), std::string::npos);
  EXPECT_EQ(LayoutAdvice({60, kMb, 99 * kMb, 99 * kMb, 1, 55, 900}, 6000 * kMb, "t").size(), 1u);
}

}  // namespace
}  // namespace penstock::lake
