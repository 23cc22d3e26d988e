#pragma once

#include <penstock/delta.h>

#include <memory>
#include <optional>
#include <utility>

#include "api/lake_state.h"
#include "duck/row_text.h"
#include "lake/lake_table.h"

namespace penstock {

// Members go in the reverse of this order: what the rows are read from lives longer.
struct DeltaRows::State {
  lake::Relation relation;
  std::optional<duck::Connection> connection;  // without a condition
  std::optional<OperationTexts> texts;         // with one: its connection and relations
  std::optional<duck::ResultSet> rows;
  std::optional<duck::RowText> text;
  Schema columns;
  size_t row = 0;
  size_t count = 0;  // of the chunk; 0 before the first and behind the last

  bool Has(size_t column) const { return row < count && column < columns.size(); }
};

}  // namespace penstock
