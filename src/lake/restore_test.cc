#include <gtest/gtest.h>

#include "io/fault_storage.h"
#include "lake/file_path.h"
#include "lake/maintenance_fixture.h"

namespace penstock::lake {
namespace {

class RestoreTest : public MaintenanceTest {
 protected:
  Result<OperationResult> To(delta::Version version) {
    return Restore(lake_, *table_, {{version, std::nullopt}});
  }
};

TEST_F(RestoreTest, RowsOfTheOldVersionComeBackAndNewOnesGo) {
  CreateTable("id BIGINT");
  Append("SELECT 1");
  Append("SELECT 2");
  RemoveAll();
  Append("SELECT 3");
  const OperationResult result = Must(To(2));
  EXPECT_EQ(result.version, 5);
  EXPECT_EQ(TableRows(), (std::vector<std::string>{"1", "2"}));
  EXPECT_EQ(result.metrics["numRestoredFiles"], 2);
  EXPECT_EQ(result.metrics["numRemovedFiles"], 1);
  EXPECT_EQ(result.metrics["numOfFilesAfterRestore"], 2);
  EXPECT_EQ(Must(To(2)).version, std::nullopt) << "nothing to do";
}

TEST_F(RestoreTest, ATimeNamesTheVersionOfThen) {
  CreateTable("id BIGINT");
  Append("SELECT 1");
  const int64_t then = Latest()->timestamp_ms();
  clock_.AdvanceDays(1);
  Append("SELECT 2");
  Must(Restore(lake_, *table_, {{std::nullopt, then + 1000}}));
  EXPECT_EQ(TableRows(), (std::vector<std::string>{"1"}));
}

TEST_F(RestoreTest, SchemaAndPropertiesComeBackAndTheProtocolIsNotLowered) {
  CreateTable("id BIGINT", {}, {}, {{"a", "old"}});
  const auto base = Latest();
  delta::Change change;
  change.info.operation = "ALTER";
  change.metadata = base->metadata();
  change.metadata->configuration = {{"a", "new"}, {"delta.columnMapping.maxColumnId", "7"}};
  change.protocol = delta::Protocol{3, 7, {"deletionVectors"}, {"deletionVectors"}};
  change.domains.push_back({"mine", "{}", false});
  Commit(base, change);
  Must(To(0));
  EXPECT_EQ(Latest()->metadata().configuration,
            (delta::Configuration{{"a", "old"}, {"delta.columnMapping.maxColumnId", "7"}}));
  EXPECT_EQ(Latest()->protocol(), *change.protocol);
  const auto& domains = *Latest()->state().domains;
  EXPECT_TRUE(domains.at("mine").removed);
}

TEST_F(RestoreTest, FilesThatAreGoneAreNamed) {
  CreateTable("id BIGINT");
  Append("SELECT 1");
  const std::string path = DataFilePath(path_, Latest()->files().front().path);
  RemoveAll();
  EXPECT_TRUE(storage_->Delete(path).ok());
  const auto result = To(1);
  ASSERT_FALSE(result.ok());
  EXPECT_EQ(result.error().code, "FILES_MISSING");
  EXPECT_NE(result.error().message.find(path), std::string::npos);
  EXPECT_NE(result.error().remedy.find("VACUUM"), std::string::npos);
  EXPECT_EQ(Latest()->version(), 2);
}

TEST_F(RestoreTest, AVersionThatIsNotThereIsAnError) {
  CreateTable("id BIGINT");
  EXPECT_EQ(To(7).error().code, "VERSION_NOT_FOUND");
}

TEST_F(RestoreTest, AnAppendMeanwhileIsAConflict) {
  CreateTable("id BIGINT");
  Append("SELECT 1");
  InterruptingStorage between(storage_.get(), [this] { Append("SELECT 2"); });
  Lake ours = lake_;
  ours.storage = &between;
  delta::Table theirs = OpenWith(&between);
  const auto result = Restore(ours, theirs, {{0, std::nullopt}});
  ASSERT_FALSE(result.ok());
  EXPECT_EQ(result.error().code, "COMMIT_CONFLICT");
  EXPECT_EQ(TableRows(), (std::vector<std::string>{"1", "2"}));
}

TEST_F(RestoreTest, StoppedAtAnyWriteTheTableIsOneOrTheOther) {
  CreateTable("id BIGINT");
  Append("SELECT 1");
  RemoveAll();
  bool crashed = true;
  for (int64_t stop = 0; crashed; ++stop) {
    io::FaultStorage faulty(storage_.get(), stop, io::FaultStorage::Torn::kAfter);
    Lake ours = lake_;
    ours.storage = &faulty;
    delta::Table table = OpenWith(&faulty);
    (void)Restore(ours, table, {{1, std::nullopt}});
    crashed = faulty.crashed();
    EXPECT_LE(TableRows().size(), 1u);
  }
  EXPECT_EQ(TableRows(), (std::vector<std::string>{"1"}));
}

}  // namespace
}  // namespace penstock::lake
