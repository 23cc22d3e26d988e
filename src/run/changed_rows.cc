#include "run/changed_rows.h"

#include <algorithm>
#include <cstdlib>
#include <map>
#include <optional>
#include <set>
#include <string>

#include "base/text.h"
#include "delta/packed_file.h"

namespace penstock::run {
namespace {

int64_t DeletedBy(const std::optional<delta::DeletionVector>& vector) {
  return vector ? vector->cardinality : 0;
}

class Counting {
 public:
  // What is said of a path by the newest add.
  struct Known {
    std::optional<int64_t> records;  // deleted ones too
    int64_t size = 0;
  };
  using Files = std::map<std::string, Known>;

  explicit Counting(Files files) : files_(std::move(files)) {}

  void Add(const delta::CommitEntry& commit) {
    if (AddChangeFiles(commit)) {
      for (const delta::Action& action : commit.actions) {
        if (const auto* add = std::get_if<delta::AddFile>(&action)) Know(*add);
      }
      return;
    }
    std::map<std::string, const delta::RemoveFile*> removes;
    for (const delta::Action& action : commit.actions) {
      const auto* remove = std::get_if<delta::RemoveFile>(&action);
      if (remove != nullptr && remove->data_change) removes[PercentDecode(remove->path)] = remove;
    }
    for (const delta::Action& action : commit.actions) {
      const auto* add = std::get_if<delta::AddFile>(&action);
      if (add == nullptr) continue;
      Know(*add);
      if (!add->data_change) continue;
      const auto pair = removes.find(PercentDecode(add->path));
      if (pair == removes.end()) {
        Add(Of(*add), add->deletion_vector);
        continue;
      }
      // Only its vector changed.
      const int64_t gone =
          DeletedBy(add->deletion_vector) - DeletedBy(pair->second->deletion_vector);
      amount_.rows += std::abs(gone);
      amount_.removed += std::max<int64_t>(gone, 0);
      removes.erase(pair);
    }
    for (const auto& [path, remove] : removes) AddRemoved(path, *remove);
  }

  const ChangedAmount& amount() const { return amount_; }

  static Known Of(const delta::AddFile& add) { return {delta::NumRecords(add), add.size}; }

 private:
  void Know(const delta::AddFile& add) { files_[PercentDecode(add.path)] = Of(add); }

  bool AddChangeFiles(const delta::CommitEntry& commit) {
    bool any = false;
    for (const delta::Action& action : commit.actions) {
      const auto* changes = std::get_if<delta::AddCdcFile>(&action);
      if (changes == nullptr) continue;
      amount_.bytes += std::max<int64_t>(changes->size, 0);
      any = true;
    }
    return any;
  }

  void AddRemoved(const std::string& path, const delta::RemoveFile& remove) {
    const auto known = files_.find(path);
    const int64_t others = amount_.rows;
    Add(known != files_.end() ? known->second : Known{std::nullopt, remove.size.value_or(0)},
        remove.deletion_vector);
    amount_.removed += amount_.rows - others;
  }
  void Add(const Known& file, const std::optional<delta::DeletionVector>& vector) {
    if (file.records) {
      amount_.rows += std::max<int64_t>(*file.records - DeletedBy(vector), 0);
    } else {
      amount_.bytes += std::max<int64_t>(file.size, 0);
    }
  }

  Files files_;
  ChangedAmount amount_;
};

// Paths of files that the commits remove and do not keep with another vector.
std::set<std::string> RemovedPaths(const std::vector<delta::CommitEntry>& commits) {
  std::set<std::string> paths;
  for (const delta::CommitEntry& commit : commits) {
    for (const delta::Action& action : commit.actions) {
      const auto* remove = std::get_if<delta::RemoveFile>(&action);
      if (remove != nullptr && remove->data_change) paths.insert(PercentDecode(remove->path));
    }
    for (const delta::Action& action : commit.actions) {
      const auto* add = std::get_if<delta::AddFile>(&action);
      if (add != nullptr) paths.erase(PercentDecode(add->path));
    }
  }
  return paths;
}

}  // namespace

Result<ChangedAmount> ChangedRows(delta::Table& table, delta::Version before,
                                  const std::vector<delta::CommitEntry>& commits) {
  Counting::Files files;
  const auto removed = RemovedPaths(commits);
  if (!removed.empty()) {
    ASSIGN_OR_RETURN(const delta::SnapshotPtr snapshot, table.At({before, std::nullopt}));
    snapshot->ForEachFile([&](const delta::AddFile& add) {
      const std::string path = PercentDecode(add.path);
      if (removed.contains(path)) files[path] = Counting::Of(add);
    });
  }
  Counting counting(std::move(files));
  for (const delta::CommitEntry& commit : commits) counting.Add(commit);
  return counting.amount();
}

}  // namespace penstock::run
