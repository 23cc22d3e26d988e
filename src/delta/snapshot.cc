#include "delta/snapshot.h"

#include <utility>

namespace penstock::delta {

Snapshot::Snapshot(TableState state) : state_(std::move(state)) {}

const std::vector<AddFile>& Snapshot::files() const {
  std::call_once(files_once_, [this] {
    files_.reserve(static_cast<size_t>(NumFiles()));
    ForEachFile([this](const AddFile& file) { files_.push_back(file); });
  });
  return files_;
}

void Snapshot::ForEachFile(const std::function<void(const AddFile&)>& visit) const {
  AddFile add;
  state_.files.ForEach([&](PackedFile file) {
    if (!file.active()) return;
    file.Read(&add);
    visit(add);
  });
}

std::optional<int64_t> Snapshot::TransactionVersion(const std::string& app_id) const {
  if (state_.transactions == nullptr) return std::nullopt;
  const auto found = state_.transactions->find(app_id);
  if (found == state_.transactions->end()) return std::nullopt;
  return found->second.version;
}

const DomainMetadata* Snapshot::DomainMetadataOf(const std::string& name) const {
  if (state_.domains == nullptr) return nullptr;
  const auto found = state_.domains->find(name);
  return found == state_.domains->end() || found->second.removed ? nullptr : &found->second;
}

std::optional<int64_t> Snapshot::NumRecords() const {
  const int64_t records = state_.files.num_records();
  return records < 0 ? std::nullopt : std::optional(records);
}

}  // namespace penstock::delta
