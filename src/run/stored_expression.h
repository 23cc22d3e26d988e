#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace penstock::run {

// An expression that a Delta table stores (constraint, generated column, default), which is Spark's
// SQL whatever the project's dialect, in the engine's.
Result<std::string> TranslateStored(std::string_view expression);

}  // namespace penstock::run
