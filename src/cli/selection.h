#pragma once

#include "cli/command_line.h"
#include "run/project_run.h"

namespace penstock::cli {

// The tables that the options of run and plan name.
run::Selection ToSelection(const SelectionOptions& options);

}  // namespace penstock::cli
