#pragma once

#include <string>

#include "run/project_run.h"

namespace penstock::run {

// For people: the operators, how the view is refreshed, and each step with its operators and SQL.
std::string ToString(const ViewExplanation& view);

}  // namespace penstock::run
