#include "delta/conflict.h"

#include <algorithm>
#include <set>
#include <string>

#include "base/text.h"

namespace penstock::delta {

namespace {

using Why = std::optional<std::string>;

// Judges one action of a winner; the visits answer why it gets in the way, or nothing.
class Rules {
 public:
  Rules(const TableState& base, const Change& change) : base_(base), change_(change) {
    for (const RemoveFile& remove : change.removes) removed_.insert(PercentDecode(remove.path));
  }

  Why operator()(const Protocol& theirs) const {
    if (theirs == *base_.protocol) return std::nullopt;
    if (change_.protocol == theirs) return std::nullopt;
    return "it changed the table's protocol";
  }
  Why operator()(const Metadata& theirs) const {
    if (theirs == *base_.metadata) return std::nullopt;
    if (change_.metadata == theirs) return std::nullopt;
    return "it changed the table's schema or properties";
  }
  Why operator()(const AddFile& theirs) const {
    if (!change_.read.whole_table || !theirs.data_change) return std::nullopt;
    return "it added rows to the table, which this change had read as a whole";
  }
  Why operator()(const RemoveFile& theirs) const {
    if (removed_.contains(PercentDecode(theirs.path))) {
      return "it removed the file '" + theirs.path + "', which this change removes too";
    }
    if (!change_.read.whole_table || !theirs.data_change) return std::nullopt;
    return "it removed rows from the table, which this change had read as a whole";
  }
  Why operator()(const SetTransaction& theirs) const {
    for (const SetTransaction& ours : change_.transactions) {
      if (ours.app_id != theirs.app_id) continue;
      return "it holds batch " + std::to_string(theirs.version) + " of the same writer '" +
             theirs.app_id + "', which is committing batch " + std::to_string(ours.version);
    }
    return std::nullopt;
  }
  Why operator()(const DomainMetadata& theirs) const {
    for (const DomainMetadata& ours : change_.domains) {
      if (ours.domain == theirs.domain) return "it changed the domain '" + theirs.domain + "' too";
    }
    return std::nullopt;
  }
  Why operator()(const AddCdcFile&) const { return std::nullopt; }
  Why operator()(const CommitInfo&) const { return std::nullopt; }

 private:
  const TableState& base_;
  const Change& change_;
  std::set<std::string, std::less<>> removed_;
};

}  // namespace

bool ContainsTransactions(const TableState& state,
                          const std::vector<SetTransaction>& transactions) {
  if (transactions.empty() || state.transactions == nullptr) return false;
  return std::all_of(transactions.begin(), transactions.end(), [&](const SetTransaction& ours) {
    const auto found = state.transactions->find(ours.app_id);
    return found != state.transactions->end() && found->second.version >= ours.version;
  });
}

std::optional<Conflicted> FindConflict(const TableState& base, const Change& change,
                                       const std::vector<CommitEntry>& winners) {
  if (winners.empty()) return std::nullopt;
  if (base.version < 0) {
    return Conflicted{winners.front().version, "another writer created the table"};
  }
  const Rules rules(base, change);
  for (const CommitEntry& winner : winners) {
    for (const Action& action : winner.actions) {
      if (Why why = std::visit(rules, action)) return Conflicted{winner.version, std::move(*why)};
    }
  }
  return std::nullopt;
}

}  // namespace penstock::delta
