#include "delta/row_tracking.h"

#include <algorithm>
#include <map>
#include <memory>

#include "delta/delta_fixture.h"

namespace penstock::delta {
namespace {

const Protocol kTracking{1, 7, {}, {"rowTracking", "domainMetadata"}};

Metadata Enabled(const char* value) {
  Metadata metadata;
  metadata.configuration["delta.enableRowTracking"] = value;
  return metadata;
}

DomainMetadata Mark(int64_t mark) {
  return {"delta.rowTracking", "{\"rowIdHighWaterMark\":" + std::to_string(mark) + "}", false};
}

TableState Tracked(std::optional<int64_t> mark, const char* enabled = "true",
                   const std::vector<AddFile>& files = {}) {
  TableState state;
  state.version = 4;
  state.protocol = std::make_shared<const Protocol>(kTracking);
  state.metadata = std::make_shared<const Metadata>(Enabled(enabled));
  if (mark) {
    state.domains = std::make_shared<const std::map<std::string, DomainMetadata>>(
        std::map<std::string, DomainMetadata>{{"delta.rowTracking", Mark(*mark)}});
  }
  FileChanges changes;
  for (const AddFile& file : files) changes.Take(file);
  state.files = state.files.With(std::move(changes));
  return state;
}

AddFile Known(const std::string& path, int64_t rows, int64_t id, int64_t version) {
  AddFile file = File(path, rows);
  file.base_row_id = id;
  file.default_row_commit_version = version;
  return file;
}

AddFile Bare() {
  AddFile file = File("bare");
  file.stats.clear();
  return file;
}

RemoveFile Removal(const std::string& path) {
  RemoveFile remove;
  remove.path = path;
  return remove;
}

CommitParts Tracked(const TableState& current, std::vector<AddFile> adds) {
  CommitParts parts{std::move(adds), {}, {}};
  TrackRows(current, kTracking, Enabled("true"), 5, &parts);
  return parts;
}

TEST(RowTrackingTest, NewFilesGetFreshRowIdsAndKnownOnesKeepTheirs) {
  const CommitParts parts =
      Tracked(Tracked(99), {File("a", 10), Known("k", 7, 3, 2), File("b", 5)});
  EXPECT_EQ(parts.adds[0].base_row_id, 100);
  EXPECT_EQ(parts.adds[0].default_row_commit_version, 5);
  EXPECT_EQ(parts.adds[1], Known("k", 7, 3, 2));
  EXPECT_EQ(parts.adds[2].base_row_id, 110);
  ASSERT_EQ(parts.domains.size(), 1U);
  EXPECT_EQ(parts.domains[0], Mark(114));
}

TEST(RowTrackingTest, FirstRowsOfTheTableBeginAtZero) {
  EXPECT_EQ(Tracked(Tracked(std::nullopt), {File("a", 1)}).adds[0].base_row_id, 0);
  TableState none;
  const CommitParts created = Tracked(none, {File("a", 3)});
  EXPECT_EQ(created.adds[0].base_row_id, 0);
  EXPECT_EQ(created.domains.at(0), Mark(2));
}

TEST(RowTrackingTest, TableWithoutTheFeatureGetsNone) {
  TableState state = Tracked(1, "false");
  state.protocol = std::make_shared<const Protocol>();
  CommitParts parts{{File("a", 1)}, {}, {}};
  TrackRows(state, Protocol{}, Metadata{}, 5, &parts);
  EXPECT_FALSE(parts.adds[0].base_row_id);
  EXPECT_TRUE(parts.domains.empty());
}

TEST(RowTrackingTest, SuspendedTableGetsNoNewOnesAndKeepsTheOldOnes) {
  Metadata metadata = Enabled("false");
  metadata.configuration["delta.rowTrackingSuspended"] = "true";
  CommitParts parts{{File("a", 1), File("k", 7)}, {}, {}};
  TrackRows(Tracked(9, "false", {Known("k", 7, 3, 2)}), kTracking, metadata, 5, &parts);
  EXPECT_FALSE(parts.adds[0].base_row_id);
  EXPECT_EQ(parts.adds[1].base_row_id, 3);
  EXPECT_TRUE(parts.domains.empty());
}

TEST(RowTrackingTest, WhereTrackingBeginsEveryFileGetsIdsWithoutAChangeOfRows) {
  const TableState before =
      Tracked(9, "false", {File("bare", 4), Known("k", 7, 3, 2), File("gone", 1)});
  CommitParts parts;
  parts.removes.push_back(Removal("gone"));
  TrackRows(before, kTracking, Enabled("true"), 5, &parts);
  ASSERT_EQ(parts.adds.size(), 1U);
  EXPECT_EQ(parts.adds[0].path, "bare");
  EXPECT_EQ(parts.adds[0].base_row_id, 10);
  EXPECT_EQ(parts.adds[0].default_row_commit_version, 5);
  EXPECT_FALSE(parts.adds[0].data_change);
  EXPECT_EQ(parts.domains.at(0), Mark(13));
}

TEST(RowTrackingTest, WhereTheFeatureGoesEveryFileLosesItsIds) {
  CommitParts parts{{Known("new", 2, 8, 4)}, {}, {}};
  TrackRows(Tracked(9, "true", {Known("k", 7, 3, 2)}), Protocol{}, Metadata{}, 5, &parts);
  ASSERT_EQ(parts.adds.size(), 2U);
  for (const AddFile& add : parts.adds) {
    EXPECT_FALSE(add.base_row_id || add.default_row_commit_version);
  }
  EXPECT_TRUE(parts.domains.empty());
}

TEST(RowTrackingTest, FileThatIsNamedAgainKeepsTheIdsTheTableHasForIt) {
  CommitParts parts{{File("k", 7)}, {Removal("k")}, {}};
  TrackRows(Tracked(9, "true", {Known("k", 7, 3, 2)}), kTracking, Enabled("true"), 5, &parts);
  EXPECT_EQ(parts.adds[0], Known("k", 7, 3, 2));
  EXPECT_EQ(parts.removes[0].base_row_id, 3);
  EXPECT_EQ(parts.removes[0].default_row_commit_version, 2);
}

TEST(RowTrackingTest, MarkOfTheChangeAndThatOfTheTableBecomeOne) {
  for (const int64_t given : {3, 50}) {
    CommitParts parts{{Known("far", 10, 20, 1), File("a", 2)}, {}, {Mark(given)}};
    TrackRows(Tracked(9), kTracking, Enabled("true"), 5, &parts);
    const int64_t known = std::max<int64_t>(given, 29);
    ASSERT_EQ(parts.domains.size(), 1U);
    EXPECT_EQ(parts.domains[0], Mark(known + 2));
    EXPECT_EQ(parts.adds[1].base_row_id, known + 1);
  }
}

TEST(RowTrackingTest, FileWithoutRowCountIsRefused) {
  const Change change = Append("x");
  EXPECT_TRUE(CheckRowIds(Tracked(1), change).ok());
  Change bare;
  bare.adds.push_back(Bare());
  EXPECT_EQ(CheckRowIds(Tracked(1), bare).error().code, "ROW_COUNT_UNKNOWN");
  Change enables;
  enables.metadata = Enabled("true");
  const TableState before = Tracked(1, "false", {Bare()});
  EXPECT_EQ(CheckRowIds(before, enables).error().code, "ROW_COUNT_UNKNOWN");
}

TEST(RowTrackingTest, TrackingAndSuspensionAtOnceAreRefused) {
  Change change;
  change.metadata = Enabled("true");
  change.metadata->configuration["delta.rowTrackingSuspended"] = "true";
  EXPECT_EQ(CheckRowIds(Tracked(1), change).error().code, "BAD_PROPERTY");
}

TEST(RowTrackingTest, IdsBeyondAllTablesAreRefused) {
  EXPECT_EQ(CheckRowIds(Tracked(INT64_MAX), Change{}).error().code, "CORRUPT_LOG");
}

TEST(RowTrackingTest, HiddenColumnsGetNamesOnceAndKeepThem) {
  Metadata first = Enabled("true");
  NameRowColumns(nullptr, &first);
  const std::string name = first.configuration.at(kRowIdColumnProperty);
  EXPECT_TRUE(name.starts_with("_row-id-col-")) << name;
  EXPECT_NE(name, first.configuration.at(kRowVersionColumnProperty));
  Metadata again = Enabled("true");
  NameRowColumns(&first, &again);
  EXPECT_EQ(again, first);
  Metadata off = Enabled("false");
  NameRowColumns(&first, &off);
  EXPECT_EQ(off, Enabled("false"));
}

}  // namespace
}  // namespace penstock::delta
