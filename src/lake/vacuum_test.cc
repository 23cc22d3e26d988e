#include <gtest/gtest.h>

#include <filesystem>

#include "base/text.h"
#include "delta/deletion_vector.h"
#include "io/fault_storage.h"
#include "lake/maintenance_fixture.h"

namespace penstock::lake {
namespace {

constexpr int64_t kHourMs = 3600 * 1000;

class VacuumTest : public MaintenanceTest {
 protected:
  void Touch(const std::string& path) {
    Must(storage_->CreateFolders(io::ParentPath(path)));
    Must(storage_->Write(path, "x"));
  }
  static void Must(Status status) {
    EXPECT_TRUE(status.ok()) << (status.ok() ? "" : ToString(status.error()));
  }
  template <typename T>
  static T Must(Result<T> result) {
    return lake::Must(std::move(result));
  }
  bool Exists(const std::string& path) { return Must(storage_->Stat(path)).has_value(); }
  std::vector<std::string> Names(const VacuumResult& result) {
    std::vector<std::string> names;
    for (const auto& file : result.files) names.push_back(file.substr(path_.size() + 1));
    return names;
  }
  // Now, whatever the retention.
  VacuumResult Everything() {
    clock_.AdvanceDays(1);
    VacuumRequest request;
    request.retention_ms = 0;
    request.retention_check = false;
    return Must(Vacuum(lake_, *table_, request));
  }
};

TEST_F(VacuumTest, FilesOfOldVersionsAndLeftOversGoAfterTheRetention) {
  CreateTable("id BIGINT");
  Append("SELECT 1");
  RemoveAll();
  Append("SELECT 2");
  Touch(path_ + "/left-over.parquet");
  Touch(path_ + "/deep/er/left-over.parquet");
  EXPECT_EQ(Must(Vacuum(lake_, *table_, {})).files.size(), 0u);
  clock_.AdvanceDays(6);
  EXPECT_EQ(Must(Vacuum(lake_, *table_, {})).files.size(), 0u);
  clock_.AdvanceDays(2);
  VacuumRequest dry;
  dry.dry_run = true;
  const VacuumResult would = Must(Vacuum(lake_, *table_, dry));
  EXPECT_EQ(would.files.size(), 3u);
  EXPECT_EQ(DataFilesOnDisk(), 4u);
  const VacuumResult did = Must(Vacuum(lake_, *table_, {}));
  EXPECT_EQ(did.files, would.files);
  EXPECT_EQ(did.bytes, would.bytes);
  EXPECT_EQ(DataFilesOnDisk(), 1u);
  EXPECT_FALSE(Must(storage_->IsFolder(path_ + "/deep/er")));
  EXPECT_EQ(TableRows(), (std::vector<std::string>{"2"}));
}

TEST_F(VacuumTest, HistoryTellsWhatWasToBeDeletedAndWhatWas) {
  CreateTable("id BIGINT");
  Append("SELECT 1");
  Touch(path_ + "/deep/left-over.parquet");
  VacuumRequest request;
  request.dry_run = true;
  const delta::Version before = Latest()->version();
  EXPECT_EQ(Must(Vacuum(lake_, *table_, request)).files.size(), 0u);
  EXPECT_EQ(Latest()->version(), before);
  Everything();
  const auto commits = Must(table_->History(2));
  const auto& start = std::get<delta::CommitInfo>(commits[1].actions.front());
  EXPECT_EQ(start.operation, "VACUUM START");
  EXPECT_EQ(start.operation_parameters, (Json{{"retentionCheckEnabled", false},
                                              {"defaultRetentionMillis", 168 * kHourMs},
                                              {"specifiedRetentionMillis", 0}}));
  EXPECT_EQ(start.operation_metrics,
            (Json{{"numFilesToDelete", "1"}, {"sizeOfDataToDelete", "1"}}));
  EXPECT_EQ(commits[1].actions.size(), 1u);
  const auto& end = std::get<delta::CommitInfo>(commits[0].actions.front());
  EXPECT_EQ(end.operation, "VACUUM END");
  EXPECT_EQ(end.operation_parameters, (Json{{"status", "COMPLETED"}}));
  EXPECT_EQ(end.operation_metrics,
            (Json{{"numDeletedFiles", "1"}, {"numVacuumedDirectories", "1"}}));
}

TEST_F(VacuumTest, AShorterRetentionThanTheTablesIsRefusedUnlessItIsNotChecked) {
  CreateTable("id BIGINT");
  VacuumRequest request;
  request.retention_ms = 24 * kHourMs;
  const auto refused = Vacuum(lake_, *table_, request);
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().code, "RETENTION_TOO_SHORT");
  EXPECT_NE(refused.error().message.find("24 hours"), std::string::npos);
  EXPECT_NE(refused.error().message.find("168 hours"), std::string::npos);
  request.retention_check = false;
  EXPECT_TRUE(Vacuum(lake_, *table_, request).ok());
  request.retention_ms = -1;
  EXPECT_EQ(Vacuum(lake_, *table_, request).error().code, "INVALID_RETENTION");
}

TEST_F(VacuumTest, WithoutAnyRetentionTheCurrentVersionStaysWhole) {
  CreateTable("id BIGINT, p STRING", {"p"});
  Append("SELECT * FROM (VALUES (1, 'a b'), (2, NULL), (3, 'ü/=%+')) AS t(id, p)");
  const auto rows = TableRows();
  Append("SELECT 4, 'gone'");
  Append("SELECT 5, 'a b'");
  OptimizeRequest request;
  Must(Optimize(lake_, *table_, request));
  EXPECT_EQ(Everything().files.size(), 2u);
  EXPECT_EQ(TableRows().size(), 5u);
}

TEST_F(VacuumTest, HiddenNamesOtherTablesAndLinksAreLeft) {
  CreateTable("id BIGINT, _p STRING", {"_p"});
  Append("SELECT 1, 'x'");
  RemoveAll();
  Touch(path_ + "/_hidden/f.parquet");
  Touch(path_ + "/.hidden/f.parquet");
  Touch(path_ + "/_file");
  Touch(path_ + "/_change_data/cdc-1.parquet");
  Touch(path_ + "/inner/_delta_log/00000000000000000000.json");
  Touch(path_ + "/inner/part.parquet");
  const std::string outside = folder_ / "outside";
  Touch(outside + "/precious");
  std::filesystem::create_directory_symlink(outside, path_ + "/link");
  const auto names = Names(Everything());
  ASSERT_EQ(names.size(), 2u);
  EXPECT_EQ(names[0], "_change_data/cdc-1.parquet");
  EXPECT_TRUE(names[1].starts_with("_p=x/part-"));
  EXPECT_TRUE(Exists(outside + "/precious"));
  EXPECT_TRUE(Exists(path_ + "/inner/part.parquet"));
  EXPECT_TRUE(Exists(path_ + "/_hidden/f.parquet"));
}

TEST_F(VacuumTest, ChecksumFilesOfHadoopGoWithTheirFiles) {
  CreateTable("id BIGINT");
  Touch(path_ + "/a.parquet");
  Touch(path_ + "/.a.parquet.crc");
  Touch(path_ + "/.b.parquet.crc");
  EXPECT_EQ(Names(Everything()), (std::vector<std::string>{"a.parquet"}));
  EXPECT_FALSE(Exists(path_ + "/.a.parquet.crc"));
  EXPECT_TRUE(Exists(path_ + "/.b.parquet.crc"));
}

TEST_F(VacuumTest, AVectorThatAnotherReplacedIsKeptAsLongAsItsVersion) {
  CreateTable("id BIGINT");
  Append("SELECT range FROM range(10)");
  std::vector<std::string> files;
  for (const std::vector<int64_t>& rows : {std::vector<int64_t>{1}, std::vector<int64_t>{1, 2}}) {
    const auto base = Latest();
    const auto vectors = delta::NewVectorFile({delta::DeletedRows::Of(rows)}, NewUuid());
    Must(storage_->Write(path_ + "/" + vectors.path, vectors.bytes));
    files.push_back(path_ + "/" + vectors.path);
    delta::Change change;
    change.info.operation = "DELETE";
    change.adds.push_back(base->files().front());
    change.removes.push_back(delta::RemovalOf(base->files().front(), NowMs(lake_)));
    change.adds.back().deletion_vector = vectors.vectors.front();
    Commit(base, change);
    clock_.AdvanceDays(5);
  }
  // The files look older than the retention, as copied ones do.
  clock_.AdvanceDays(1);
  EXPECT_EQ(Must(Vacuum(lake_, *table_, {})).files.size(), 0u) << "removed six days ago";
  clock_.AdvanceDays(2);
  EXPECT_EQ(Must(Vacuum(lake_, *table_, {})).files, (std::vector<std::string>{files[0]}));
  EXPECT_TRUE(Exists(files[1]));
}

TEST_F(VacuumTest, ATableOfAnUnknownWriterFeatureIsLeftAlone) {
  CreateTable("id BIGINT");
  Touch(path_ + "/left-over.parquet");
  Must(storage_->Write(
      path_ + "/_delta_log/00000000000000000001.json",
      R"({"protocol":{"minReaderVersion":1,"minWriterVersion":7,"writerFeatures":["ofTheFuture"]}})"));
  const auto refused = Vacuum(lake_, *table_, {});
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().code, "UNSUPPORTED_TABLE_FEATURE");
  EXPECT_TRUE(Exists(path_ + "/left-over.parquet"));
}

TEST_F(VacuumTest, StoppedAtAnyDeletionTheRestGoesNextTime) {
  CreateTable("id BIGINT");
  Append("SELECT 1");
  clock_.AdvanceDays(1);
  for (int64_t stop = 0; stop < 6; ++stop) {
    for (int i = 0; i < 3; ++i) Touch(path_ + "/x=" + std::to_string(i) + "/f.parquet");
    io::FaultStorage faulty(storage_.get(), stop, io::FaultStorage::Torn::kAfter);
    Lake ours = lake_;
    ours.storage = &faulty;
    delta::Table table = OpenWith(&faulty);
    VacuumRequest request;
    request.retention_ms = 0;
    request.retention_check = false;
    const auto result = Vacuum(ours, table, request);
    EXPECT_TRUE(result.ok() || faulty.crashed()) << ToString(result.error());
    EXPECT_EQ(TableRows(), (std::vector<std::string>{"1"}));
    Everything();
    EXPECT_EQ(DataFilesOnDisk(), 1u);
  }
}

}  // namespace
}  // namespace penstock::lake
