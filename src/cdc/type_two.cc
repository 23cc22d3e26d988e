#include "cdc/type_two.h"

#include "base/sql_text.h"
#include "cdc/sql_names.h"

namespace penstock::cdc {
namespace {

// The changes that made the table are in part in its rows (a row made by one change is that
// change, an end without a row behind it is a delete), the others in the state. Together with the
// batch they are sorted anew for each key that the batch touches.
class TypeTwo : private Planner {
 public:
  explicit TypeTwo(const BatchInput& input) : Planner(input) {}

  BatchPlan Plan() {
    FindState();
    SortChanges();
    steps_.Create("rows", HistoryRows(shape_, "SELECT * FROM " + Table("effective")));
    Compare();
    plan_.removed = "SELECT m.\"__penstock_file\", m.\"__penstock_row\" FROM " + Table("old") +
                    " AS m WHERE NOT m.__penstock_same";
    plan_.new_rows = NewRows();
    plan_.change_rows = ChangeRows();
    plan_.facts = NewFacts();
    plan_.counts = CountsQuery();
    return std::move(plan_);
  }

 private:
  std::string Values(const std::string& alias) const {
    std::string list;
    for (const Field& field : values_) list += ", " + Column(alias, field.name);
    return list;
  }
  std::string NullValues() const {
    std::string list;
    for (const Field& field : values_) list += ", " + Null(field.type);
    return list;
  }
  std::string Content(const std::string& alias) const {
    return "CASE WHEN " + alias + "." + kChange + " = 0 THEN " + Rank(values_, alias) + " END";
  }
  // One of each key and sequence.
  std::string Distinct(const std::string& changes) const {
    return "SELECT * FROM " + From(changes, "c") + " QUALIFY row_number() OVER (PARTITION BY " +
           Keys("c") + ", c." + kSequence + " ORDER BY c." + kChange + " DESC, " + Content("c") +
           " DESC) = 1";
  }

  void FindState() {
    steps_.Create("batch", Distinct("SELECT " + Keys("c") + Values("c") + ", c." + kChange +
                                    ", c." + kSequence + " FROM " + input_.changes + " AS c"));
    steps_.Create("touched", "SELECT DISTINCT " + Keys("b") + " FROM " + Table("batch") + " AS b");
    steps_.Create("present", "SELECT t.* FROM " + From(input_.target, "t") + " SEMI JOIN " +
                                 Table("touched") + " AS __penstock_n ON " +
                                 SameKeys(shape_, "t", "__penstock_n"));
    steps_.Create("known", Distinct("SELECT " + Keys("f") + Values("f") + ", f." + kChange +
                                    ", f." + kSequence + " FROM " +
                                    From(LiveFacts(shape_, input_.facts, input_.horizon), "f") +
                                    " SEMI JOIN " + Table("touched") + " AS __penstock_n ON " +
                                    SameKeys(shape_, "f", "__penstock_n")));
    // What the table's own rows say.
    const std::string starts = "SELECT " + Keys("p") + Values("p") + ", 0 AS " + kChange + ", p." +
                               kStart + " AS " + kSequence + " FROM " + Table("present") + " AS p";
    const std::string ends = "SELECT " + Keys("p") + NullValues() + ", 1, p." + kEnd + " FROM " +
                             Table("present") + " AS p ANTI JOIN " + Table("present") +
                             " AS q ON " + SameKeys(shape_, "p", "q") + " AND p." + kEnd + " = q." +
                             kStart + " WHERE p." + kEnd + " IS NOT NULL";
    steps_.Create("shown", "SELECT s.* FROM " + From(starts + " UNION ALL " + ends, "s") +
                               " ANTI JOIN " + Table("known") + " AS k ON " +
                               SameKeys(shape_, "s", "k") + " AND s." + kSequence + " = k." +
                               kSequence + " WHERE s." + kSequence + " IS NOT NULL");
    steps_.Create("__penstock_before",
                  "SELECT * FROM " + Table("known") + " UNION ALL SELECT * FROM " + Table("shown"));
  }

  void SortChanges() {
    steps_.Create("events", Distinct("SELECT * FROM " + Table("batch") +
                                     " UNION ALL SELECT * FROM " + Table("__penstock_before")));
    steps_.Create("effective", EffectiveChanges(shape_, "SELECT * FROM " + Table("events")));
  }

  std::string SameRow(const std::string& a, const std::string& b) const {
    std::string same = a + "." + kEnd + " IS NOT DISTINCT FROM " + b + "." + kEnd;
    for (const Field& field : values_) {
      same += " AND " + Column(a, field.name) + " IS NOT DISTINCT FROM " + Column(b, field.name);
    }
    return same;
  }
  std::string SameStart(const std::string& a, const std::string& b) const {
    return SameKeys(shape_, a, b) + " AND " + a + "." + kStart + " = " + b + "." + kStart;
  }

  // Which of the rows that are there stay as they are.
  void Compare() {
    steps_.Create("old",
                  "SELECT p.*, r.__penstock_n IS NOT NULL AS __penstock_goes_on, "
                  "coalesce(r.__penstock_n IS NOT NULL AND " +
                      SameRow("p", "r") + ", false) AS __penstock_same FROM " + Table("present") +
                      " AS p LEFT JOIN " + Table("rows") + " AS r ON " + SameStart("p", "r"));
  }

  std::string RowColumns(const std::string& alias) const {
    return List(alias, Names(TableColumns(shape_)));
  }

  std::string NewRows() const {
    return "SELECT " + RowColumns("r") + " FROM " + Table("rows") +
           " AS r ANTI JOIN (SELECT * "
           "FROM " +
           Table("old") + " WHERE __penstock_same) AS o ON " + SameStart("r", "o");
  }

  std::string ChangeRows() const {
    return "SELECT " + RowColumns("o") +
           ", CASE WHEN o.__penstock_goes_on THEN 'update_preimage' ELSE "
           "'delete' END AS _change_type FROM " +
           Table("old") +
           " AS o WHERE NOT o.__penstock_same UNION ALL "
           "SELECT r.*, CASE WHEN o.__penstock_same IS NULL THEN 'insert' ELSE 'update_postimage' "
           "END FROM (" +
           NewRows() + ") AS r LEFT JOIN (SELECT DISTINCT ON (" + Keys("q") + ", q." + kStart +
           ") * FROM " + Table("old") + " AS q) AS o ON " + SameStart("r", "o");
  }

  // The changes that the rows do not show, and those that win over one that the state has.
  std::string NewFacts() const {
    std::string raw = "false";
    for (const std::string& name : shape_.ignoring) {
      raw += " OR (e." + QuoteIdentifier("__penstock_raw " + name) + " AND " + Column("e", name) +
             " IS NOT NULL)";
    }
    const std::string shown =
        "CASE WHEN e." + kChange +
        " = 1 THEN coalesce(e.__penstock_before = 0, false) ELSE r.__penstock_n IS NOT "
        "DISTINCT FROM 1 AND NOT (" +
        raw + ") END";
    return "SELECT " + Keys("v") + Values("v") + ", v." + kChange + ", v." + kSequence + ", " +
           std::to_string(input_.order) + "::BIGINT, " + Timestamp(input_.now) + " FROM " +
           Table("effective") + " AS e JOIN " + Table("events") + " AS v ON " +
           SameKeys(shape_, "e", "v") + " AND e." + kSequence + " = v." + kSequence +
           " LEFT JOIN " + Table("rows") + " AS r ON " + SameKeys(shape_, "e", "r") + " AND e." +
           kSequence + " = r." + kStart + " ANTI JOIN " + Table("known") + " AS k ON " +
           SameKeys(shape_, "v", "k") + " AND v." + kSequence + " = k." + kSequence + " AND v." +
           kChange + " = k." + kChange + " AND " + Content("v") + " IS NOT DISTINCT FROM " +
           Content("k") + " LEFT JOIN (SELECT DISTINCT " + Keys("o") + ", o." + kSequence +
           " FROM " + Table("known") + " AS o) AS o ON " + SameKeys(shape_, "v", "o") + " AND v." +
           kSequence + " = o." + kSequence + " WHERE o." + kSequence + " IS NOT NULL OR NOT (" +
           shown + ")";
  }

  std::string CountsQuery() const {
    const std::string same_change =
        SameKeys(shape_, "b", "k") + " AND b." + kSequence + " = k." + kSequence;
    const std::string batch = Table("batch") + " AS b";
    const std::string present = Table("__penstock_before") + " AS k ON " + same_change;
    // A change that is there already, or loses to one that is.
    const std::string late = "(SELECT count(*) FROM " + batch + " SEMI JOIN " + present +
                             " AND (b." + kChange + " < k." + kChange + " OR (b." + kChange +
                             " = k." + kChange + " AND (b." + kChange + " = 1 OR " + Content("b") +
                             " <= " + Content("k") + "))))";
    const std::string conflicting =
        "(SELECT count(*) FROM (SELECT 1 FROM (SELECT " + Keys("c") + Values("c") + ", c." +
        kChange + ", c." + kSequence + " FROM " + input_.changes +
        " AS c UNION ALL SELECT k.* FROM " + Table("__penstock_before") + " AS k SEMI JOIN " +
        Table("batch") + " AS b ON " + same_change + ") AS c GROUP BY " + Keys("c") + ", c." +
        kSequence + " HAVING count(*) > 1 AND count(DISTINCT row(c." + kChange + ", " +
        Content("c") + ")) > 1))";
    const std::string deleted = "(SELECT count(*) FROM " + batch + " ANTI JOIN " + present +
                                " AND k." + kChange + " = 1 WHERE b." + kChange + " = 1)";
    const std::string total = "(SELECT count(*) FROM " + input_.changes + ")";
    return "SELECT (SELECT count(*) FROM " + Table("rows") + " AS r ANTI JOIN " + Table("old") +
           " AS o ON " + SameStart("r", "o") + "), (SELECT count(*) FROM " + Table("old") +
           " WHERE __penstock_goes_on AND NOT __penstock_same), " + deleted + ", " + late + ", " +
           total + " - (SELECT count(*) FROM " + Table("batch") + "), " + conflicting +
           ", 0::BIGINT";
  }
};

}  // namespace

BatchPlan PlanTypeTwo(const BatchInput& input) { return TypeTwo(input).Plan(); }

}  // namespace penstock::cdc
