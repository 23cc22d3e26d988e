#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "lake/change_target.h"
#include "lake/column_values.h"
#include "lake/table_operation.h"

// A MERGE as queries. What matches is taken into one temporary table, "the matches": a row for each
// pair of a target row and a source row that the statement needs to know of, and one for each
// target row without source that a clause fits.
namespace penstock::lake {

inline constexpr char kSourceRowColumn[] = "__penstock_source";  // numbers the rows of the source
inline constexpr char kClauseColumn[] = "__penstock_clause";  // index in the clauses; NULL: no one

struct MergeInput {
  const MergeRequest* request = nullptr;
  Schema source;              // its columns
  std::string source_table;   // the source with its row numbers
  std::string relation;       // of the target's snapshot, with row positions where needed
  std::string matches_table;  // to be filled
};

struct MergePlan {
  std::string matches;             // query of the table of matches
  std::string unmatched_targets;   // query of what is inserted into it afterwards; empty: nothing
  bool may_match_several = false;  // a single unconditional DELETE takes it
  bool with_row_ids = false;       // the queries of rows have kRowIdColumn behind the columns
  std::string update_rows;         // queries of the target's columns over the matches; empty: none
  std::string insert_rows;
};
// Errors of names and types in clauses; MERGE_COLUMN_MISSING where UPDATE SET * or INSERT * find no
// column of that name in the source.
Result<MergePlan> PlanMerge(const Lake& lake, const ChangeTarget& target, const MergeInput& input);

// Whether the statement needs the positions of target rows, or only which source rows match.
bool NeedsPositions(const MergeRequest& request);
bool IsUpdate(const MergeClause& clause);
bool IsInsert(const MergeClause& clause);

}  // namespace penstock::lake
