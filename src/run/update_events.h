#pragma once

#include <string>

#include "graph/selection.h"
#include "run/context.h"

namespace penstock::run {

// The events that open an update and tell what it found.
void AddCreateUpdate(UpdateContext& context, const Selection& selection);
void AddDefinitions(UpdateContext& context);
void AddUpdateState(UpdateContext& context, const std::string& state, events::Level level);

// What the definitions hold that works, but not as their author may expect: one warning each.
void WarnOfDefinitions(UpdateContext& context);

// Tables in the storage that this pipeline made and no longer defines: one warning each. Their data
// stays.
void WarnOfDroppedDefinitions(UpdateContext& context);

}  // namespace penstock::run
