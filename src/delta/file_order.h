#pragma once

#include <vector>

#include "delta/packed_file.h"

namespace penstock::delta {

// Orders by key and leaves one file of each: the last add, else the last remove. Returns the
// others. What is in order already costs one pass.
std::vector<PackedFile> OrderFiles(std::vector<PackedFile>* files);

}  // namespace penstock::delta
