#pragma once

#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "delta/action_json.h"
#include "delta/log_path.h"
#include "delta/table.h"
#include "io/storage.h"
#include "io/temp_folder.h"

// What the tests of this room share: a codec without an engine, a clock that stands, a table in a
// fresh folder.
namespace penstock::delta {

struct Lines : CheckpointSink {
  Status OnAction(const Action& action) override {
    text += EncodeCommit({action});
    return OkStatus();
  }
  Status OnSidecar(const Sidecar& sidecar) override {
    text += EncodeCheckpointLine(sidecar);
    return OkStatus();
  }
  Status OnMetadata(const CheckpointMetadata& metadata) override {
    text += EncodeCheckpointLine(metadata);
    return OkStatus();
  }
  Status Take(const CheckpointItem& item) {
    if (const auto* action = std::get_if<Action>(&item)) return OnAction(*action);
    if (const auto* sidecar = std::get_if<Sidecar>(&item)) return OnSidecar(*sidecar);
    return OnMetadata(std::get<CheckpointMetadata>(item));
  }
  std::string text;
};

// Checkpoints as lines of JSON instead of Parquet.
class JsonCheckpointCodec : public CheckpointCodec {
 public:
  explicit JsonCheckpointCodec(io::Storage* storage) : storage_(storage) {}

  Status ReadCheckpoint(const std::string& path, CheckpointSink& sink) override {
    ASSIGN_OR_RETURN(const std::string text, storage_->Read(path));
    return DecodeJsonCheckpoint(text, path, sink);
  }
  Status WriteCheckpoint(const std::string& path, const CheckpointShape&,
                         const CheckpointContent& content) override {
    Lines lines;
    for (CheckpointItem item; content(item);) RETURN_IF_ERROR(lines.Take(item));
    RETURN_IF_ERROR(storage_->BeforeEngineWrite(io::ParentPath(path)));
    RETURN_IF_ERROR(storage_->Write(path, lines.text));
    return storage_->Sync(path);
  }

 private:
  io::Storage* storage_;
};

class ManualClock : public Clock {
 public:
  TimestampMicros Now() override { return now_; }
  void SleepFor(int64_t micros) override { now_ += micros; }
  void Set(int64_t ms) { now_ = ms * 1000; }

 private:
  std::atomic<TimestampMicros> now_{1'700'000'000'000'000};
};

inline Schema TestSchema() {
  return {Field{"id", DataType::Of(TypeId::kLong), false, ""},
          Field{"name", DataType::Of(TypeId::kString), true, "how it is called"}};
}

inline Change Create(Configuration configuration = {}) {
  Change change;
  change.info.operation = "CREATE TABLE";
  change.metadata = NewMetadata(TestSchema(), {}, std::move(configuration), std::nullopt, 1);
  change.protocol = RequiredProtocol(*change.metadata);
  return change;
}

inline AddFile File(const std::string& path, int64_t records = 10) {
  AddFile add;
  add.path = path;
  add.size = 100;
  add.modification_time_ms = 5;
  add.stats = "{\"numRecords\":" + std::to_string(records) + "}";
  return add;
}

inline Change Append(const std::string& path, int64_t records = 10) {
  Change change;
  change.info.operation = "WRITE";
  change.adds = {File(path, records)};
  return change;
}

inline RemoveFile Tombstone(const AddFile& add) {
  RemoveFile remove;
  remove.path = add.path;
  remove.size = add.size;
  remove.partition_values = add.partition_values;
  return remove;
}

inline Change Batch(const std::string& app_id, int64_t version, const std::string& path) {
  Change change = Append(path);
  change.transactions = {SetTransaction{app_id, version, std::nullopt}};
  return change;
}

class DeltaTest : public ::testing::Test {
 protected:
  Table Open() { return Table(storage_.get(), &codec_, table_path_, &clock_); }
  std::string Log(const std::string& name) const { return LogFolder(table_path_) + "/" + name; }
  std::string Commit(Version version) const { return CommitPath(LogFolder(table_path_), version); }
  std::string Checkpoint(Version version) const {
    return CheckpointPath(LogFolder(table_path_), version);
  }
  void Put(const std::string& path, std::string_view text) {
    ASSERT_TRUE(storage_->CreateFolders(io::ParentPath(path)).ok());
    ASSERT_TRUE(storage_->Write(path, text).ok());
  }

  io::TempFolder folder_;
  std::string table_path_ = folder_ / "t";
  std::unique_ptr<io::Storage> storage_ = io::NewLocalStorage();
  JsonCheckpointCodec codec_{storage_.get()};
  ManualClock clock_;
};

// The value, or the test fails here with the error (the exception is the test's way out).
template <typename T>
T Must(Result<T> result) {
  if (!result.ok()) throw std::runtime_error(ToString(result.error()));
  return std::move(result).value();
}
inline void Must(const Status& status) { ASSERT_TRUE(status.ok()) << ToString(status.error()); }

// The version of a commit that must succeed.
inline Version MustCommit(Table& table, const SnapshotPtr& base, const Change& change) {
  const CommitOutcome outcome = Must(table.Commit(base, change));
  const auto* committed = std::get_if<Committed>(&outcome);
  if (committed == nullptr) {
    const auto* conflict = std::get_if<Conflicted>(&outcome);
    ADD_FAILURE() << "not committed: " << (conflict ? conflict->why : "already committed");
    return -1;
  }
  return committed->version;
}

}  // namespace penstock::delta
