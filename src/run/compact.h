#pragma once

#include "run/context.h"

namespace penstock::run {

// At the end of an update: tables of the pipeline in which small files have piled up are compacted,
// one after the other. Rows stay as they are, so nothing that reads the tables sees a change. What
// goes wrong is an event and never the update's failure. A table's property
// delta.autoOptimize.autoCompact = false, or penstock.autoCompact = false in the project's
// configuration, turns it off.
void CompactSmallFiles(UpdateContext& context);

}  // namespace penstock::run
