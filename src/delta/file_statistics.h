#pragma once

#include <optional>
#include <string>
#include <vector>

#include "delta/actions.h"
#include "delta/comparable_value.h"

namespace penstock::delta {

// What a file's statistics say of one column (PROTOCOL.md, "Per-file Statistics"). Bounds hold
// every value of the column that can be compared; what is missing is not known.
struct ColumnBounds {
  std::optional<ComparableValue> min;
  std::optional<ComparableValue> max;
  // Texts with `max` at their front may be above it: it was cut off there.
  bool max_is_prefix = false;
  // Both bounds may be values that no row has.
  bool loose = false;
  bool all_null = false;
  bool none_null = false;
};

// `path` is the column's in data files. Statistics that cannot be read say nothing.
ColumnBounds BoundsOf(const AddFile& file, const std::vector<std::string>& path,
                      const DataType& type);

}  // namespace penstock::delta
