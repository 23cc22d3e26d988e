#include "delta/checkpoint_load.h"

#include <utility>
#include <variant>
#include <vector>

#include "delta/log_path.h"

namespace penstock::delta {

namespace {

Error CorruptCheckpoint(const std::string& path, const std::string& what) {
  return DataError("CORRUPT_CHECKPOINT", "the checkpoint '" + path + "' " + what,
                   "Delete this file: the table is read by an older checkpoint or its commits, if "
                   "they are still there.");
}

bool IsFileAction(const Action& action) {
  return std::holds_alternative<AddFile>(action) || std::holds_alternative<RemoveFile>(action);
}

// Takes what the files of one checkpoint give.
class Loader : public CheckpointSink {
 public:
  explicit Loader(Version version) : version_(version), replay_({}) {}

  Status OnAction(const Action& action) override {
    if (IsFileAction(action)) {
      ++file_actions_;
    } else if (in_sidecar_) {
      return CorruptCheckpoint(path_, "is a sidecar and holds other actions than those of files");
    }
    protocols_ += std::holds_alternative<Protocol>(action) ? 1 : 0;
    metadatas_ += std::holds_alternative<Metadata>(action) ? 1 : 0;
    replay_.Take(action);
    return OkStatus();
  }
  Status OnSidecar(const Sidecar& sidecar) override {
    if (in_sidecar_ || sidecar.path.empty()) {
      return CorruptCheckpoint(path_, "names a sidecar that cannot be");
    }
    sidecars_.push_back(sidecar);
    return OkStatus();
  }
  Status OnMetadata(const CheckpointMetadata& metadata) override {
    ++descriptions_;
    if (metadata.version == version_) return OkStatus();
    return CorruptCheckpoint(path_, "says it is of version " + std::to_string(metadata.version));
  }

  void Begin(std::string path, bool in_sidecar) {
    path_ = std::move(path);
    in_sidecar_ = in_sidecar;
  }
  const std::vector<Sidecar>& sidecars() const { return sidecars_; }

  // After the files themselves, before their sidecars.
  Status CheckTopLevel(bool is_uuid) const {
    if (protocols_ != 1) {
      return CorruptCheckpoint(
          path_, "has " + std::to_string(protocols_) + " protocol actions instead of one");
    }
    if (metadatas_ != 1) {
      return CorruptCheckpoint(
          path_, "has " + std::to_string(metadatas_) + " metaData actions instead of one");
    }
    if (descriptions_ > 1 || (is_uuid && descriptions_ == 0)) {
      return CorruptCheckpoint(path_, "has " + std::to_string(descriptions_) +
                                          " checkpointMetadata actions instead of one");
    }
    if (file_actions_ > 0 && !sidecars_.empty()) {
      return CorruptCheckpoint(path_, "has actions of files both in itself and in sidecars");
    }
    return OkStatus();
  }

  TableState Done(int64_t timestamp_ms) && {
    return std::move(replay_).Done(version_, timestamp_ms);
  }

 private:
  const Version version_;
  Replay replay_;
  std::string path_;
  bool in_sidecar_ = false;
  std::vector<Sidecar> sidecars_;
  int64_t protocols_ = 0;
  int64_t metadatas_ = 0;
  int64_t descriptions_ = 0;
  int64_t file_actions_ = 0;
};

Status ReadFile(io::Storage& storage, CheckpointCodec& codec, const std::string& path,
                Loader& loader) {
  if (!path.ends_with(".json")) return codec.ReadCheckpoint(path, loader);
  ASSIGN_OR_RETURN(const std::string text, storage.Read(path));
  return DecodeJsonCheckpoint(text, path, loader);
}

Status ReadSidecar(io::Storage& storage, CheckpointCodec& codec, const std::string& log_folder,
                   const Sidecar& sidecar, Loader& loader) {
  const std::string path = SidecarPath(log_folder, sidecar.path);
  ASSIGN_OR_RETURN(const auto file, storage.Stat(path));
  if (!file) return CorruptCheckpoint(path, "is missing: it is a sidecar of one that names it");
  if (file->size != sidecar.size_in_bytes) {
    return CorruptCheckpoint(path, "has " + std::to_string(file->size) + " bytes instead of " +
                                       std::to_string(sidecar.size_in_bytes));
  }
  loader.Begin(path, true);
  return codec.ReadCheckpoint(path, loader);
}

}  // namespace

Result<TableState> LoadCheckpoint(io::Storage& storage, CheckpointCodec& codec,
                                  const std::string& log_folder, const CheckpointFiles& checkpoint,
                                  int64_t timestamp_ms) {
  Loader loader(checkpoint.version);
  bool is_uuid = false;
  for (const std::string& name : checkpoint.names) {
    is_uuid = is_uuid || std::holds_alternative<UuidCheckpoint>(ParseLogFileName(name));
    const std::string path = log_folder + "/" + name;
    loader.Begin(path, false);
    RETURN_IF_ERROR(ReadFile(storage, codec, path, loader));
  }
  RETURN_IF_ERROR(loader.CheckTopLevel(is_uuid));
  for (const Sidecar& sidecar : loader.sidecars()) {
    RETURN_IF_ERROR(ReadSidecar(storage, codec, log_folder, sidecar, loader));
  }
  return std::move(loader).Done(timestamp_ms);
}

}  // namespace penstock::delta
