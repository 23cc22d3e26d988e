#include "delta/replay.h"

#include <algorithm>
#include <utility>

#include "delta/table_features.h"

namespace penstock::delta {

namespace {

using Transactions = std::map<std::string, SetTransaction>;
using Domains = std::map<std::string, DomainMetadata>;

// Collects one commit's actions onto a state.
class Replay {
 public:
  explicit Replay(TableState state) : state_(std::move(state)) {}

  void operator()(Protocol& protocol) {
    state_.protocol = std::make_shared<const Protocol>(std::move(protocol));
  }
  void operator()(Metadata& metadata) {
    state_.metadata = std::make_shared<const Metadata>(std::move(metadata));
  }
  void operator()(AddFile& add) { adds_.push_back(NewFileEntry(std::move(add))); }
  void operator()(RemoveFile& remove) { removes_.push_back(NewFileEntry(std::move(remove))); }
  void operator()(SetTransaction& transaction) {
    if (!transactions_) {
      transactions_ = state_.transactions ? *state_.transactions : Transactions();
    }
    std::string app_id = transaction.app_id;
    transactions_->insert_or_assign(std::move(app_id), std::move(transaction));
  }
  void operator()(DomainMetadata& domain) {
    if (!domains_) domains_ = state_.domains ? *state_.domains : Domains();
    std::string name = domain.domain;
    domains_->insert_or_assign(std::move(name), std::move(domain));
  }
  void operator()(AddCdcFile&) {}
  void operator()(CommitInfo&) {}

  // Within one commit an add of a path stands, whichever came first: it is the same file with
  // another vector.
  TableState Done() && {
    removes_.insert(removes_.end(), std::make_move_iterator(adds_.begin()),
                    std::make_move_iterator(adds_.end()));
    state_.files = state_.files.With(std::move(removes_));
    if (transactions_) {
      state_.transactions = std::make_shared<const Transactions>(std::move(*transactions_));
    }
    if (domains_) state_.domains = std::make_shared<const Domains>(std::move(*domains_));
    return std::move(state_);
  }

 private:
  TableState state_;
  std::vector<std::shared_ptr<const FileEntry>> adds_;
  std::vector<std::shared_ptr<const FileEntry>> removes_;
  std::optional<Transactions> transactions_;
  std::optional<Domains> domains_;
};

TableState ReplayActions(TableState state, std::vector<Action> actions) {
  Replay replay(std::move(state));
  for (Action& action : actions) std::visit(replay, action);
  return std::move(replay).Done();
}

Error Incomplete(Version version, std::string_view what) {
  return DataError(
      "CORRUPT_LOG",
      "the log up to version " + std::to_string(version) + " has no " + std::string(what),
      "Restore the missing files of _delta_log from a copy.");
}

}  // namespace

TableState FromCheckpoint(Version version, std::vector<Action> actions, int64_t timestamp_ms) {
  TableState state = ReplayActions({}, std::move(actions));
  state.version = version;
  state.timestamp_ms = timestamp_ms;
  return state;
}

TableState Apply(const TableState& before, Version version, std::vector<Action> actions,
                 int64_t timestamp_ms) {
  TableState state = ReplayActions(before, std::move(actions));
  state.version = version;
  state.timestamp_ms =
      before.version < 0 ? timestamp_ms : std::max(timestamp_ms, before.timestamp_ms + 1);
  return state;
}

Status CheckComplete(const TableState& state) {
  if (state.protocol == nullptr) return Incomplete(state.version, "protocol action");
  if (state.metadata == nullptr) return Incomplete(state.version, "metaData action");
  return CheckReadable(*state.protocol, *state.metadata);
}

}  // namespace penstock::delta
