#include <algorithm>
#include <utility>

#include "base/text.h"
#include "delta/checkpoint.h"
#include "delta/log_cleanup.h"
#include "delta/log_path.h"
#include "delta/properties.h"
#include "delta/table.h"
#include "delta/table_features.h"

namespace penstock::delta {

namespace {

constexpr int64_t kMicrosPerMs = 1000;
// Above so many files a V2 checkpoint has them in sidecars of so many.
constexpr int64_t kFilesOfSidecar = 500'000;

// Passes actions on and counts them.
class Counting : public CheckpointSink {
 public:
  explicit Counting(CheckpointSink& to) : to_(to) {}

  Status OnAction(const Action& action) override {
    ++count_;
    return to_.OnAction(action);
  }
  Status OnSidecar(const Sidecar& sidecar) override {
    ++count_;
    return to_.OnSidecar(sidecar);
  }
  Status OnMetadata(const CheckpointMetadata& metadata) override {
    ++count_;
    return to_.OnMetadata(metadata);
  }
  int64_t count() const { return count_; }

 private:
  CheckpointSink& to_;
  int64_t count_ = 0;
};

// Lets the actions from `first` to before `last` through.
class Window : public CheckpointSink {
 public:
  Window(CheckpointSink& to, int64_t first, int64_t last) : to_(to), first_(first), last_(last) {}

  Status OnAction(const Action& action) override {
    const int64_t at = at_++;
    return at < first_ || at >= last_ ? OkStatus() : to_.OnAction(action);
  }
  Status OnSidecar(const Sidecar&) override { return OkStatus(); }
  Status OnMetadata(const CheckpointMetadata&) override { return OkStatus(); }
  int64_t seen() const { return at_; }

 private:
  CheckpointSink& to_;
  const int64_t first_;
  const int64_t last_;
  int64_t at_ = 0;
};

CheckpointShape ShapeOf(const TableState& state) {
  CheckpointShape shape;
  shape.v2 = WritesV2Checkpoints(*state.protocol, *state.metadata);
  const StatsForms forms = CheckpointStatsForms(*state.metadata);
  shape.stats_as_json = forms.json;
  if (forms.structs) shape.parsed_of = *state.metadata;
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
  Status WriteClassic() {
    return codec_.WriteCheckpoint(CheckpointPath(folder_, state_.version), shape_,
                                  [&](CheckpointSink& to) -> Status {
                                    Counting sink(to);
                                    RETURN_IF_ERROR(VisitTableActions(state_, sink));
                                    RETURN_IF_ERROR(VisitFileActions(state_, now_ms_, sink));
                                    last_.num_actions = sink.count();
                                    return OkStatus();
                                  });
  }

  // The sidecars first: a checkpoint that can be found is whole.
  Status WriteV2() {
    std::vector<Sidecar> sidecars;
    if (state_.files.num_active() > kFilesOfSidecar) {
      ASSIGN_OR_RETURN(sidecars, WriteSidecars());
    }
    const std::string path = NewUuidCheckpointPath(folder_, state_.version);
    last_.v2_name = io::BaseName(path);
    return codec_.WriteCheckpoint(path, shape_, [&](CheckpointSink& to) -> Status {
      Counting sink(to);
      RETURN_IF_ERROR(sink.OnMetadata({state_.version}));
      RETURN_IF_ERROR(VisitTableActions(state_, sink));
      for (const Sidecar& sidecar : sidecars) RETURN_IF_ERROR(sink.OnSidecar(sidecar));
      if (sidecars.empty()) RETURN_IF_ERROR(VisitFileActions(state_, now_ms_, sink));
      last_.num_actions += sink.count();
      return OkStatus();
    });
  }

  Result<std::vector<Sidecar>> WriteSidecars() {
    std::vector<Sidecar> sidecars;
    int64_t seen = 1;
    for (int64_t first = 0; first < seen; first += kFilesOfSidecar) {
      const std::string name = NewUuid() + ".parquet";
      const std::string path = SidecarPath(folder_, name);
      const auto fill = [&](CheckpointSink& to) -> Status {
        Window window(to, first, first + kFilesOfSidecar);
        Status visited = VisitFileActions(state_, now_ms_, window);
        seen = window.seen();
        return visited;
      };
      RETURN_IF_ERROR(codec_.WriteCheckpoint(path, shape_, fill));
      ASSIGN_OR_RETURN(const auto file, storage_.Stat(path));
      if (!file) return InternalError("a sidecar was written and is not there: " + path);
      sidecars.push_back({name, file->size, file->modified / kMicrosPerMs});
    }
    last_.num_actions = seen;
    return sidecars;
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
