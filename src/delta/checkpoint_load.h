#pragma once

#include <cstdint>
#include <string>

#include "base/result.h"
#include "delta/checkpoint.h"
#include "delta/log_listing.h"
#include "delta/replay.h"
#include "io/storage.h"

namespace penstock::delta {

// The state that a checkpoint holds, from all its files and their sidecars, with the time
// `timestamp_ms`. CORRUPT_CHECKPOINT names the file that is not as it must be: without the one
// protocol and metaData action, of another version, a sidecar of another size, with file actions
// both in itself and in sidecars.
Result<TableState> LoadCheckpoint(io::Storage& storage, CheckpointCodec& codec,
                                  const std::string& log_folder, const CheckpointFiles& checkpoint,
                                  int64_t timestamp_ms);

}  // namespace penstock::delta
