#include "cdc/batch.h"

#include "base/sql_text.h"
#include "cdc/sql_names.h"
#include "cdc/type_one.h"
#include "cdc/type_two.h"

namespace penstock::cdc {

BatchPlan PlanBatch(const BatchInput& input) {
  if (input.shape.type == model::ScdType::kTwo) return PlanTypeTwo(input);
  return input.shape.ignoring.empty() ? PlanTypeOne(input) : PlanMergedColumns(input);
}

Schema FactColumns(const Shape& shape) {
  Schema columns;
  for (const std::string& key : shape.keys) {
    columns.push_back({key, FindField(shape.columns, key)->type});
  }
  if (shape.type == model::ScdType::kTwo) {
    for (const Field& field : ValueColumns(shape)) columns.push_back({field.name, field.type});
    columns.push_back({kFactChange, DataType::Of(TypeId::kInteger)});
    columns.push_back({kFactSequence, shape.sequence});
  } else {
    columns.push_back({kFactSequence, shape.sequence});
    columns.push_back({kFactDeleted, shape.sequence});
    columns.push_back({kFactColumns, DataType::Map(DataType::Of(TypeId::kString), shape.sequence)});
  }
  columns.push_back({kFactOrder, DataType::Of(TypeId::kLong)});
  columns.push_back({kFactRecordedAt, DataType::Of(TypeId::kTimestamp)});
  return columns;
}

std::string CompactedFacts(const Shape& shape, const std::string& facts, TimestampMicros horizon) {
  const bool two = shape.type == model::ScdType::kTwo;
  const std::string within =
      List("f", shape.keys) +
      (two ? ", f." + QuoteIdentifier(kFactSequence) + ", f." + QuoteIdentifier(kFactChange) +
                 ", " + Rank(ValueColumns(shape), "f")
           : "");
  const std::string newest = "SELECT * FROM " + From(facts, "f") +
                             " QUALIFY row_number() OVER (PARTITION BY " + within + " ORDER BY f." +
                             QuoteIdentifier(kFactOrder) + " DESC) = 1";
  return LiveFacts(shape, newest, horizon);
}

}  // namespace penstock::cdc
