#pragma once

#include <map>
#include <span>
#include <string>

#include "base/result.h"
#include "model/dataset.h"
#include "sql/text_places.h"
#include "sql/token.h"

namespace penstock::sql {

// The part of a file from the first to the last of `tokens` (not empty, without kEnd) with each
// ${key} replaced from `configuration`. Outside of strings a value is inserted as it is written;
// inside a string or quoted name it becomes part of that string, quotes and backslashes escaped.
// $${key} inside a string stays ${key}. Comments are left alone. PARAMETER_NOT_FOUND proposes the
// nearest key.
Result<model::QueryText> ReplaceParameters(std::string_view file_text, const TextPlaces& places,
                                           std::span<const Token> tokens,
                                           const std::map<std::string, std::string>& configuration,
                                           model::Dialect dialect);

}  // namespace penstock::sql
