#pragma once

#include <string>

#include "model/project.h"

namespace penstock::run {

// What a workspace for tables by path is opened with: relative paths start at `folder` (absolute),
// and the storage root, below the system's temporary folder, takes no tables.
model::Project NoProject(std::string folder);

// The current folder, absolute.
std::string CurrentFolder();

}  // namespace penstock::run
