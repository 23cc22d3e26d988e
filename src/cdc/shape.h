#pragma once

#include <string>
#include <vector>

#include "base/data_type.h"
#include "base/result.h"
#include "model/dataset.h"

// What a table that follows changes looks like. Values only.
namespace penstock::cdc {

struct Shape {
  model::ScdType type = model::ScdType::kOne;
  Schema columns;                     // of the table, without the ends of type 2
  std::vector<std::string> keys;      // as in `columns`, which all lists here are
  std::vector<std::string> tracked;   // type 2: a change of these begins a new row
  std::vector<std::string> ignoring;  // NULL in a change leaves these as they were
  DataType sequence;
  // Type 1: the columns that hold the sequence of each row. Empty: the state holds it.
  std::vector<std::string> stored_sequence;
  bool truncates = false;
};

// A flow of changes, bound: its query gives `output`.
struct BoundCdc {
  const model::AutoCdc* cdc = nullptr;
  const Schema* output = nullptr;
};

// The columns that the flow gives its table, those of type 2 with __START_AT and __END_AT last.
// CDC_COLUMNS: a clause names a column that is not there, a key is not among the columns or of a
// type that cannot be compared, a column's name is reserved.
Result<Schema> ColumnsOf(const BoundCdc& flow);

// The type of the sequence; that of __START_AT. A snapshot's is the time of the update.
DataType SequenceType(const BoundCdc& flow);

// The shape of a table with these columns, as `flow` fills it; `all`: the flows of the table.
// CDC_SEQUENCE_TYPE when their sequences are of different types.
Result<Shape> ShapeOf(const BoundCdc& flow, const std::vector<BoundCdc>& all,
                      const Schema& table_columns);

// What must not change while the table keeps its rows: JSON text with the clauses that say how
// changes are kept.
std::string DefinitionOf(const BoundCdc& flow, const Shape& shape);
// Which clause differs between two of those texts, for a message.
std::string DifferenceOf(const std::string& before, const std::string& now);

// The table's columns: those of the shape and, for type 2, the two ends.
Schema TableColumns(const Shape& shape);
// The columns that are no keys.
Schema ValueColumns(const Shape& shape);

}  // namespace penstock::cdc
