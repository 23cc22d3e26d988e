#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/data_type.h"

// Names, texts and types as the engine reads them in SQL.
namespace penstock {

// "a""b", 'it''s'
std::string QuoteIdentifier(std::string_view name);
std::string QuoteLiteral(std::string_view text);
// ['a', 'b']
std::string QuoteList(const std::vector<std::string>& texts);

// The engine's name of a type: "BIGINT", "TIMESTAMP WITH TIME ZONE", "STRUCT("a" INTEGER)".
std::string EngineType(const DataType& type);

}  // namespace penstock
