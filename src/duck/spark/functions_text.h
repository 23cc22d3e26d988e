#pragma once

#include <string_view>

namespace penstock::duck {

// src/duck/spark/functions.sql as it was when the build was configured.
extern const std::string_view kSparkFunctionsText;

}  // namespace penstock::duck
