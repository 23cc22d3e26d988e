#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace penstock::duck {

// For a column that does not exist but bears the name of its own alias (CAST(amout AS INT) AS
// amout) the engine says neither the place nor what was meant. If `message` is such an error: `sql`
// with that alias written otherwise, no offset moved, so that asking again gives the error wanted.
std::optional<std::string> WithOtherAlias(std::string_view sql, std::string_view message);

}  // namespace penstock::duck
