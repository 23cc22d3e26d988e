#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "delta/actions.h"
#include "delta/replay.h"

namespace penstock::delta {

// The state of a table at one version; immutable, shared between threads.
class Snapshot {
 public:
  // `state` must have passed CheckComplete.
  explicit Snapshot(TableState state);

  Version version() const { return state_.version; }
  const Protocol& protocol() const { return *state_.protocol; }
  const Metadata& metadata() const { return *state_.metadata; }
  // Active files, ordered by path. The list is made at the first call (a copy of all of them) and
  // kept.
  const std::vector<AddFile>& files() const;
  // The same one by one; what is visited lives until the visit is over.
  void ForEachFile(const std::function<void(const AddFile&)>& visit) const;
  // The highest version a writer committed under `app_id`, or nothing.
  std::optional<int64_t> TransactionVersion(const std::string& app_id) const;
  // The configuration under that name, or null; never a removed one. Lives as long as the snapshot.
  const DomainMetadata* DomainMetadataOf(const std::string& name) const;
  // Of the commit, in ms; monotonic over versions as time travel needs it.
  int64_t timestamp_ms() const { return state_.timestamp_ms; }
  int64_t NumFiles() const { return state_.files.num_active(); }
  int64_t TotalBytes() const { return state_.files.total_bytes(); }
  // Sum of stats.numRecords, or nothing when a file has none.
  std::optional<int64_t> NumRecords() const;

  // For this room: replay goes on from here.
  const TableState& state() const { return state_; }

 private:
  TableState state_;
  mutable std::once_flag files_once_;
  mutable std::vector<AddFile> files_;
};
using SnapshotPtr = std::shared_ptr<const Snapshot>;

}  // namespace penstock::delta
