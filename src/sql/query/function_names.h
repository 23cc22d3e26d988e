#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

// What is known of functions by name: Spark's that the pack has under another name, and Spark's
// that are not there.
namespace penstock::sql {

// The pack's name for one of Spark's functions ("substring" → "spark_substring"), or nothing when
// the name stays.
std::optional<std::string> PackName(std::string_view lower_name);

// Why one of Spark's functions is not there and what to use instead, or nothing.
std::optional<std::string> MissingFunction(std::string_view lower_name);

bool IsAggregate(std::string_view lower_name);
bool IsTimeDependent(std::string_view lower_name);
bool IsNondeterministic(std::string_view lower_name);

// Every name of Spark's that the pack gives under another name, sorted.
std::vector<std::string> RenamedFunctions();

// Every name of Spark's that is known not to be there, sorted.
std::vector<std::string> MissingFunctions();

}  // namespace penstock::sql
