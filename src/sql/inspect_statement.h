#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/result.h"
#include "model/dataset.h"
#include "model/project.h"

// What `penstock sql` is given: a query, or a question about the tables.
namespace penstock::sql {

// SHOW TABLES|VIEWS [IN schema] [[LIKE] 'pattern']
struct ShowTables {
  std::vector<std::string> schema;     // one or two parts; empty: the project's
  std::optional<std::string> pattern;  // Spark's: * stands for any text, | separates patterns
  bool views_only = false;
  bool operator==(const ShowTables&) const = default;
};
// DESCRIBE [TABLE] [EXTENDED] t
struct DescribeTable {
  std::vector<std::string> name;  // one to three parts
  bool extended = false;
  bool operator==(const DescribeTable&) const = default;
};
using InspectStatement = std::variant<ShowTables, DescribeTable, model::QueryText>;

// Reads one statement, a semicolon behind it allowed; `${key}` is replaced from the project's
// configuration. UNSUPPORTED_STATEMENT for what would change something.
Result<InspectStatement> ParseInspectStatement(std::string_view text,
                                               const model::Project& project);

}  // namespace penstock::sql
