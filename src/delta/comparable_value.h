#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/data_type.h"

namespace penstock::delta {

// A value of a partition, a statistic or a condition in a form that can be compared: whole numbers,
// booleans, days, microseconds and unscaled decimals as `number`, fractions as `real`, texts as
// `text`. Which, is a matter of the type.
struct ComparableValue {
  __int128 number = 0;
  double real = 0;
  std::string text;
  bool operator==(const ComparableValue&) const = default;
};

// Below 0: a < b; both of one type.
int Compare(const ComparableValue& a, const ComparableValue& b);

// From the text of a partition value, of a JSON number or of Comparison::values. Nothing when the
// text is no such value, or when its order is not that of the engine (NaN, binary, nested). An
// instant without zone is one of UTC.
std::optional<ComparableValue> ParseComparable(std::string_view text, const DataType& type);

bool IsFraction(const DataType& type);
bool IsTime(const DataType& type);  // an instant or a local time

}  // namespace penstock::delta
