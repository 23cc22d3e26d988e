#pragma once

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "base/data_type.h"

// SQL that makes an array, map or struct anew from its parts; NULL stays NULL.
namespace penstock::lake {

// The new text of a part: 0 is an array's element; 0 and 1 a map's key and value; a struct's fields
// in order. `value` is the part as it is.
using PartSql = std::function<std::string(size_t part, const std::string& value)>;

// `depth` is how many nested values stand around this one; parts are one deeper.
std::string RebuiltArray(const std::string& value, int depth, const PartSql& part);
std::string RebuiltMap(const std::string& value, int depth, const PartSql& part);
// `names`: what each field is called, and what it is to be called.
std::string RebuiltStruct(const std::string& value,
                          const std::vector<std::pair<std::string, std::string>>& names,
                          const PartSql& part);
// Whichever of them the type is, with its own names; it is one of them.
std::string RebuiltValue(const std::string& value, const DataType& type, int depth,
                         const PartSql& part);
bool IsNested(const DataType& type);

}  // namespace penstock::lake
