#include <algorithm>

#include "base/sql_text.h"
#include "cdc/batch.h"
#include "cdc/sql_names.h"
#include "cdc/type_two.h"

namespace penstock::cdc {
namespace {

std::string Content(const Shape& shape, const std::string& alias) {
  return "CASE WHEN " + alias + "." + kChange + " = 0 THEN " + Rank(ValueColumns(shape), alias) +
         " END";
}

// One change of each key and sequence.
std::string OnePerSequence(const Shape& shape, const std::string& changes) {
  const std::string within = List("c", shape.keys) + ", c." + kSequence;
  if (shape.type == model::ScdType::kTwo || shape.ignoring.empty()) {
    return "SELECT * FROM " + From(changes, "c") + " QUALIFY row_number() OVER (PARTITION BY " +
           within + " ORDER BY c." + kChange + " DESC, " + Content(shape, "c") + " DESC) = 1";
  }
  std::string columns;
  for (const Field& field : ValueColumns(shape)) {
    const std::string value = Column("c", field.name);
    columns += "max(" + value + ") AS " + QuoteIdentifier(field.name) + ", ";
  }
  return "SELECT " + List("c", shape.keys) + ", " + columns + "max(c." + kChange + ") AS " +
         kChange + ", c." + kSequence + " FROM " + From(changes, "c") + " GROUP BY " + within;
}

}  // namespace

std::string Recomputed(const Shape& shape, const std::string& changes) {
  std::string rows = "SELECT * FROM " + From(changes, "a") + " WHERE a." + kChange + " < 2";
  if (shape.truncates) {
    const std::string truncated =
        "(SELECT max(" + kSequence + ") FROM (" + changes + ") WHERE " + kChange + " = 2)";
    rows += " AND (" + truncated + " IS NULL OR a." + kSequence + " > " + truncated + ")";
  }
  const std::string effective = EffectiveChanges(shape, OnePerSequence(shape, rows));
  if (shape.type == model::ScdType::kTwo) {
    return "SELECT " + List("r", Names(TableColumns(shape))) + " FROM " +
           From(HistoryRows(shape, effective), "r");
  }
  return "SELECT " + List("e", Names(shape.columns)) + " FROM " + From(effective, "e") +
         " WHERE e.__penstock_next IS NULL AND e." + kChange + " = 0";
}

}  // namespace penstock::cdc
