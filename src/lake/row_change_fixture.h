#pragma once

#include <gtest/gtest.h>

#include <atomic>
#include <map>
#include <string>
#include <variant>
#include <vector>

#include "base/text.h"
#include "delta/change.h"
#include "delta/table_columns.h"
#include "delta/table_features.h"
#include "lake/file_path.h"
#include "lake/lake_fixture.h"
#include "lake/table_operation.h"

namespace penstock::lake {

class StandingClock : public Clock {
 public:
  TimestampMicros Now() override { return now_; }
  void SleepFor(int64_t micros) override { now_ += micros; }

 private:
  std::atomic<TimestampMicros> now_{1'700'000'000'000'000};
};

// A Delta table to change rows of, and what is in its newest version.
class RowChangeTest : public LakeTest {
 protected:
  Lake Tools() { return {engine_.get(), &connection_, storage_.get(), &clock_, {}}; }

  // Version 0, without rows. Properties bring the features that they need.
  void Create(const std::string& columns, delta::Configuration properties = {},
              std::vector<std::string> partition_columns = {}) {
    CreateWith(Columns(columns), delta::SchemaToJson(Columns(columns)), std::move(properties),
               std::move(partition_columns));
  }
  void CreateWith(const Schema& schema, const std::string& schema_string,
                  delta::Configuration properties, std::vector<std::string> partition_columns) {
    delta::Change change;
    change.info.operation = "CREATE TABLE";
    change.protocol = delta::Protocol{1, 4, {}, {}};
    if (properties.contains("delta.enableDeletionVectors")) {
      change.protocol = delta::Protocol{
          3, 7, {"deletionVectors"}, {"deletionVectors", "changeDataFeed", "appendOnly"}};
    }
    change.metadata = delta::NewMetadata(schema, std::move(partition_columns),
                                         std::move(properties), std::nullopt, 1);
    change.metadata->schema_string = schema_string;
    change.protocol = delta::RaisedProtocol(*change.protocol, *change.metadata);
    Commit(nullptr, change);
  }
  // The same with column mapping: physical names p1, p2 … and ids, at every depth.
  void CreateMapped(const std::string& columns, std::vector<std::string> partition_columns = {}) {
    delta::Metadata plain;
    plain.schema = Columns(columns);
    auto mapped = Must(delta::TableColumns(plain));
    int64_t last = 0;
    for (delta::TableColumn& column : mapped) Map(&column, true, &last);
    delta::Change change;
    change.info.operation = "CREATE TABLE";
    change.protocol = delta::Protocol{2, 5, {}, {}};
    change.metadata = delta::NewMetadata(plain.schema, std::move(partition_columns),
                                         {{"delta.columnMapping.mode", "name"},
                                          {"delta.columnMapping.maxColumnId", std::to_string(last)},
                                          {"delta.enableChangeDataFeed", "true"}},
                                         std::nullopt, 1);
    change.metadata->schema_string = delta::EncodeColumns(mapped);
    Commit(nullptr, change);
  }
  static void Map(delta::TableColumn* column, bool is_column, int64_t* last) {
    if (is_column) {
      column->metadata["delta.columnMapping.id"] = ++*last;
      column->metadata["delta.columnMapping.physicalName"] = "p" + std::to_string(*last);
    }
    for (delta::TableColumn& part : column->children) {
      Map(&part, column->type.id == TypeId::kStruct, last);
    }
  }
  void Commit(const delta::SnapshotPtr& base, const delta::Change& change) {
    const auto outcome = Must(table_.Commit(base, change));
    ASSERT_TRUE(std::holds_alternative<delta::Committed>(outcome));
  }

  OperationResult Insert(const std::string& query) {
    WriteRequest request;
    request.query = query;
    return Must(WriteRows(Tools(), table_, request));
  }
  OperationResult Delete(const std::string& condition) {
    return Must(DeleteRows(Tools(), table_, {condition, "target"}));
  }

  // The rows of the newest version, each a line, sorted as text.
  std::vector<std::string> TableRows(const std::string& columns = "*") {
    const auto snapshot = Must(table_.Latest());
    const Relation relation = Must(SnapshotRelation(path_, *snapshot, {}));
    return Rows("SELECT " + columns + " FROM (" + relation.sql + ") ORDER BY ALL");
  }
  delta::Version Version() { return Must(table_.Latest())->version(); }
  delta::CommitEntry LastCommit() {
    const delta::Version version = Version();
    return Must(table_.Commits(version - 1, version)).back();
  }
  template <typename T>
  std::vector<T> LastActions() {
    std::vector<T> found;
    for (const delta::Action& action : LastCommit().actions) {
      if (const T* wanted = std::get_if<T>(&action)) found.push_back(*wanted);
    }
    return found;
  }
  std::string Metric(const OperationResult& result, const std::string& name) {
    return result.metrics.contains(name) ? result.metrics[name].get<std::string>() : "none";
  }
  // The rows of the change files of the newest commit, kind of change first.
  std::vector<std::string> Changes(const std::string& columns) {
    std::vector<std::string> paths;
    for (const auto& file : LastActions<delta::AddCdcFile>()) {
      paths.push_back(EscapeGlob(DataFilePath(path_, file.path)));
    }
    if (paths.empty()) return {};
    return Rows("SELECT _change_type, " + columns + " FROM read_parquet(" + duck::QuoteList(paths) +
                ") ORDER BY ALL");
  }
  template <typename T>
  std::string Code(const Result<T>& result) {
    return result.ok() ? "OK" : result.error().code;
  }

  StandingClock clock_;
  std::unique_ptr<delta::CheckpointCodec> codec_ =
      NewCheckpointCodec(engine_.get(), storage_.get());
  delta::Table table_{storage_.get(), codec_.get(), path_, &clock_};
};

using Lines = std::vector<std::string>;

}  // namespace penstock::lake
