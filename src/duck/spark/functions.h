#pragma once

#include <set>
#include <string>
#include <string_view>
#include <vector>

// The pack of Spark functions: macros kept in functions.sql, each under a name that begins
// with "spark_". Making all of them takes longer than many a query, so a session makes those that a
// query mentions.
namespace penstock::duck {

// Statements that make the functions of the pack which `sql` mentions, and those they call, without
// the ones in `made`; adds their names to `made`. Empty when none is lacking. Thread-safe as far as
// `made` is.
std::string SparkFunctionsFor(std::string_view sql, std::set<std::string>* made);

// Names of all macros of the pack, sorted.
std::vector<std::string> SparkFunctionNames();

// Names of the scalar functions that the engine is given in C++, sorted.
std::vector<std::string> SparkScalarFunctionNames();

}  // namespace penstock::duck
