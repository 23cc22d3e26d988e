// Commit files and _last_checkpoint as a stranger may have written them: reading never crashes, and
// what was read is written and read back as the same.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "delta/action_json.h"
#include "delta/checkpoint.h"
#include "delta/log_path.h"
#include "delta/properties.h"
#include "delta/replay.h"

namespace {

using penstock::delta::Action;

void Require(bool holds) {
  if (!holds) std::abort();
}

void ReadCommit(std::string_view text) {
  const auto actions = penstock::delta::DecodeCommit(text, "commit");
  if (!actions.ok()) return;
  const auto again =
      penstock::delta::DecodeCommit(penstock::delta::EncodeCommit(*actions), "again");
  Require(again.ok() && *again == *actions);
  const auto state = penstock::delta::Apply({}, 0, *actions, 1);
  if (!penstock::delta::CheckComplete(state).ok()) return;
  (void)penstock::delta::CheckpointActions(state, 1);
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
  (void)penstock::delta::ParseLogFileName(text);
  (void)penstock::delta::ParseIntervalMs(text);
  return 0;
}
