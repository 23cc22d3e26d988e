// Commit files, JSON checkpoints, checksum files and _last_checkpoint as a stranger may have
// written them: reading never crashes, and what was read is written and read back as the same.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "delta/action_json.h"
#include "delta/checkpoint.h"
#include "delta/log_path.h"
#include "delta/properties.h"
#include "delta/replay.h"
#include "delta/version_checksum.h"

namespace {

using penstock::delta::Action;

void Require(bool holds) {
  if (!holds) std::abort();
}

// What is read as a checkpoint, as lines again.
struct Lines : penstock::delta::CheckpointSink {
  penstock::Status OnAction(const Action& action) override {
    text += penstock::delta::EncodeCommit({action});
    return penstock::OkStatus();
  }
  penstock::Status OnSidecar(const penstock::delta::Sidecar& sidecar) override {
    Require(penstock::delta::SidecarPath("/l", sidecar.path).starts_with("/l/_sidecars/"));
    text += penstock::delta::EncodeCheckpointLine(sidecar);
    return penstock::OkStatus();
  }
  penstock::Status OnMetadata(const penstock::delta::CheckpointMetadata& metadata) override {
    text += penstock::delta::EncodeCheckpointLine(metadata);
    return penstock::OkStatus();
  }
  std::string text;
};

void ReadCheckpoint(std::string_view text) {
  Lines lines;
  if (!penstock::delta::DecodeJsonCheckpoint(text, "checkpoint", lines).ok()) return;
  Lines again;
  Require(penstock::delta::DecodeJsonCheckpoint(lines.text, "again", again).ok());
}

void ReadCommit(std::string_view text) {
  const auto actions = penstock::delta::DecodeCommit(text, "commit");
  if (!actions.ok()) return;
  const auto again =
      penstock::delta::DecodeCommit(penstock::delta::EncodeCommit(*actions), "again");
  Require(again.ok() && *again == *actions);
  const auto state = penstock::delta::Apply({}, 0, *actions, 1);
  if (!penstock::delta::CheckComplete(state).ok()) return;
  Lines lines;
  for (const Action& action : penstock::delta::TableActions(state)) {
    Require(lines.OnAction(action).ok());
  }
  penstock::delta::FileActions files(state, 1);
  for (Action action; files.Next(action);) Require(lines.OnAction(action).ok());
  Lines again_lines;
  Require(penstock::delta::DecodeJsonCheckpoint(lines.text, "again", again_lines).ok());
  Require(again_lines.text == lines.text);
  (void)penstock::delta::CheckAgainstChecksum(state, text, "crc");
}

void ReadLastCheckpoint(std::string_view text) {
  const auto last = penstock::delta::DecodeLastCheckpoint(text);
  if (!last) return;
  Require(penstock::delta::DecodeLastCheckpoint(penstock::delta::EncodeLastCheckpoint(*last)) ==
          last);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  ReadCommit(text);
  ReadLastCheckpoint(text);
  ReadCheckpoint(text);
  (void)penstock::delta::ParseLogFileName(text);
  (void)penstock::delta::ParseIntervalMs(text);
  return 0;
}
