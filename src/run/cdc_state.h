#pragma once

#include <memory>
#include <optional>
#include <string>

#include "cdc/batch.h"
#include "run/context.h"
#include "run/target.h"

// What is kept of changes beside their table: a Delta table of its own, to which each version of
// the table is bound by a transaction in the same commit (docs/formats/cdc-state.md).
namespace penstock::run {

class CdcState {
 public:
  // As the target's snapshot has it; `fresh`: the target's rows go, there is none. CDC_STATE_LOST
  // when it is not there any more.
  static Result<CdcState> Open(Workspace& workspace, const model::TableName& table,
                               const Target& target, const cdc::Shape& shape, bool fresh);

  // The facts as a relation, as long as this lives.
  const std::string& relation() const { return relation_; }
  int64_t order() const { return order_; }  // of the next facts
  int64_t rows() const { return rows_; }
  int64_t bytes() const { return bytes_; }

  // Writes the facts of `query`; nothing in the target depends on them until the transaction that
  // this returns is committed with it. Nothing: the target is bound to them already.
  Result<std::optional<delta::SetTransaction>> Append(duck::Connection& connection,
                                                      const std::string& query, int64_t now_ms,
                                                      TimestampMicros horizon);
  // After that commit: removes what no version of the target needs any more, if it can.
  void RemoveOlder();

 private:
  CdcState(Workspace& workspace, const model::TableName& table, std::string generation,
           cdc::Shape shape);

  std::string FolderOf(int64_t number) const;
  Status Read();
  bool NeedsRewrite(int64_t latest) const;
  Result<int64_t> Write(duck::Connection& connection, delta::Table& table,
                        const delta::SnapshotPtr& base, const std::string& query, int64_t now_ms);
  Result<int64_t> NextNumber() const;

  Workspace* workspace_;
  model::TableName table_;
  std::string generation_;
  cdc::Shape shape_;
  bool bound_ = false;   // the target names a state, be it empty
  int64_t number_ = -1;  // of the folder; none yet
  int64_t version_ = -1;
  delta::SnapshotPtr snapshot_;
  std::shared_ptr<const void> scan_;
  std::string relation_;
  int64_t order_ = 1;
  int64_t rows_ = 0;
  int64_t bytes_ = 0;
  bool moved_ = false;  // into a new folder
};

}  // namespace penstock::run
