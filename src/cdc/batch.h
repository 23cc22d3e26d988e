#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/clock.h"
#include "cdc/shape.h"

// One batch of changes and the present state of the keys it touches, as queries of the engine that
// say which rows go and which come. Pure: nothing here runs a query.
//
// The order in which changes count does not depend on the order in which they came: the higher
// sequence is later; of equal ones a delete (or truncate) is later than an upsert, and of two
// upserts the one with the greater values, column by column, NULL least. With IGNORE NULL UPDATES
// that is said of each column of type 1 alone.
namespace penstock::cdc {

// Columns of the state ("facts", docs/formats/cdc-state.md) besides the keys; type 2 has the
// value columns and the kind of change too.
inline constexpr char kFactSequence[] = "__penstock_sequence";
inline constexpr char kFactDeleted[] = "__penstock_deleted";
inline constexpr char kFactColumns[] = "__penstock_columns";
inline constexpr char kFactChange[] = "__penstock_change";
inline constexpr char kFactOrder[] = "__penstock_order";
inline constexpr char kFactRecordedAt[] = "__penstock_recorded_at";

Schema FactColumns(const Shape& shape);

struct BatchInput {
  Shape shape;
  // A table: the shape's columns, __penstock_change and __penstock_sequence, no NULL in keys and
  // sequence.
  std::string changes;
  // Relations: the table as it is, with __penstock_file and __penstock_row; its state.
  std::string target;
  std::string facts;
  std::string prefix;  // of temporary tables, none of which exists
  int64_t order = 0;   // of this batch; grows
  TimestampMicros now = 0;
  TimestampMicros horizon = 0;  // facts of deleted keys recorded earlier do not count any more
};

struct BatchPlan {
  std::vector<std::string> steps;  // statements, in order; they make temporary tables
  // Queries over those tables.
  std::string removed;              // __penstock_file, __penstock_row
  std::string new_rows;             // the table's columns
  std::string change_rows;          // the table's columns and _change_type, for a change data feed
  std::string facts;                // what the state gains
  std::string counts;               // one row: the names of Counts in order
  std::vector<std::string> tables;  // the temporary tables
};

// Of changes, but for the first three and `closed`, which are rows of the table.
struct Counts {
  int64_t inserted = 0;
  int64_t updated = 0;
  int64_t deleted = 0;      // type 2: rows that a delete ended
  int64_t late = 0;         // older than what the table had, or the same
  int64_t superseded = 0;   // by a later change of the same batch
  int64_t conflicting = 0;  // keys with different changes of one sequence
  int64_t blocked = 0;      // late ones that a deleted key's fact kept out
};
inline constexpr int kCountColumns = 7;

BatchPlan PlanBatch(const BatchInput& input);

// A state with the same meaning and fewer rows, over the relation `facts`.
std::string CompactedFacts(const Shape& shape, const std::string& facts, TimestampMicros horizon);

// The table that changes (a query with the columns of BatchInput::changes) make, all of them sorted
// at once: what every order and every split into batches must end in.
std::string Recomputed(const Shape& shape, const std::string& changes);

}  // namespace penstock::cdc
