#include <algorithm>
#include <utility>

#include "base/text.h"
#include "delta/checkpoint.h"
#include "delta/log_cleanup.h"
#include "delta/log_path.h"
#include "delta/properties.h"
#include "delta/table.h"
#include "delta/table_features.h"
#include "delta/unknown_fields.h"

namespace penstock::delta {

namespace {

constexpr int64_t kMicrosPerMs = 1000;
// Above so many files a V2 checkpoint has them in sidecars of so many.
constexpr int64_t kFilesOfSidecar = 500'000;
// A checkpoint of so many files takes about as long as a commit.
constexpr int64_t kFilesAtOnce = 1'000;

// What is not of a file first, then up to so many actions of files; counts what it gives.
class Content {
 public:
  Content(std::vector<CheckpointItem> first, FileActions* files, int64_t limit)
      : first_(std::move(first)), files_(files), limit_(limit) {}

  bool Next(CheckpointItem& item) {
    if (count_ < first_.size()) {
      item = std::move(first_[count_++]);
      return true;
    }
    if (files_ == nullptr || static_cast<int64_t>(count_ - first_.size()) == limit_) return false;
    auto* const action = std::get_if<Action>(&item);
    const bool more = files_->Next(action != nullptr ? *action : item.emplace<Action>());
    count_ += more ? 1 : 0;
    return more;
  }
  CheckpointContent AsContent() {
    return [this](CheckpointItem& item) { return Next(item); };
  }
  int64_t count() const { return static_cast<int64_t>(count_); }

 private:
  std::vector<CheckpointItem> first_;
  FileActions* files_;
  int64_t limit_;
  size_t count_ = 0;
};

bool IsSmall(const FileSet& files) {
  FileSet::Cursor cursor(files);
  int64_t count = 0;
  while (count <= kFilesAtOnce && cursor.Next()) ++count;
  return count <= kFilesAtOnce;
}

CheckpointShape ShapeOf(const TableState& state) {
  CheckpointShape shape;
  shape.v2 = WritesV2Checkpoints(*state.protocol, *state.metadata);
  const StatsForms forms = CheckpointStatsForms(*state.metadata);
  shape.stats_as_json = forms.json;
  if (forms.structs) shape.parsed_of = *state.metadata;
  UnknownFields unknown = UnknownFieldsOf(state.files);
  shape.unknown_of_adds = std::move(unknown.of_adds);
  shape.unknown_of_removes = std::move(unknown.of_removes);
  return shape;
}

class CheckpointWriter {
 public:
  CheckpointWriter(io::Storage& storage, CheckpointCodec& codec, std::string folder,
                   const TableState& state, int64_t now_ms)
      : storage_(storage),
        codec_(codec),
        folder_(std::move(folder)),
        state_(state),
        shape_(ShapeOf(state)),
        now_ms_(now_ms) {}

  Result<LastCheckpoint> Write() {
    last_.version = state_.version;
    last_.num_adds = state_.files.num_active();
    RETURN_IF_ERROR(shape_.v2 ? WriteV2() : WriteClassic());
    return last_;
  }

 private:
  std::vector<CheckpointItem> FirstItems() const {
    std::vector<CheckpointItem> items;
    if (shape_.v2) items.emplace_back(CheckpointMetadata{state_.version});
    for (Action& action : TableActions(state_)) items.emplace_back(std::move(action));
    return items;
  }

  Status WriteFile(const std::string& path, std::vector<CheckpointItem> first, FileActions* files,
                   int64_t limit = INT64_MAX) {
    Content content(std::move(first), files, limit);
    RETURN_IF_ERROR(codec_.WriteCheckpoint(path, shape_, content.AsContent()));
    last_.num_actions += content.count();
    return OkStatus();
  }

  Status WriteClassic() {
    FileActions files(state_, now_ms_);
    return WriteFile(CheckpointPath(folder_, state_.version), FirstItems(), &files);
  }

  // The sidecars first: a checkpoint that can be found is whole.
  Status WriteV2() {
    FileActions files(state_, now_ms_);
    std::vector<CheckpointItem> items = FirstItems();
    const bool in_sidecars = state_.files.num_active() > kFilesOfSidecar;
    while (in_sidecars && !files.AtEnd()) {
      ASSIGN_OR_RETURN(Sidecar sidecar, WriteSidecar(files));
      items.emplace_back(std::move(sidecar));
    }
    const std::string path = NewUuidCheckpointPath(folder_, state_.version);
    last_.v2_name = io::BaseName(path);
    return WriteFile(path, std::move(items), &files);
  }

  Result<Sidecar> WriteSidecar(FileActions& files) {
    const std::string name = NewUuid() + ".parquet";
    const std::string path = SidecarPath(folder_, name);
    RETURN_IF_ERROR(WriteFile(path, {}, &files, kFilesOfSidecar));
    ASSIGN_OR_RETURN(const auto file, storage_.Stat(path));
    if (!file) return InternalError("a sidecar was written and is not there: " + path);
    return Sidecar{name, file->size, file->modified / kMicrosPerMs};
  }

  io::Storage& storage_;
  CheckpointCodec& codec_;
  const std::string folder_;
  const TableState& state_;
  const CheckpointShape shape_;
  const int64_t now_ms_;
  LastCheckpoint last_;
};

}  // namespace

bool Table::CheckpointDue(const Snapshot& snapshot, Version version) {
  return version > 0 && version % CheckpointInterval(snapshot.metadata()) == 0;
}

Status Table::CheckpointIfDue() {
  Version committed = -1;
  {
    const std::lock_guard lock(mutex_);
    committed = std::exchange(committed_, -1);
  }
  if (committed < 0) return OkStatus();
  ASSIGN_OR_RETURN(SnapshotPtr snapshot, Latest());
  if (!CheckpointDue(*snapshot, committed)) return OkStatus();
  if (IsSmall(snapshot->state().files)) return WriteCheckpoint(snapshot);
  return checkpoints_.Want(std::move(snapshot));
}

Status Table::WriteCheckpoint(const SnapshotPtr& snapshot) {
  const TableState& state = snapshot->state();
  RETURN_IF_ERROR(CheckWritable(*state.protocol, *state.metadata));
  RETURN_IF_ERROR(log_.Verify(state));
  const std::string& folder = log_.folder();
  const int64_t now_ms = clock_->Now() / kMicrosPerMs;
  CheckpointWriter writer(*storage_, *codec_, folder, state, now_ms);
  ASSIGN_OR_RETURN(const LastCheckpoint last, writer.Write());
  const std::string hint_path = LastCheckpointPath(folder);
  ASSIGN_OR_RETURN(const auto hint_file, storage_->Stat(hint_path));
  const Result<std::string> text = storage_->Read(hint_path);
  const auto existing = text.ok() ? DecodeLastCheckpoint(*text) : std::nullopt;
  if (existing && existing->version > state.version) return OkStatus();
  RETURN_IF_ERROR(storage_->Write(hint_path, EncodeLastCheckpoint(last)));
  if (!hint_file || !CutoffMoved(hint_file->modified / kMicrosPerMs, now_ms)) return OkStatus();
  return CleanLog(*storage_, *codec_, folder, state, now_ms);
}

}  // namespace penstock::delta
