#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "delta/actions.h"

namespace penstock::delta {

struct CommitEntry {  // one commit file, parsed
  Version version = -1;
  std::vector<Action> actions;
};

// What a transaction wants to do; built purely, then committed.
struct Change {
  CommitInfo info;
  std::optional<Protocol> protocol;
  std::optional<Metadata> metadata;
  std::vector<AddFile> adds;
  std::vector<RemoveFile> removes;
  std::vector<SetTransaction> transactions;
  // What the decision was based on: a blind append read nothing of the table.
  bool read_whole_table = false;
};

struct Committed {
  Version version;
};
// The change cannot be applied on top of what another writer committed: `with` names that commit
// and `why`.
struct Conflicted {
  Version with;
  std::string why;
};
// The transaction identifier of the change is already in the table: an earlier attempt had
// succeeded.
struct AlreadyCommitted {
  Version version;  // a version at or before which it is contained
};
using CommitOutcome = std::variant<Committed, Conflicted, AlreadyCommitted>;

}  // namespace penstock::delta
