#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace penstock::sql {

// What stands around the operand of a cast to one of Spark's types.
struct CastPlan {
  std::string before;  // "spark_int("
  std::string after;   // ")"
};

// `type` as the user wrote it; `lenient` gives NULL instead of an error. Fails with UNKNOWN_TYPE.
Result<CastPlan> PlanCast(std::string_view type, bool lenient);

}  // namespace penstock::sql
