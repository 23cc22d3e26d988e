#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/row_set.h"
#include "delta/change.h"
#include "lake/change_target.h"
#include "lake/table_operation.h"

// What a statement does to the rows of a table, and what comes of it in files and log.
namespace penstock::lake {

// Queries on the operation's connection. Those of rows are of the target's columns in order; the
// rules of the table are still to be checked on new ones.
struct RowChange {
  std::string removed;   // __penstock_file (in snapshot.files()), __penstock_row; empty: none
  std::string new_rows;  // empty: none
  // The target's columns and _change_type; only read when the table has a change data feed and the
  // data files do not say the same.
  std::string change_rows;
  bool updates = false;  // some new rows stand for removed ones
  // `new_rows` has kRowIdColumn behind the columns: the id of the removed row that a row stands
  // for, or NULL.
  bool with_row_ids = false;
};

// Numbers for operationMetrics.
struct RowChangeCounts {
  int64_t removed_rows = 0;
  int64_t copied_rows = 0;
  int64_t new_rows = 0;
  int64_t vectors_added = 0;
  int64_t vectors_updated = 0;
  int64_t vectors_removed = 0;
  int64_t added_files = 0;    // with data, without those that only got a vector
  int64_t removed_files = 0;  // likewise
  int64_t added_bytes = 0;
  int64_t removed_bytes = 0;
  int64_t change_files = 0;
};

// Writes what the change needs (data files, deletion vectors, change files) and puts it into
// `change`. Paths of files go to `written`.
Result<RowChangeCounts> ApplyRowChange(const Lake& lake, const ChangeTarget& target,
                                       const RowChange& rows, std::vector<std::string>* written,
                                       delta::Change* change);

// Puts those of files, vectors and copied rows into operationMetrics, by the names that DELETE and
// UPDATE have for them.
void SetFileMetrics(const RowChangeCounts& counts, delta::Change* change);

// Fills `table` with the rows of `query` as the target stores them, its rules checked;
// `with_row_ids` as of RowChange. For rows that are needed twice: values such as those of random()
// are made once.
Status StoreNewRows(const ChangeTarget& target, const std::string& query, bool with_row_ids,
                    TempTable* table);

// "__penstock_file, __penstock_row" of `from`.
std::string PositionsOf(const std::string& from);
// A column of a temporary table of a statement: "__p3".
std::string NumberedColumn(const char* prefix, size_t number);

// The rows of a query of __penstock_file and __penstock_row, by file.
Result<std::map<int64_t, RowSet>> RowsByFile(duck::Connection& connection,
                                             const std::string& query);

// Every file of the snapshot goes; counts as far as statistics tell.
RowChangeCounts RemoveAllFiles(const ChangeTarget& target, int64_t now_ms, delta::Change* change);

// The statistics of a file some rows of which are deleted by a vector: the same, with the number of
// physical rows, and bounds that need not be met any more.
std::string WideStatistics(const std::string& statistics, int64_t physical_rows);

}  // namespace penstock::lake
