#pragma once

#include <string_view>

#include "base/result.h"
#include "delta/replay.h"

namespace penstock::delta {

// Whether `state` is what the checksum file of its version says (PROTOCOL.md, "Version Checksum
// File"): number and size of files, protocol, metadata, transactions and domains, as far as
// the text has them. CHECKSUM_MISMATCH names `file`, the field and both values. A text
// that cannot be read says nothing.
Status CheckAgainstChecksum(const TableState& state, std::string_view text, std::string_view file);

}  // namespace penstock::delta
