#pragma once

#include <optional>
#include <vector>

#include "base/result.h"
#include "delta/alter.h"

// ALTER TABLE … DROP FEATURE (PROTOCOL.md, "Removing Features").
namespace penstock::delta {

// CANNOT_DROP_FEATURE says what stands in the way and what to run first; FEATURE_NOT_FOUND.
// Properties that switch the feature on are unset with it. A feature that readers of older versions
// need leaves the feature checkpointProtection behind, which keeps the checkpoints that they would
// start from (Delta's documentation, "Drop Delta table features"), unless history is truncated.
Result<std::optional<Alteration>> PlanFeatureRemoval(const TableState& table,
                                                     const DropFeature& request);
// What the history of a table keeps of a feature: `entries`, newest first, down to the version of
// `oldest`. The newest version that needs the feature to be read; nothing: none of them does.
std::optional<Version> LastTrace(std::string_view feature, const TableState& oldest,
                                 const std::vector<CommitEntry>& entries);

// Whether DROP FEATURE can take it away at all.
bool CanDrop(std::string_view feature);

}  // namespace penstock::delta
