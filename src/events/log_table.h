#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/json.h"
#include "base/result.h"
#include "catalog/catalog.h"
#include "duck/engine.h"
#include "io/storage.h"

namespace penstock::events {

// The Delta table event_log of one storage root, for its single writer. Everything is borrowed. Not
// thread-safe.
class LogTable {
 public:
  LogTable(catalog::Catalog* catalog, io::Storage* storage, duck::Engine* engine, Clock* clock);

  // The highest sequence number in the table, 0 when there is none. Refuses a newer format by its
  // number.
  Result<int64_t> LastSequence();
  // Adds the events of one update in one commit, once: a second call for the same update changes
  // nothing.
  Status Append(const std::string& update_id, std::vector<Json> events);
  // Drops events older than `retention_days`, joins small files, deletes files that no reader can
  // still need. Losing a race against another writer leaves the work to the next time.
  Status Maintain(int retention_days);

 private:
  Result<delta::SnapshotPtr> LatestOrNull();
  Status Rewrite(const delta::SnapshotPtr& snapshot, const std::vector<delta::AddFile>& files,
                 TimestampMicros cutoff);
  Status DeleteForgottenFiles();

  catalog::Catalog* catalog_;
  io::Storage* storage_;
  duck::Engine* engine_;
  Clock* clock_;
  std::shared_ptr<delta::Table> table_;
};

}  // namespace penstock::events
