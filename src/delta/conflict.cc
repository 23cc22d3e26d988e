#include "delta/conflict.h"

#include <algorithm>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>

#include "base/text.h"
#include "delta/file_filter.h"
#include "delta/table_columns.h"

namespace penstock::delta {

namespace {

using Why = std::optional<std::string>;

// What the change has read of the table, for judging files that came or went since.
class ReadRows {
 public:
  ReadRows(const TableState& base, const Change& change) : read_(change.read) {
    for (const std::string& path : read_.files) files_.insert(PercentDecode(path));
    if (read_.predicates.empty()) return;
    const auto columns = TableColumns(*base.metadata);
    if (!columns.ok()) {
      everything_ = true;
      return;
    }
    for (const Predicate& predicate : read_.predicates) {
      filters_.push_back(std::make_unique<FileFilter>(*base.metadata, *columns, predicate));
    }
  }

  // Whether rows of the file are among those that were looked for.
  bool MayHave(const AddFile& file) const {
    if (read_.whole_table || everything_) return true;
    return std::any_of(filters_.begin(), filters_.end(),
                       [&](const auto& filter) { return filter->MayMatch(file); });
  }
  bool Named(const std::string& decoded_path) const { return files_.contains(decoded_path); }

 private:
  const ReadSet& read_;
  bool everything_ = false;
  std::set<std::string, std::less<>> files_;
  std::vector<std::unique_ptr<const FileFilter>> filters_;
};

// Judges one action of a winner; the visits answer why it gets in the way, or nothing.
class Rules {
 public:
  Rules(const TableState& base, const Change& change)
      : base_(base),
        change_(change),
        read_(base, change),
        serializable_(IsSerializable(*base.metadata)),
        restates_(Restates(base, change)) {
    for (const RemoveFile& remove : change.removes) {
      removed_.emplace(PercentDecode(remove.path), &remove);
    }
    for (const AddFile& add : change.adds) added_.insert(PercentDecode(add.path));
  }

  // Before the actions of a commit.
  void Begin(const CommitEntry& winner) {
    only_adds_ = std::none_of(winner.actions.begin(), winner.actions.end(), [](const Action& a) {
      const auto* remove = std::get_if<RemoveFile>(&a);
      return remove != nullptr && remove->data_change;
    });
    blind_ = false;
    for (const Action& action : winner.actions) {
      if (const auto* info = std::get_if<CommitInfo>(&action)) {
        blind_ = info->is_blind_append.value_or(false);
      }
    }
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
    if (!theirs.data_change || !read_.MayHave(theirs)) return std::nullopt;
    // A blind append can be thought of as coming after this change, unless what this one makes of
    // the table would not have let it.
    if (blind_ && only_adds_ && !serializable_ && !restates_) return std::nullopt;
    return "it added the file '" + theirs.path + "', whose rows this change would have read";
  }
  Why operator()(const RemoveFile& theirs) const {
    const std::string path = PercentDecode(theirs.path);
    const auto ours = removed_.find(path);
    if (ours != removed_.end()) return TwiceChanged(theirs, *ours->second, path);
    if (!theirs.data_change) return std::nullopt;
    if (read_.Named(path)) {
      return "it removed or changed rows of the file '" + theirs.path +
             "', which this change had read";
    }
    if (change_.read.whole_table) {
      return "it removed rows from the table, which this change had read as a whole";
    }
    const auto known = base_.files.FindActive(path);
    if (known && read_.MayHave(known->Add())) {
      return "it removed or changed rows of the file '" + theirs.path +
             "', which this change had read";
    }
    return std::nullopt;
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
    // Ids of rows are given out on top of the newest commit.
    if (theirs.domain == "delta.rowTracking") return std::nullopt;
    for (const DomainMetadata& ours : change_.domains) {
      if (ours.domain == theirs.domain) return "it changed the domain '" + theirs.domain + "' too";
    }
    return std::nullopt;
  }
  Why operator()(const AddCdcFile&) const { return std::nullopt; }
  Why operator()(const CommitInfo&) const { return std::nullopt; }

 private:
  static bool IsSerializable(const Metadata& metadata) {
    const auto level = metadata.configuration.find("delta.isolationLevel");
    return level != metadata.configuration.end() && EqualsIgnoreCase(level->second, "Serializable");
  }

  // Whether the change says what the whole table is: an overwrite, or new rules for all rows.
  static bool Restates(const TableState& base, const Change& change) {
    if (change.protocol || (change.metadata && !(*change.metadata == *base.metadata))) return true;
    return change.read.whole_table &&
           static_cast<int64_t>(change.removes.size()) >= base.files.num_active();
  }

  // Both take out the same file, or put it back with another deletion vector.
  Why TwiceChanged(const RemoveFile& theirs, const RemoveFile& ours,
                   const std::string& path) const {
    const std::string file = "the file '" + theirs.path + "'";
    if (!theirs.data_change && ours.data_change) {
      return "it wrote the rows of " + file + " elsewhere, some of which this change deletes";
    }
    if (theirs.data_change && added_.contains(path)) {
      return "it deleted rows of " + file + ", of which this change deletes some too";
    }
    return "it removed " + file + ", which this change removes too";
  }

  const TableState& base_;
  const Change& change_;
  ReadRows read_;
  bool serializable_;
  bool restates_;
  bool only_adds_ = false;
  bool blind_ = false;
  std::map<std::string, const RemoveFile*, std::less<>> removed_;
  std::set<std::string, std::less<>> added_;
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
  Rules rules(base, change);
  for (const CommitEntry& winner : winners) {
    rules.Begin(winner);
    for (const Action& action : winner.actions) {
      Why why = std::visit(rules, action);
      if (why) return Conflicted{winner.version, std::move(*why)};
    }
  }
  return std::nullopt;
}

}  // namespace penstock::delta
