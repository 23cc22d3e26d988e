#pragma once

#include <span>
#include <string>
#include <string_view>

#include "base/result.h"
#include "delta/actions.h"

// The `delta.` properties that may be set on a table, one row each.
namespace penstock::delta {

enum class PropertyKind {
  kBoolean,
  kCount,     // 0 or more
  kPositive,  // 1 or more
  kIndexed,   // -1 or more
  kInterval,  // "interval 7 days"
  kBytes,     // "128mb", "134217728"
  kChoice,
  kText,
};

struct TableProperty {
  std::string_view name;
  PropertyKind kind;
  std::string_view default_value;
  std::string_view choices;  // of kChoice: "none,name,id"
  std::string_view meaning;
};

std::span<const TableProperty> TableProperties();

// The settings with the names of `delta.` properties as the protocol spells them. UNKNOWN_PROPERTY
// proposes the nearest name, BAD_PROPERTY names the value and what is possible. Properties without
// the prefix are the user's own and stay.
Result<Configuration> CheckedProperties(const Configuration& properties);

}  // namespace penstock::delta
