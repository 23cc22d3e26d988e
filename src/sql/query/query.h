#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/result.h"
#include "model/dataset.h"
#include "model/project.h"

// A user's query, translated to the embedded engine's SQL with its inputs cut out.
namespace penstock::sql {

// A table, view or dataset by name: one to three parts as written; LIVE.t is {"LIVE", "t"} with
// live = true → {"t"}.
struct TableInput {
  std::vector<std::string> parts;
  std::optional<std::string> version;    // VERSION AS OF n / t@v3
  std::optional<std::string> timestamp;  // TIMESTAMP AS OF: constant SQL of the engine
};
// read_files(...), cloud_files(...), json.`/path`: format may be empty (to be detected).
struct FilesInput {
  std::string path;
  std::string format;
  bool cloud_files = false;  // cloud_files(…): column types are not inferred by default
  std::map<std::string, std::string> options =
      {};  // names as written, without the cloudFiles. prefix
};
// delta.`/path`
struct DeltaPathInput {
  std::string path;
  std::optional<std::string> version;
  std::optional<std::string> timestamp;
};

// table_changes('t', from[, to]): what changed of the table from one version or time to another.
struct ChangeEnd {
  std::string text;  // a number, or a time as constant SQL of the engine
  bool is_version = false;
};
struct ChangesOf {
  ChangeEnd from;
  std::optional<ChangeEnd> to;  // nothing: the newest version
};

struct Input {
  std::string placeholder;  // the relation name that stands for it in Query::text, e.g. __input_0
  bool streaming = false;   // STREAM t, STREAM(t), STREAM read_files, cloud_files
  std::variant<TableInput, FilesInput, DeltaPathInput> source;
  // WITH (skipChangeCommits = true) after a streamed table: names in lower case.
  std::map<std::string, std::string> options;
  std::optional<ChangesOf> changes;  // of the table instead of its rows
  bool uses_metadata = false;        // the query block that reads it mentions _metadata
  SourceLocation where;
};

// One operation that cannot be done on rows alone, found in a query that reads a stream.
struct StatefulUse {
  std::string
      what;  // "GROUP BY", "SELECT DISTINCT", "count(…)", "JOIN of two streams", "ORDER BY" …
  SourceLocation where;
};

// Maps offsets of the translated text to the user's.
struct SourceMap {
  struct Entry {
    size_t translated = 0;  // first offset in the translated text
    size_t original = 0;    // offset in the user's text
  };
  std::vector<Entry> entries;  // ascending by translated
  size_t Original(size_t translated) const;
};

struct Query {
  std::string
      text;  // engine SQL; inputs appear as their placeholders (quoted), one for each reference
  std::vector<Input> inputs;
  std::vector<StatefulUse> stateful;  // only what concerns streaming inputs
  bool time_dependent = false;        // now(), current_date …
  bool nondeterministic = false;      // random(), uuid() …
  // Relations for inputs have their data columns only, plus a struct column "_metadata" where
  // uses_metadata; stars are rewritten so that they never show it. The query maps each row of its
  // one streaming input to at most one row (projection, filter; one block, no join, union, unnest):
  // then `text` can carry `carried_text`'s extra columns.
  bool row_to_row = false;
  // Present when row_to_row: the same query with the input's column "__penstock_position" (a struct
  // of file and record, or NULL) added to the result as its last column "__penstock_position".
  std::string carried_text;
  SourceMap map;
};

struct QueryContext {
  model::Dialect dialect = model::Dialect::kSpark;
  std::string placeholder_prefix = "__input_";
  // Adds "_metadata" of the input to the result as a last column; the query must be row-to-row
  // (METADATA_NOT_CARRIED).
  bool carry_metadata = false;
};

// Translates one query (SELECT …, WITH …, FROM …, VALUES …). Errors carry the position in the
// user's file.
Result<Query> TranslateQuery(const model::QueryText& query, const QueryContext& context);

// Translates one scalar expression (an expectation's condition) the same way; no inputs are allowed
// in it.
struct Expression {
  std::string text;
  bool has_aggregate = false;  // outside of any window
  SourceMap map;
};
Result<Expression> TranslateExpression(const model::QueryText& expression,
                                       const QueryContext& context);

// The place in the user's file of an offset in the user's text.
using model::LocationAt;

}  // namespace penstock::sql
