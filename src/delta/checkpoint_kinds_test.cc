#include <gtest/gtest.h>

#include "delta/checkpoint.h"
#include "delta/delta_fixture.h"

// Proves: whatever checkpoints, compactions and checksum files others leave in a log, a reader
// comes to the one state that the commits amount to, or says which file is at fault.
namespace penstock::delta {
namespace {

constexpr char kUuid[] = "80a083e8-7026-4e79-81be-64bd76c43a11";
constexpr Version kLast = 6;

class CheckpointKindsTest : public DeltaTest {
 protected:
  void SetUp() override {
    Table table = Open();
    MustCommit(table, nullptr, Create());
    for (int n = 1; n <= kLast; ++n) {
      MustCommit(table, Must(table.Latest()), Batch("flow", n, "f" + std::to_string(n)));
    }
  }
  void DeleteCommitsBefore(Version version) {
    for (Version at = 0; at < version; ++at) Must(storage_->Delete(Commit(at)));
  }
  // The state of a version as action lines: those of the table, those of files.
  std::string TableLines(Version version) {
    Lines lines;
    for (const Action& action : TableActions(StateOf(version))) Must(lines.OnAction(action));
    return lines.text;
  }
  std::string FileLines(Version version) {
    Lines lines;
    FileActions files(StateOf(version), 0);
    for (Action action; files.Next(action);) Must(lines.OnAction(action));
    return lines.text;
  }
  TableState StateOf(Version version) { return Must(Open().At({version, std::nullopt}))->state(); }
  std::string UuidCheckpoint(Version version, const std::string& ending = ".json") {
    const std::string single = Checkpoint(version);
    return single.substr(0, single.size() - std::string("parquet").size()) + kUuid + ending;
  }
  void PutSidecar(const std::string& name, const std::string& lines) {
    Put(SidecarPath(LogFolder(table_path_), name), lines);
  }
  static std::string SidecarLine(const std::string& path, size_t size) {
    return EncodeCheckpointLine(Sidecar{path, static_cast<int64_t>(size), 1});
  }
  void ExpectWhole() {
    const SnapshotPtr snapshot = Must(Open().Latest());
    EXPECT_EQ(snapshot->version(), kLast);
    EXPECT_EQ(snapshot->NumFiles(), kLast);
    EXPECT_EQ(snapshot->TransactionVersion("flow"), kLast);
    EXPECT_EQ(snapshot->metadata().schema, TestSchema());
  }
  Error Refused() {
    const auto refused = Open().Latest();
    EXPECT_FALSE(refused.ok());
    return refused.ok() ? InternalError("not refused") : refused.error();
  }
};

TEST_F(CheckpointKindsTest, SeveralPartsAreOneCheckpoint) {
  const std::string table = TableLines(4);
  const std::string files = FileLines(4);
  const std::string log = LogFolder(table_path_);
  Put(CheckpointPartPath(log, 4, 2, 2), table);
  DeleteCommitsBefore(4);
  EXPECT_EQ(Refused().code, "CORRUPT_CHECKPOINT");
  Put(CheckpointPartPath(log, 4, 1, 2), files);
  ExpectWhole();
  Put(Log("_last_checkpoint"), R"({"version":4,"size":7,"parts":2})");
  ExpectWhole();
}

TEST_F(CheckpointKindsTest, AV2CheckpointHoldsItsFilesItself) {
  const std::string lines =
      EncodeCheckpointLine(CheckpointMetadata{4}) + TableLines(4) + FileLines(4);
  Put(UuidCheckpoint(4), lines);
  DeleteCommitsBefore(4);
  ExpectWhole();
  Must(storage_->Delete(UuidCheckpoint(4)));
  Put(UuidCheckpoint(4, ".parquet"), lines);
  ExpectWhole();
  Put(Log("_last_checkpoint"), R"({"version":4,"size":8,"v2Checkpoint":{"path":")" +
                                   io::BaseName(UuidCheckpoint(4, ".parquet")) + "\"}}");
  ExpectWhole();
}

TEST_F(CheckpointKindsTest, AV2CheckpointHasItsFilesInSidecars) {
  const std::string files = FileLines(4);
  const size_t half = files.find('\n', files.size() / 2) + 1;
  const std::string first = files.substr(0, half);
  const std::string second = files.substr(half);
  Put(UuidCheckpoint(4), EncodeCheckpointLine(CheckpointMetadata{4}) + TableLines(4) +
                             SidecarLine("a%20b.parquet", first.size()) +
                             SidecarLine("file:/elsewhere/_sidecars/c.parquet", second.size()));
  DeleteCommitsBefore(4);
  PutSidecar("a b.parquet", first);
  EXPECT_EQ(Refused().code, "CORRUPT_CHECKPOINT") << "a sidecar is missing";
  PutSidecar("c.parquet", second);
  ExpectWhole();
  PutSidecar("c.parquet", second + "\n");
  EXPECT_NE(Refused().message.find("c.parquet"), std::string::npos) << "its size is another";
}

TEST_F(CheckpointKindsTest, ACheckpointThatContradictsItselfIsSteppedOver) {
  const std::string metadata = EncodeCheckpointLine(CheckpointMetadata{4});
  const std::string table = TableLines(4);
  const std::string files = FileLines(4);
  PutSidecar("s.parquet", files);
  for (const std::string& lines :
       {table + files, EncodeCheckpointLine(CheckpointMetadata{3}) + table + files,
        metadata + metadata + table + files, metadata + files, metadata + table + table + files,
        metadata + table + files + SidecarLine("s.parquet", files.size()), std::string(),
        metadata + table + files.substr(0, files.size() - 5)}) {
    Put(UuidCheckpoint(4), lines);
    ExpectWhole();  // by the commits
  }
  Put(Checkpoint(4), table + files);
  DeleteCommitsBefore(4);
  ExpectWhole();  // by the other checkpoint of the same version
}

TEST_F(CheckpointKindsTest, ACompactionStandsForItsCommits) {
  std::string lines;
  for (Version version = 2; version <= 4; ++version) {
    const std::string commit = Must(storage_->Read(Commit(version)));
    lines += commit.substr(commit.find('\n') + 1);
  }
  const std::string path = CompactedPath(LogFolder(table_path_), 2, 4);
  Put(path, "{torn");
  ExpectWhole();
  Put(path, lines);
  Must(storage_->Delete(Commit(3)));
  ExpectWhole();
  Put(path, "{torn");
  EXPECT_EQ(Refused().code, "CORRUPT_LOG");
}

TEST_F(CheckpointKindsTest, AChecksumFileDecidesBetweenCheckpointsThatDisagree) {
  Put(ChecksumPath(LogFolder(table_path_), kLast),
      R"({"numFiles":6,"tableSizeBytes":600,"numMetadata":1,"numProtocol":1})");
  ExpectWhole();
  const std::string table = TableLines(4);
  const std::string older = FileLines(3);
  const std::string newer = FileLines(4);
  Put(Checkpoint(4), table + older);  // lacks a file
  Put(Checkpoint(5), table + newer);  // so does this
  ExpectWhole();
  Must(storage_->Delete(Commit(2)));
  const Error error = Refused();
  EXPECT_EQ(error.code, "CHECKSUM_MISMATCH");
  EXPECT_NE(error.message.find("numFiles is 5 instead of 6"), std::string::npos) << error.message;
}

TEST_F(CheckpointKindsTest, AChecksumFileThatSaysNothingIsNoHarm) {
  const std::string path = ChecksumPath(LogFolder(table_path_), kLast);
  for (const char* text : {"", "{", "[]", "{}", R"({"numFiles":"six","metadata":7})"}) {
    Put(path, text);
    ExpectWhole();
  }
}

TEST_F(CheckpointKindsTest, EveryFieldOfAChecksumIsLookedAt) {
  const std::string path = ChecksumPath(LogFolder(table_path_), kLast);
  for (const auto& [text, field] : std::vector<std::pair<std::string, std::string>>{
           {R"({"tableSizeBytes":1})", "tableSizeBytes"},
           {R"({"numDeletionVectorsOpt":2})", "numDeletionVectorsOpt"},
           {R"({"metadata":{"id":"x"}})", "metadata.id"},
           {R"({"metadata":{"partitionColumns":["x"]}})", "metadata.partitionColumns"},
           {R"({"metadata":{"configuration":{"k":"v"}}})", "metadata.configuration.k"},
           {R"({"protocol":{"minReaderVersion":3}})", "protocol.minReaderVersion"},
           {R"({"protocol":{"writerFeatures":["x"]}})", "protocol.writerFeatures"},
           {R"({"setTransactions":[{"appId":"flow","version":9}]})", "setTransactions.flow"},
           {R"({"domainMetadata":[{"domain":"d","configuration":"{}"}]})", "domainMetadata.d"}}) {
    Put(path, text);
    const Error error = Refused();
    EXPECT_EQ(error.code, "CHECKSUM_MISMATCH") << text;
    EXPECT_NE(error.message.find(field), std::string::npos) << error.message;
  }
}

TEST_F(CheckpointKindsTest, NothingIsWrittenAfterADoubtfulRead) {
  Table table = Open();
  const SnapshotPtr snapshot = Must(table.Latest());
  Put(ChecksumPath(LogFolder(table_path_), kLast), R"({"numFiles":7})");
  EXPECT_FALSE(table.WriteCheckpoint(snapshot).ok());
  EXPECT_FALSE(Open().Commit(snapshot, Append("g")).ok());
  EXPECT_FALSE(Must(storage_->Stat(Commit(kLast + 1))));
}

TEST_F(CheckpointKindsTest, ADamagedCommitIsNamedWithItsLineAndField) {
  const std::string whole = Must(storage_->Read(Commit(3)));
  for (const auto& [text, words] : std::vector<std::pair<std::string, std::string>>{
           {"", "empty"},
           {whole.substr(0, whole.size() - 9), "line 3"},
           {R"({"add":{"path":"a","size":-4,"partitionValues":{}}})", "size"},
           {R"({"add":{"path":"a/../../b","size":4,"partitionValues":{}}})", "path"},
           {R"({"add":{"path":"%2e%2e/b","size":4,"partitionValues":{}}})", "path"},
           {R"({"remove":{"path":"../b"}})", "path"}}) {
    Put(Commit(3), text);
    const Error error = Refused();
    EXPECT_EQ(error.code, "CORRUPT_LOG") << text;
    const std::string said = ToString(error);
    EXPECT_NE(said.find("00003.json"), std::string::npos) << said;
    EXPECT_NE(said.find(words), std::string::npos) << said;
  }
  Put(Commit(3), whole + R"({"later":{"a":1}})" + "\n" + whole.substr(whole.find("{\"add\"")));
  ExpectWhole();  // an unknown action, and an add twice
}

TEST_F(CheckpointKindsTest, AGapIsNamedByItsVersion) {
  Must(storage_->Delete(Commit(3)));
  const Error error = Refused();
  EXPECT_EQ(error.code, "CORRUPT_LOG");
  EXPECT_NE(error.message.find("version 3"), std::string::npos) << error.message;
}

TEST_F(CheckpointKindsTest, APartitionColumnIsAColumn) {
  Change change = Create();
  change.metadata->partition_columns = {"nowhere"};
  TableState state = StateOf(kLast);
  state.metadata = std::make_shared<const Metadata>(*change.metadata);
  const Status checked = CheckComplete(state);
  ASSERT_FALSE(checked.ok());
  EXPECT_NE(checked.error().message.find("'nowhere'"), std::string::npos);
}

TEST_F(CheckpointKindsTest, V2CheckpointsAreWrittenWhereTheTableAsksForThem) {
  Table table = Open();
  Change change;
  change.info.operation = "SET TBLPROPERTIES";
  const SnapshotPtr before = Must(table.Latest());
  TableState state = before->state();
  Protocol protocol = *state.protocol;
  protocol.min_reader_version = 3;
  protocol.min_writer_version = 7;
  protocol.reader_features = {"v2Checkpoint"};
  protocol.writer_features = {"v2Checkpoint", "appendOnly", "invariants"};
  Metadata metadata = *state.metadata;
  metadata.configuration["delta.checkpointPolicy"] = "v2";
  state.protocol = std::make_shared<const Protocol>(protocol);
  state.metadata = std::make_shared<const Metadata>(metadata);
  Must(table.WriteCheckpoint(std::make_shared<const Snapshot>(state)));
  const auto last = DecodeLastCheckpoint(Must(storage_->Read(Log("_last_checkpoint"))));
  ASSERT_TRUE(last);
  ASSERT_TRUE(last->v2_name);
  EXPECT_EQ(ParseLogFileName(*last->v2_name),
            LogFile(penstock::delta::UuidCheckpoint{kLast, false}));
  DeleteCommitsBefore(kLast);
  ExpectWhole();
}

}  // namespace
}  // namespace penstock::delta
