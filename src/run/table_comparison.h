#pragma once

#include <string>

#include "base/data_type.h"
#include "duck/engine.h"
#include "run/project_run.h"

namespace penstock::run {

// Compares the relations "kept" and "computed" of the connection, both with `columns`, as
// multisets; floating-point numbers are the same up to 1e-9 of their size. Sets result, counts and
// examples.
Status CompareTables(duck::Connection& connection, const Schema& columns,
                     TableVerification* outcome);

}  // namespace penstock::run
