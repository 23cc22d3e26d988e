#include <algorithm>

#include "base/sql_text.h"
#include "cdc/sql_names.h"
#include "cdc/type_two.h"

namespace penstock::cdc {
std::string EffectiveChanges(const Shape& shape, const std::string& events) {
  const std::string keys = List("e", shape.keys);
  std::string values;
  for (const Field& field : ValueColumns(shape)) {
    // What a delete says of its row is nobody's value.
    const std::string value =
        "CASE WHEN e." + kChange + " = 0 THEN " + Column("e", field.name) + " END";
    const bool ignores =
        std::find(shape.ignoring.begin(), shape.ignoring.end(), field.name) != shape.ignoring.end();
    values += ", " +
              (ignores ? "CASE WHEN e." + kChange + " = 0 THEN last_value(" + value +
                             " IGNORE NULLS) OVER (PARTITION BY " + keys +
                             ", e.__penstock_life ORDER BY e." + kSequence +
                             " ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) END"
                       : value) +
              " AS " + QuoteIdentifier(field.name);
    if (ignores)
      values += ", " + value + " IS NULL AS " + QuoteIdentifier("__penstock_raw " + field.name);
  }
  const std::string lives =
      "SELECT e.*, sum(e." + kChange + ") OVER (PARTITION BY " + keys + " ORDER BY e." + kSequence +
      " ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS __penstock_life FROM " +
      From(events, "e");
  return "SELECT " + keys + values + ", e." + kChange + ", e." + kSequence + ", lag(e." + kChange +
         ") OVER w AS __penstock_before, lead(e." + kChange +
         ") OVER w AS __penstock_after, lead(e." + kSequence + ") OVER w AS __penstock_next FROM " +
         From(lives, "e") + " WINDOW w AS (PARTITION BY " + keys + " ORDER BY e." + kSequence + ")";
}

std::string HistoryRows(const Shape& shape, const std::string& events) {
  const std::string keys = List("e", shape.keys);
  const std::string window = " OVER (PARTITION BY " + keys + " ORDER BY e." + kSequence + ")";
  std::string differs = "false";
  for (const std::string& name : shape.tracked) {
    differs +=
        " OR " + Column("e", name) + " IS DISTINCT FROM lag(" + Column("e", name) + ")" + window;
  }
  // A row begins with an upsert that follows nothing, a delete, or other values.
  const std::string marked =
      "SELECT e.*, e." + kChange +
      " = 0 AND (e.__penstock_before IS NULL OR e.__penstock_before = 1 OR " + differs +
      ") AS __penstock_begins FROM " + From(events, "e");
  const std::string numbered = "SELECT e.*, count(*) FILTER (e.__penstock_begins)" + window +
                               " AS __penstock_run, lead(e.__penstock_begins)" + window +
                               " AS __penstock_next_begins FROM " + From(marked, "e");
  const std::string runs = "PARTITION BY " + keys + ", e.__penstock_run";
  return "SELECT " + List("e", Names(shape.columns)) + ", min(e." + kSequence + ") OVER (" + runs +
         ") AS " + QuoteIdentifier(model::kStartAtColumn) + ", e.__penstock_next AS " +
         QuoteIdentifier(model::kEndAtColumn) + ", count(*) OVER (" + runs +
         ") AS __penstock_n FROM " +
         From("SELECT * FROM (" + numbered + ") WHERE " + kChange + " = 0", "e") +
         " QUALIFY e.__penstock_next IS NULL OR e.__penstock_after = 1 OR e.__penstock_next_begins";
}

}  // namespace penstock::cdc
