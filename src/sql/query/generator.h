#pragma once

#include <string>
#include <vector>

#include "sql/query/rewrite.h"

// Spark's functions that give several rows or columns, as items of a select list of the engine.
namespace penstock::sql {

struct GeneratorCall {
  std::string name;    // lower case: explode, posexplode_outer …
  bool outer = false;  // keeps a row without elements, with NULLs
  std::vector<Fragment> arguments;
  size_t original = 0;  // offset of the name in the user's text
};

bool IsGenerator(const std::string& lower_name);

// "unnest(x) AS "col"": the items of a select list, named by `aliases` or as Spark names them.
Fragment GeneratorColumns(const GeneratorCall& call, const std::vector<std::string>& aliases);

}  // namespace penstock::sql
