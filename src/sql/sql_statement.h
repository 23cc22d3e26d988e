#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/result.h"
#include "model/dataset.h"
#include "model/project.h"
#include "sql/table_statement.h"

// What `penstock sql` is given: queries, changes of tables, and questions about them.
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
  std::vector<std::string> name;  // one to three parts, or "delta" and a path
  bool extended = false;
  bool operator==(const DescribeTable&) const = default;
};
// EXPLAIN query
struct ExplainQuery {
  model::QueryText query;
  bool operator==(const ExplainQuery&) const = default;
};
using SqlStatement =
    std::variant<ShowTables, DescribeTable, ExplainQuery, model::QueryText, TableStatement>;

// A statement with what SET and USE before it made of its surroundings.
struct ScriptStatement {
  SqlStatement statement;
  std::map<std::string, std::string> configuration;
  std::string catalog;
  std::string schema;
  SourceLocation where;
};

// Reads statements separated by semicolons; `${key}` is replaced from the configuration. An error
// in any of them is the result: nothing of a script that cannot be read is run. MISSING_QUERY when
// there is none; UNSUPPORTED_STATEMENT for what is known and not supported.
Result<std::vector<ScriptStatement>> ParseScript(std::string_view text,
                                                 const model::Project& project);

}  // namespace penstock::sql
