#pragma once

#include <cstdint>
#include <memory>

#include "duck/scan/file_scan.h"

namespace penstock::duck {

// The scan that penstock_scan(id) reads; null when it is over. Any thread.
std::shared_ptr<FileScan::State> FindScan(int64_t id);

}  // namespace penstock::duck
