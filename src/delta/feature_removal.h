#pragma once

#include <optional>

#include "base/result.h"
#include "delta/alter.h"

// ALTER TABLE … DROP FEATURE (PROTOCOL.md, "Removing Features").
namespace penstock::delta {

// CANNOT_DROP_FEATURE says what stands in the way and what to run first; FEATURE_NOT_FOUND.
// Properties that switch the feature on are unset with it.
Result<std::optional<Alteration>> PlanFeatureRemoval(const TableState& table,
                                                     const DropFeature& request);
// Whether DROP FEATURE can take it away at all.
bool CanDrop(std::string_view feature);

}  // namespace penstock::delta
