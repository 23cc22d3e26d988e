#include "delta/row_tracking.h"

#include <map>
#include <memory>

#include "delta/delta_fixture.h"

namespace penstock::delta {
namespace {

TableState Tracked(std::optional<int64_t> mark) {
  TableState state;
  state.version = 4;
  state.protocol = std::make_shared<const Protocol>(Protocol{1, 7, {}, {"rowTracking"}});
  if (mark) {
    const DomainMetadata domain{"delta.rowTracking",
                                "{\"rowIdHighWaterMark\":" + std::to_string(*mark) + "}", false};
    state.domains = std::make_shared<const std::map<std::string, DomainMetadata>>(
        std::map<std::string, DomainMetadata>{{domain.domain, domain}});
  }
  return state;
}

TEST(RowTrackingTest, NewFilesGetFreshRowIdsAndKnownOnesKeepTheirs) {
  AddFile known = File("k", 7);
  known.base_row_id = 3;
  known.default_row_commit_version = 2;
  std::vector<AddFile> adds = {File("a", 10), known, File("b", 5)};
  std::vector<DomainMetadata> domains;
  AssignRowIds(Tracked(99), 5, &adds, &domains);
  EXPECT_EQ(adds[0].base_row_id, 100);
  EXPECT_EQ(adds[0].default_row_commit_version, 5);
  EXPECT_EQ(adds[1], known);
  EXPECT_EQ(adds[2].base_row_id, 110);
  ASSERT_EQ(domains.size(), 1u);
  EXPECT_EQ(domains[0].domain, "delta.rowTracking");
  EXPECT_EQ(domains[0].configuration, "{\"rowIdHighWaterMark\":114}");
}

TEST(RowTrackingTest, FirstRowsOfTheTableBeginAtZero) {
  std::vector<AddFile> adds = {File("a", 10)};
  std::vector<DomainMetadata> domains;
  AssignRowIds(Tracked(std::nullopt), 5, &adds, &domains);
  EXPECT_EQ(adds[0].base_row_id, 0);
}

TEST(RowTrackingTest, TableWithoutTheFeatureGetsNone) {
  TableState state = Tracked(std::nullopt);
  state.protocol = std::make_shared<const Protocol>(Protocol{});
  std::vector<AddFile> adds = {File("a", 10)};
  std::vector<DomainMetadata> domains;
  AssignRowIds(state, 5, &adds, &domains);
  EXPECT_EQ(adds[0], File("a", 10));
  EXPECT_TRUE(domains.empty());
}

TEST(RowTrackingTest, FileWithoutRowCountIsRefused) {
  Change change = Append("a");
  EXPECT_TRUE(CheckRowIds(Tracked(1), change).ok());
  change.adds[0].stats = "";
  EXPECT_EQ(CheckRowIds(Tracked(1), change).error().code, "ROW_COUNT_UNKNOWN");
}

}  // namespace
}  // namespace penstock::delta
