#pragma once

#include <duckdb.h>

#include "duck/scan/scan_block.h"

namespace penstock::duck {

// Keeps the block alive as long as the string vector (and what shares its strings) lives, so that
// strings may point into the block instead of being copied.
void KeepAlive(duckdb_vector vector, const BlockPtr& block);

}  // namespace penstock::duck
