#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/predicate.h"
#include "delta/actions.h"

namespace penstock::delta {

struct CommitEntry {  // one commit file, parsed
  Version version = -1;
  std::vector<Action> actions;
};

// What of the table a change was decided on. Nothing of it: a blind append.
struct ReadSet {
  bool whole_table = false;
  // Rows that may satisfy one of these were read; commits that only add rows which cannot do no
  // harm.
  std::vector<Predicate> predicates;
  // Files read besides, by their path in the log.
  std::vector<std::string> files;

  bool empty() const { return !whole_table && predicates.empty() && files.empty(); }
};

// What a transaction wants to do; built purely, then committed.
struct Change {
  CommitInfo info;
  std::optional<Protocol> protocol;
  std::optional<Metadata> metadata;
  std::vector<AddFile> adds;
  std::vector<RemoveFile> removes;
  std::vector<AddCdcFile> cdc_files;
  std::vector<SetTransaction> transactions;
  std::vector<DomainMetadata> domains;
  ReadSet read;
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
