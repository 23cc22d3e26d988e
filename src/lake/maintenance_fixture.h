#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "delta/file_set.h"
#include "io/forwarding_storage.h"
#include "lake/lake_fixture.h"
#include "lake/table_commit.h"
#include "lake/table_operation.h"

// What the tests of operations on tables share.
namespace penstock::lake {

// A clock that a test sets; begins at the machine's time.
class TestClock : public Clock {
 public:
  TimestampMicros Now() override { return now_; }
  void SleepFor(int64_t micros) override { now_ += micros; }
  void AdvanceDays(int days) { now_ += int64_t{days} * 24 * 3600 * 1'000'000; }

 private:
  std::atomic<TimestampMicros> now_{SystemClock().Now()};
};

// Does something of another writer's before the first commit goes through it.
class InterruptingStorage : public io::ForwardingStorage {
 public:
  InterruptingStorage(io::Storage* base, std::function<void()> between)
      : base_(base), between_(std::move(between)) {}

  Result<io::PutOutcome> PutIfAbsent(const std::string& path, std::string_view bytes) override {
    if (between_) std::exchange(between_, nullptr)();
    return base_->PutIfAbsent(path, bytes);
  }

 private:
  Result<io::Storage*> ToRead(std::string_view /*path*/) override { return base_; }
  Result<io::Storage*> ToWrite(std::string_view /*path*/) override { return base_; }

  io::Storage* base_;
  std::function<void()> between_;
};

class MaintenanceTest : public LakeTest {
 protected:
  using Domains = std::map<std::string, std::string>;

  delta::Table OpenAt(const std::string& path) {
    return delta::Table(storage_.get(), codec_.get(), path, &clock_);
  }
  delta::Table OpenWith(io::Storage* storage) {
    return delta::Table(storage, codec_.get(), path_, &clock_);
  }

  void CreateTable(const std::string& columns, std::vector<std::string> partition_columns = {},
                   const Domains& domains = {}, delta::Configuration configuration = {}) {
    delta::Change change;
    change.info.operation = "CREATE TABLE";
    change.metadata = Metadata(Columns(columns), std::move(partition_columns));
    change.metadata->configuration = std::move(configuration);
    change.protocol = delta::RequiredProtocol(*change.metadata);
    for (const auto& [domain, text] : domains) change.domains.push_back({domain, text, false});
    Commit(nullptr, change);
  }

  delta::SnapshotPtr Latest() { return Must(table_->Latest()); }

  void Commit(const delta::SnapshotPtr& base, const delta::Change& change) {
    Must(CommitOperation(lake_, *table_, base, change));
  }

  void Append(const std::string& query) {
    const auto base = Latest();
    WriteOptions options;
    options.partition_columns = base->metadata().partition_columns;
    duck::Connection connection = Must(engine_->Connect());
    delta::Change change;
    change.info.operation = "WRITE";
    change.adds = Must(WriteDataFiles(connection, *storage_, path_, query, base->metadata().schema,
                                      options, NowMs(lake_)))
                      .files;
    Commit(base, change);
  }

  // Every file goes, as an overwrite by nothing does it.
  void RemoveAll() {
    const auto base = Latest();
    delta::Change change;
    change.info.operation = "DELETE";
    for (const auto& file : base->files()) {
      change.removes.push_back(delta::RemovalOf(file, NowMs(lake_)));
    }
    Commit(base, change);
  }

  std::string Sql() { return SqlOf(*table_); }
  std::string SqlOf(delta::Table& table) {
    const auto snapshot = Must(table.Latest());
    Relation relation = Must(SnapshotRelation(table.path(), *snapshot));
    scans_.push_back(relation.scan);
    return relation.sql;
  }
  std::string SqlWithFile() {
    RelationOptions options;
    options.with_row_position = true;
    Relation relation = Must(SnapshotRelation(path_, *Latest(), options));
    scans_.push_back(relation.scan);
    return relation.sql;
  }

  std::vector<std::string> TableRows() { return RowsOf(*table_); }
  std::vector<std::string> RowsOf(delta::Table& table) {
    auto rows = Rows(SqlOf(table));
    std::sort(rows.begin(), rows.end());
    return rows;
  }

  size_t DataFilesOnDisk() {
    size_t count = 0;
    for (const auto& file : Must(storage_->ListRecursive(path_))) {
      if (file.path.ends_with(".parquet") && file.path.find("/_") == std::string::npos) ++count;
    }
    return count;
  }

  TestClock clock_;
  std::unique_ptr<delta::CheckpointCodec> codec_ =
      NewCheckpointCodec(engine_.get(), storage_.get());
  std::unique_ptr<delta::Table> table_ =
      std::make_unique<delta::Table>(storage_.get(), codec_.get(), path_, &clock_);
  Lake lake_{engine_.get(), &connection_, storage_.get(), &clock_};
  std::vector<std::shared_ptr<const void>> scans_;
};

}  // namespace penstock::lake
