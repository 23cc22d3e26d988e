#include <algorithm>

#include "base/json.h"
#include "delta/action_json.h"
#include "lake/lake_fixture.h"

namespace penstock::lake {
namespace {

class CheckpointCodecTest : public LakeTest {
 protected:
  std::vector<delta::Action> Actions() {
    delta::Protocol protocol;
    protocol.min_reader_version = 3;
    protocol.min_writer_version = 7;
    protocol.reader_features = {"timestampNtz"};
    protocol.writer_features = {"timestampNtz", "appendOnly"};
    delta::Metadata metadata = Metadata(Columns("p STRING, a TIMESTAMP_NTZ"), {"p"});
    metadata.configuration = {{"delta.appendOnly", "true"}, {"k", "it's \"é\""}};
    metadata.schema_string = delta::SchemaToJson(metadata.schema);
    metadata.description = "what\nit is";
    delta::AddFile add;
    add.path = "p=a%20b/part-1.parquet";
    add.partition_values = {{"p", "a b"}};
    add.size = 100;
    add.modification_time_ms = 5;
    add.data_change = false;
    add.stats = R"({"numRecords":3,"minValues":{"a":"2024-01-01T00:00:00.000"}})";
    delta::AddFile bare = add;
    bare.path = "part-2.parquet";
    bare.partition_values = {{"p", std::nullopt}};
    bare.stats = "";
    delta::RemoveFile remove;
    remove.path = "part-0.parquet";
    remove.deletion_timestamp_ms = 99;
    remove.data_change = false;
    delta::SetTransaction txn;
    txn.app_id = "flow";
    txn.version = 12;
    txn.last_updated_ms = 34;
    return {protocol, metadata, txn, add, bare, remove};
  }

  std::string File() { return path_ + "/_delta_log/00000000000000000010.checkpoint.parquet"; }
};

TEST_F(CheckpointCodecTest, GivesBackWhatWasWritten) {
  auto codec = NewCheckpointCodec(engine_.get(), storage_.get());
  const std::vector<delta::Action> actions = Actions();
  const Status written = codec->WriteCheckpoint(File(), actions);
  ASSERT_TRUE(written.ok()) << ToString(written.error());
  const auto read = Must(codec->ReadCheckpoint(File()));
  ASSERT_EQ(read.size(), actions.size());
  for (const delta::Action& action : actions) {
    EXPECT_NE(std::find(read.begin(), read.end(), action), read.end())
        << delta::EncodeCommit({action}) << delta::EncodeCommit(read);
  }
  EXPECT_EQ(Must(storage_->ListRecursive(path_)).size(), 1u) << "drafts must be gone";
}

TEST_F(CheckpointCodecTest, ReadsCheckpointsWithOtherColumns) {
  ASSERT_TRUE(storage_->CreateFolders(path_ + "/_delta_log").ok());
  const Status copied = connection_.Execute(
      "COPY (SELECT {'path': 'x', 'partitionValues': MAP {}::MAP(VARCHAR, VARCHAR), 'size': "
      "1::BIGINT, "
      "'modificationTime': 2::BIGINT, 'dataChange': true, 'stats_parsed': {'numRecords': 1, "
      "'minValues': {'f': "
      "'nan'::DOUBLE}}} AS add, NULL::STRUCT(path VARCHAR) AS sidecar UNION ALL SELECT NULL, "
      "{'path': 's'}) TO " +
      duck::QuoteLiteral(File()) + " (FORMAT parquet)");
  ASSERT_TRUE(copied.ok()) << ToString(copied.error());
  const auto read = Must(NewCheckpointCodec(engine_.get(), storage_.get())->ReadCheckpoint(File()));
  ASSERT_EQ(read.size(), 1u);
  EXPECT_EQ(std::get<delta::AddFile>(read[0]).path, "x");
}

TEST_F(CheckpointCodecTest, HoldsManyFiles) {
  std::vector<delta::Action> actions = Actions();
  for (int i = 0; i < 20000; ++i) {
    delta::AddFile add = std::get<delta::AddFile>(actions[3]);
    add.path = "f" + std::to_string(i);
    actions.push_back(add);
  }
  auto codec = NewCheckpointCodec(engine_.get(), storage_.get());
  ASSERT_TRUE(codec->WriteCheckpoint(File(), actions).ok());
  EXPECT_EQ(Must(codec->ReadCheckpoint(File())).size(), actions.size());
}

}  // namespace
}  // namespace penstock::lake
