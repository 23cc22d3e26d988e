#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "delta/actions.h"
#include "delta/file_set.h"

namespace penstock::delta {

// What the log says up to one version. A value that shares its parts with its neighbours.
struct TableState {
  Version version = -1;
  int64_t timestamp_ms = 0;                  // of the commit, later than that of the version before
  std::shared_ptr<const Protocol> protocol;  // null: not seen yet
  std::shared_ptr<const Metadata> metadata;  // null: not seen yet
  FileSet files;
  std::shared_ptr<const std::map<std::string, SetTransaction>> transactions;  // null: none
  // By name, removed ones too as long as checkpoints keep them; null: none.
  std::shared_ptr<const std::map<std::string, DomainMetadata>> domains;
};

// Collects actions onto a state, those of files as FileChanges has it.
class Replay {
 public:
  explicit Replay(TableState before);

  void Take(const Action& action);
  // The state of `version` at `timestamp_ms`.
  TableState Done(Version version, int64_t timestamp_ms) &&;

 private:
  TableState state_;
  FileChanges files_;
  std::optional<std::map<std::string, SetTransaction>> transactions_;
  std::optional<std::map<std::string, DomainMetadata>> domains_;
};

// The state of a checkpoint of `version`, whose commit was made at `timestamp_ms`.
TableState FromCheckpoint(Version version, const std::vector<Action>& actions,
                          int64_t timestamp_ms);

// `before` brought forward by the commit `version`. `timestamp_ms` is what the commit says of
// itself; the state's is at least a millisecond after that of the version before.
TableState Apply(const TableState& before, Version version, const std::vector<Action>& actions,
                 int64_t timestamp_ms);

// Whether the state can be shown to a reader: CORRUPT_LOG when protocol or metadata are missing,
// UNSUPPORTED_TABLE_FEATURE when it takes more than this program follows.
Status CheckComplete(const TableState& state);

}  // namespace penstock::delta
