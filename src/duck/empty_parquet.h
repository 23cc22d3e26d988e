#pragma once

#include <string>

namespace penstock::duck {

// A Parquet file without rows, in memory. The engine reads one file whose columns are given by name
// with a single thread, and several with all it has; so this one goes beside a large file. Lives as
// long as the process; empty when the system has no memory files. Thread-safe.
const std::string& EmptyParquetPath();

}  // namespace penstock::duck
