#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace penstock::sql {

// One "value unit [TO unit]" of an INTERVAL literal; units in lower case, empty when not written.
struct IntervalPart {
  std::string value;
  std::string unit;
  std::string to_unit;
};

bool IsIntervalUnit(std::string_view word);

// The interval as text that the engine reads: "1 day 2 hour". Fails with BAD_INTERVAL.
Result<std::string> IntervalText(const std::vector<IntervalPart>& parts);

}  // namespace penstock::sql
