#include <algorithm>

#include "base/json.h"
#include "delta/action_json.h"
#include "delta/unknown_fields.h"
#include "lake/file_path.h"
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
    bare.deletion_vector = delta::DeletionVector{"u", "ab^-aqEH.-t@S}K{vb[*k^", 4, 40, 6};
    bare.base_row_id = 7;
    bare.default_row_commit_version = 3;
    bare.clustering_provider = "liquid";
    bare.tags = {{"k", "v"}};
    delta::RemoveFile remove;
    remove.path = "part-0.parquet";
    remove.deletion_timestamp_ms = 99;
    remove.data_change = false;
    remove.size = 12;
    remove.deletion_vector =
        delta::DeletionVector{"i", "wi5b=000010000siXQKl0rr91000f55c8Xg0@@D72lkbi5=-{L", {}, 40, 6};
    delta::DomainMetadata domain;
    domain.domain = "delta.clustering";
    domain.configuration = R"({"a":[1]})";
    delta::SetTransaction txn;
    txn.app_id = "flow";
    txn.version = 12;
    txn.last_updated_ms = 34;
    return {protocol, metadata, txn, add, bare, remove, domain};
  }

  // What a file gives back.
  struct Content : delta::CheckpointSink {
    Status OnAction(const delta::Action& action) override {
      actions.push_back(action);
      return OkStatus();
    }
    Status OnSidecar(const delta::Sidecar& sidecar) override {
      sidecars.push_back(sidecar);
      return OkStatus();
    }
    Status OnMetadata(const delta::CheckpointMetadata& metadata) override {
      version = metadata.version;
      return OkStatus();
    }
    std::vector<delta::Action> actions;
    std::vector<delta::Sidecar> sidecars;
    delta::Version version = -1;
  };
  Content Read() {
    Content content;
    const Status read = codec_->ReadCheckpoint(File(), content);
    EXPECT_TRUE(read.ok()) << ToString(read.error());
    return content;
  }
  void WriteActions(const std::vector<delta::Action>& actions,
                    const delta::CheckpointShape& shape = {}) {
    auto next = actions.begin();
    const Status written = codec_->WriteCheckpoint(File(), shape, [&](delta::CheckpointItem& item) {
      if (next == actions.end()) return false;
      item = *next++;
      return true;
    });
    ASSERT_TRUE(written.ok()) << ToString(written.error());
  }

  std::unique_ptr<delta::CheckpointCodec> codec_ =
      NewCheckpointCodec(engine_.get(), storage_.get());
  std::string File() { return path_ + "/_delta_log/00000000000000000010.checkpoint.parquet"; }
};

TEST_F(CheckpointCodecTest, GivesBackWhatWasWritten) {
  const std::vector<delta::Action> actions = Actions();
  WriteActions(actions);
  const std::vector<delta::Action> read = Read().actions;
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
  const Content read = Read();
  ASSERT_EQ(read.actions.size(), 1u);
  EXPECT_EQ(std::get<delta::AddFile>(read.actions[0]).path, "x");
  EXPECT_EQ(std::get<delta::AddFile>(read.actions[0]).stats,
            R"({"numRecords":1,"minValues":{"f":null}})");
  ASSERT_EQ(read.sidecars.size(), 1u);
  EXPECT_EQ(read.sidecars[0].path, "s");
}

TEST_F(CheckpointCodecTest, StatisticsAreStoredInTheFormsThatAreAskedFor) {
  delta::Metadata metadata = Metadata(Columns("p INT, a TIMESTAMP, s STRUCT<b: STRING>"), {"p"});
  metadata.schema_string = delta::SchemaToJson(metadata.schema);
  delta::AddFile add;
  add.path = "x";
  add.size = 1;
  add.partition_values = {{"p", "5"}};
  add.stats =
      R"({"numRecords":3,"minValues":{"a":"2024-01-01T00:00:00.000Z","s":{"b":"x"}},"nullCount":{"a":0,"s":{"b":1}}})";
  delta::CheckpointShape shape;
  shape.stats_as_json = false;
  shape.parsed_of = metadata;
  WriteActions({add}, shape);
  EXPECT_EQ(Row("SELECT add.partitionValues_parsed.p + 1, add.stats_parsed.nullCount.s.b, "
                "add.stats_parsed.minValues.a = TIMESTAMPTZ '2024-01-01 00:00:00Z' FROM "
                "read_parquet(" +
                duck::QuoteLiteral(EscapeGlob(File())) + ")"),
            "6|1|true");
  const Content read = Read();
  ASSERT_EQ(read.actions.size(), 1u);
  const Json stats = Must(ParseJson(std::get<delta::AddFile>(read.actions[0]).stats, "stats"));
  EXPECT_EQ(stats["numRecords"], 3);
  EXPECT_EQ(stats["minValues"]["a"], "2024-01-01T00:00:00.000000Z");
  EXPECT_EQ(stats["nullCount"]["s"]["b"], 1);
}

TEST_F(CheckpointCodecTest, UnknownFieldsOfAFileAreKept) {
  ASSERT_TRUE(storage_->CreateFolders(path_ + "/_delta_log").ok());
  const Status copied = connection_.Execute(
      "COPY (SELECT {'path': 'x', 'size': 1::INTEGER, 'later': [1, 2]} AS add) TO " +
      duck::QuoteLiteral(File()) + " (FORMAT parquet)");
  ASSERT_TRUE(copied.ok()) << ToString(copied.error());
  const Content read = Read();
  ASSERT_EQ(read.actions.size(), 1u);
  EXPECT_EQ(std::get<delta::AddFile>(read.actions[0]).extra, Json({{"later", {1, 2}}}));
  EXPECT_EQ(std::get<delta::AddFile>(read.actions[0]).size, 1);
}

TEST_F(CheckpointCodecTest, UnknownFieldsOfFilesAreWrittenAsColumnsOfTheirOwn) {
  delta::AddFile first;
  first.path = "a";
  first.extra = {{"later", 7}, {"nested", {{"list", {1, 2}}, {"deep", {{"x", "y"}}}}}};
  delta::AddFile second;
  second.path = "b";
  second.extra = {{"flag", true}, {"later", 8}};
  delta::AddFile plain;
  plain.path = "c";
  delta::RemoveFile remove;
  remove.path = "d";
  remove.deletion_timestamp_ms = 5;
  remove.tags = {{"k", "v"}};
  remove.extra = {{"reason", "why"}};
  delta::CheckpointShape shape;
  for (const auto* add : {&first, &second}) {
    delta::AddFieldsOf(add->extra, &shape.unknown_of_adds);
  }
  delta::AddFieldsOf(remove.extra, &shape.unknown_of_removes);
  std::vector<delta::Action> actions = {first, second, plain, remove};
  WriteActions(actions, shape);
  for (delta::Action& action : actions) {
    std::visit(
        [](auto& file) {
          if constexpr (requires { file.data_change; }) file.data_change = false;
        },
        action);
  }
  EXPECT_EQ(Read().actions, actions);
  EXPECT_EQ(Row("SELECT add.later + 1, add.nested.deep.x FROM read_parquet(" +
                duck::QuoteLiteral(EscapeGlob(File())) + ") WHERE add.path = 'a'"),
            "8|y");
}

TEST_F(CheckpointCodecTest, UnknownFieldsThatCannotBeColumnsDoNoHarm) {
  delta::AddFile add;
  add.path = "a";
  add.extra = {{"Path", "clash"}, {"it's \"odd\".x", 1}};
  delta::CheckpointShape shape;
  delta::AddFieldsOf(add.extra, &shape.unknown_of_adds);
  WriteActions({add}, shape);
  const Content read = Read();
  ASSERT_EQ(read.actions.size(), 1u);
  EXPECT_EQ(std::get<delta::AddFile>(read.actions[0]).extra, Json({{"it's \"odd\".x", 1}}));
}

// Statistics are copied, whatever they are; only columns made of them need them to be JSON.
TEST_F(CheckpointCodecTest, UnreadableStatisticsAreKeptAsText) {
  delta::Metadata metadata = Metadata(Columns("p INT, a BIGINT"), {"p"});
  metadata.schema_string = delta::SchemaToJson(metadata.schema);
  delta::AddFile add;
  add.path = "a";
  add.partition_values = {{"p", "no number"}};
  add.stats = "{\"numRecords\":";
  delta::CheckpointShape shape;
  shape.parsed_of = metadata;
  WriteActions({add}, shape);
  const Content read = Read();
  ASSERT_EQ(read.actions.size(), 1u);
  EXPECT_EQ(std::get<delta::AddFile>(read.actions[0]).stats, add.stats);
}

TEST_F(CheckpointCodecTest, ARowThatNoTableCanHaveIsAnError) {
  ASSERT_TRUE(storage_->CreateFolders(path_ + "/_delta_log").ok());
  for (const char* add : {"{'path': 'x', 'size': -1}", "{'path': NULL::VARCHAR, 'size': 1}",
                          "{'path': '../x', 'size': 1}", "{'path': 'x'}"}) {
    ASSERT_TRUE(storage_->Delete(File()).ok());
    const Status copied = connection_.Execute(std::string("COPY (SELECT ") + add + " AS add) TO " +
                                              duck::QuoteLiteral(File()) + " (FORMAT parquet)");
    ASSERT_TRUE(copied.ok()) << ToString(copied.error());
    Content content;
    const Status read = codec_->ReadCheckpoint(File(), content);
    ASSERT_FALSE(read.ok()) << add;
    EXPECT_NE(ToString(read.error()).find("00010.checkpoint.parquet"), std::string::npos);
  }
}

TEST_F(CheckpointCodecTest, HoldsManyFiles) {
  std::vector<delta::Action> actions = Actions();
  for (int i = 0; i < 20000; ++i) {
    delta::AddFile add = std::get<delta::AddFile>(actions[3]);
    add.path = "f" + std::to_string(i);
    actions.push_back(add);
  }
  WriteActions(actions);
  EXPECT_EQ(Read().actions.size(), actions.size());
}

}  // namespace
}  // namespace penstock::lake
