#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/error.h"

// A flow whose query gives changes of rows instead of rows (AUTO CDC, APPLY CHANGES), as declared.
namespace penstock::model {

// Columns by name, or all but those.
struct ColumnChoice {
  bool except = false;
  std::vector<std::string> columns;
  bool operator==(const ColumnChoice&) const = default;
};

enum class ScdType { kOne, kTwo };

struct AutoCdc {
  std::vector<std::string> keys;
  // Of these columns NULL means "as before". Nothing: of none.
  std::optional<ColumnChoice> ignore_null_updates;
  // The columns that SEQUENCE BY names, when it holds nothing else: a column, or STRUCT(…) of some.
  std::vector<std::string> sequence_columns;
  std::optional<ColumnChoice> columns;  // of the source that the table gets
  ScdType scd_type = ScdType::kOne;
  std::optional<ColumnChoice> track_history;
  bool truncates = false;      // APPLY AS TRUNCATE WHEN is given
  bool from_snapshot = false;  // the query gives all rows as they are, not changes
  SourceLocation where;        // of AUTO CDC or APPLY CHANGES
  bool operator==(const AutoCdc&) const = default;
};

// What the query of such a flow gives behind the source's columns: which kind of change a row is,
// and its place among the changes of its key. A snapshot gives neither.
inline constexpr char kCdcChangeColumn[] = "__penstock_change";
inline constexpr char kCdcSequenceColumn[] = "__penstock_sequence";
inline constexpr int kCdcUpsert = 0;
inline constexpr int kCdcDelete = 1;
inline constexpr int kCdcTruncate = 2;
// The ends of a row's time in a table of type 2.
inline constexpr char kStartAtColumn[] = "__START_AT";
inline constexpr char kEndAtColumn[] = "__END_AT";
inline constexpr char kReservedPrefix[] = "__penstock_";

}  // namespace penstock::model
