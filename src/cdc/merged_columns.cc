#include <algorithm>

#include "base/sql_text.h"
#include "base/text.h"
#include "cdc/sql_names.h"
#include "cdc/type_one.h"

namespace penstock::cdc {
namespace {

std::string Numbered(const char* prefix, size_t number) {
  return QuoteIdentifier(prefix + std::to_string(number));
}

// Each value of a row has the sequence of the change it came with. The row that is there is one
// more change, or several in one; what is greatest by (sequence, not NULL, value) stays.
class MergedColumns : private Planner {
 public:
  explicit MergedColumns(const BatchInput& input) : Planner(input) {}

  BatchPlan Plan() {
    FindTruncation();
    FindState();
    Fold();
    Compare();
    plan_.removed = Removed();
    plan_.new_rows = "SELECT " + List("r", Names(shape_.columns)) + " FROM " + Table("result") +
                     " AS r WHERE r.__penstock_alive AND NOT r.__penstock_same";
    plan_.change_rows = ChangeRows();
    plan_.facts = NewFacts();
    plan_.counts = CountsQuery();
    return std::move(plan_);
  }

 private:
  bool Ignores(const std::string& name) const {
    return std::find(shape_.ignoring.begin(), shape_.ignoring.end(), name) != shape_.ignoring.end();
  }

  void FindTruncation() {
    steps_.Create("truncated",
                  "SELECT greatest(b.__penstock_s, f.__penstock_s) AS __penstock_s, b.__penstock_s "
                  "IS NOT NULL AND (f.__penstock_s IS NULL "
                  "OR b.__penstock_s > f.__penstock_s) AS fresh FROM (SELECT max(" +
                      kSequence + ") AS __penstock_s FROM " + input_.changes + " WHERE " + kChange +
                      " = 2) AS b, (SELECT max(" + QuoteIdentifier(kFactDeleted) +
                      ") AS __penstock_s FROM (" + input_.facts + ") WHERE " +
                      QuoteIdentifier(shape_.keys[0]) + " IS NULL) AS f");
  }
  std::string TruncatedAt() const {
    return "(SELECT __penstock_s FROM " + Table("truncated") + ")";
  }
  std::string Fresh() const { return "(SELECT fresh FROM " + Table("truncated") + ")"; }

  // The newest fact of every key that this batch concerns; a truncation concerns all.
  void FindState() {
    steps_.Create("touched",
                  "SELECT DISTINCT " + Keys("__penstock_c") + " FROM " + input_.changes +
                      " AS __penstock_c WHERE __penstock_c." + kChange + " < 2" +
                      (shape_.truncates ? " UNION SELECT " + Keys("t") + " FROM " +
                                              From(input_.target, "t") + " WHERE " + Fresh()
                                        : ""));
    const auto part = [](const char* name, const char* column) {
      return std::string(name) + " := f." + QuoteIdentifier(column);
    };
    steps_.Create(
        "known",
        "SELECT " + Keys("f") + ", arg_max(struct_pack(" + part("__penstock_s", kFactSequence) +
            ", " + part("__penstock_d", kFactDeleted) + ", " + part("__penstock_c", kFactColumns) +
            "), f." + QuoteIdentifier(kFactOrder) + ") AS __penstock_fact FROM " +
            From(LiveFacts(shape_, input_.facts, input_.horizon), "f") + " SEMI JOIN " +
            Table("touched") + " AS n ON " + SameKeys(shape_, "f", "n") + " GROUP BY " + Keys("f"));
    const std::string sequence =
        SequenceIsStored() ? StoredSequenceOf(shape_, "t") : "k.__penstock_fact.__penstock_s";
    steps_.Create("present", "SELECT t.*, " + sequence +
                                 " AS __penstock_s, k.__penstock_fact AS __penstock_fact FROM " +
                                 From(input_.target, "t") + " SEMI JOIN " + Table("touched") +
                                 " AS n ON " + SameKeys(shape_, "t", "n") + " LEFT JOIN " +
                                 Table("known") + " AS k ON " + SameKeys(shape_, "t", "k"));
  }

  // Values as v0, v1 … with their sequences s0, s1 …
  std::string Candidates() const {
    std::string batch =
        "SELECT " + Keys("__penstock_c") + ", __penstock_c." + kSequence + " AS __penstock_rs";
    std::string old = "SELECT " + Keys("p") + ", p.__penstock_s AS __penstock_rs";
    for (size_t i = 0; i < values_.size(); ++i) {
      const std::string& name = values_[i].name;
      const std::string mine = Column("__penstock_c", name);
      const std::string there = Column("p", name);
      const bool ignores = Ignores(name);
      batch +=
          ", " + mine + " AS " + Numbered("__penstock_v", i) + ", " +
          (ignores ? "CASE WHEN " + mine + " IS NOT NULL THEN __penstock_c." + kSequence + " END"
                   : "__penstock_c." + kSequence) +
          " AS " + Numbered("__penstock_s", i);
      old +=
          ", " + there + ", " +
          (ignores ? "CASE WHEN " + there +
                         " IS NOT NULL THEN coalesce(CASE WHEN p.__penstock_fact.__penstock_s IS "
                         "NOT DISTINCT FROM p.__penstock_s THEN p.__penstock_fact.__penstock_c[" +
                         QuoteLiteral(AsciiLower(name)) + "] END, p.__penstock_s) END"
                   : "p.__penstock_s");
    }
    return batch + " FROM " + input_.changes + " AS __penstock_c WHERE __penstock_c." + kChange +
           " = 0 UNION ALL " + old + " FROM " + Table("present") +
           " AS p WHERE p.__penstock_s IS NOT NULL";
  }

  // What is left of each key.
  void Fold() {
    steps_.Create(
        "dead",
        "SELECT t.*, greatest(b.__penstock_d, k.__penstock_fact.__penstock_d) AS __penstock_d, "
        "greatest(b.__penstock_d, k.__penstock_fact.__penstock_d, " +
            TruncatedAt() +
            ") AS __penstock_gone, k.__penstock_fact IS NOT NULL AS __penstock_had_fact FROM " +
            Table("touched") + " AS t LEFT JOIN (SELECT " + Keys("__penstock_c") +
            ", max(__penstock_c." + kSequence + ") AS __penstock_d FROM " + input_.changes +
            " AS __penstock_c WHERE __penstock_c." + kChange + " = 1 GROUP BY ALL) AS b ON " +
            SameKeys(shape_, "t", "b") + " LEFT JOIN " + Table("known") + " AS k ON " +
            SameKeys(shape_, "t", "k"));
    std::string folded =
        "SELECT " + Keys("__penstock_c") + ", max(__penstock_c.__penstock_rs) AS __penstock_rs";
    for (size_t i = 0; i < values_.size(); ++i) {
      const std::string v = "__penstock_c." + Numbered("__penstock_v", i),
                        s = "__penstock_c." + Numbered("__penstock_s", i);
      folded += ", max(struct_pack(__penstock_s := " + s + ", p := " + v +
                " IS NOT NULL, __penstock_v := " + v + ")) FILTER (" + s +
                " IS NOT NULL AND (d.__penstock_gone IS NULL OR " + s +
                " > d.__penstock_gone)) AS " + Numbered("__penstock_m", i);
    }
    steps_.Create("folded", folded + " FROM (" + Candidates() + ") AS __penstock_c JOIN " +
                                Table("dead") + " AS d ON " +
                                SameKeys(shape_, "__penstock_c", "d") +
                                " WHERE d.__penstock_gone IS NULL OR __penstock_c.__penstock_rs > "
                                "d.__penstock_gone GROUP BY " +
                                Keys("__penstock_c"));
  }

  void Compare() {
    std::string columns, same = "true";
    for (const Field& field : shape_.columns) {
      std::string value = Column("d", field.name);
      for (size_t i = 0; i < values_.size(); ++i) {
        if (values_[i].name != field.name) continue;
        value = "f." + Numbered("__penstock_m", i) + ".__penstock_v";
        same += " AND " + value + " IS NOT DISTINCT FROM " + Column("p", field.name);
      }
      columns += ", " + value + " AS " + QuoteIdentifier(field.name);
    }
    std::string own = "map_from_entries(list_filter([";
    bool first = true;
    for (size_t i = 0; i < values_.size(); ++i) {
      if (!Ignores(values_[i].name)) continue;
      own += std::string(first ? "" : ", ") +
             "struct_pack(k := " + QuoteLiteral(AsciiLower(values_[i].name)) +
             ", __penstock_v := f." + Numbered("__penstock_m", i) + ".__penstock_s)";
      first = false;
    }
    own +=
        "], lambda __penstock_x: __penstock_x.__penstock_v IS NOT NULL AND "
        "__penstock_x.__penstock_v <> f.__penstock_rs))";
    steps_.Create(
        "result",
        "SELECT f.__penstock_rs, f.__penstock_rs IS NOT NULL AS __penstock_alive, p.__penstock_n "
        "IS NOT NULL AS __penstock_was, d.__penstock_d, "
        "d.__penstock_had_fact, coalesce(p.__penstock_n = 1 AND f.__penstock_rs IS NOT NULL AND " +
            same + ", false) AS __penstock_same, " + own + " AS __penstock_own" + columns +
            " FROM " + Table("dead") + " AS d LEFT JOIN " + Table("folded") + " AS f ON " +
            SameKeys(shape_, "d", "f") +
            " LEFT JOIN (SELECT *, count(*) OVER "
            "(PARTITION BY " +
            Keys("q") + ") AS __penstock_n FROM " + Table("present") +
            " AS q QUALIFY row_number() OVER (PARTITION BY " + Keys("q") + ") = 1) AS p ON " +
            SameKeys(shape_, "d", "p"));
  }

  std::string Removed() const {
    return "SELECT p.\"__penstock_file\", p.\"__penstock_row\" FROM " + Table("present") +
           " AS p JOIN " + Table("result") + " AS r ON " + SameKeys(shape_, "p", "r") +
           " WHERE NOT r.__penstock_same";
  }

  std::string ChangeRows() const {
    const auto names = Names(shape_.columns);
    return "SELECT " + List("p", names) +
           ", CASE WHEN r.__penstock_alive THEN 'update_preimage' ELSE "
           "'delete' END AS _change_type FROM " +
           Table("present") + " AS p JOIN " + Table("result") + " AS r ON " +
           SameKeys(shape_, "p", "r") + " WHERE NOT r.__penstock_same UNION ALL SELECT " +
           List("r", names) +
           ", CASE WHEN r.__penstock_was THEN 'update_postimage' ELSE 'insert' END FROM " +
           Table("result") + " AS r WHERE r.__penstock_alive AND NOT r.__penstock_same";
  }

  std::string FactTail() const {
    return ", " + std::to_string(input_.order) + "::BIGINT, " + Timestamp(input_.now);
  }

  std::string NewFacts() const {
    const std::string needed =
        SequenceIsStored()
            ? "(r.__penstock_d IS NOT NULL OR r.__penstock_had_fact OR (r.__penstock_alive AND "
              "cardinality(r.__penstock_own) > 0))"
            : "(r.__penstock_alive OR r.__penstock_d IS NOT NULL OR r.__penstock_had_fact)";
    std::string query = "SELECT " + Keys("r") +
                        ", r.__penstock_rs, r.__penstock_d, CASE WHEN r.__penstock_alive THEN "
                        "r.__penstock_own END" +
                        FactTail() + " FROM " + Table("result") + " AS r WHERE " + needed;
    if (!shape_.truncates) return query;
    std::string nulls;
    for (const std::string& key : shape_.keys) {
      nulls += Null(FindField(shape_.columns, key)->type) + ", ";
    }
    return query + " UNION ALL SELECT " + nulls + Null(shape_.sequence) + ", __penstock_s, NULL" +
           FactTail() + " FROM " + Table("truncated") + " WHERE fresh";
  }

  std::string CountsQuery() const {
    const std::string total =
        "(SELECT count(*) FROM " + input_.changes + " WHERE " + kChange + " < 2)";
    const std::string late =
        "(SELECT count(*) FROM " + input_.changes + " AS __penstock_c LEFT JOIN " + Table("known") +
        " AS k ON " + SameKeys(shape_, "__penstock_c", "k") + " LEFT JOIN " + Table("present") +
        " AS p ON " + SameKeys(shape_, "__penstock_c", "p") + " WHERE __penstock_c." + kChange +
        " < 2 AND (__penstock_c." + kSequence + " <= p.__penstock_s OR __penstock_c." + kSequence +
        " <= k.__penstock_fact.__penstock_d))";
    const std::string blocked =
        "(SELECT count(*) FROM " + input_.changes + " AS __penstock_c JOIN " + Table("known") +
        " AS k ON " + SameKeys(shape_, "__penstock_c", "k") + " WHERE __penstock_c." + kChange +
        " < 2 AND __penstock_c." + kSequence + " <= k.__penstock_fact.__penstock_d)";
    const std::string conflicts = "(SELECT count(*) FROM (SELECT 1 FROM " + input_.changes +
                                  " AS __penstock_c WHERE __penstock_c." + kChange +
                                  " < 2 GROUP BY " + Keys("__penstock_c") + ", __penstock_c." +
                                  kSequence +
                                  " HAVING count(*) > 1 AND count(DISTINCT "
                                  "row(__penstock_c." +
                                  kChange + ", " + Rank(values_, "__penstock_c") + ")) > 1))";
    const std::string effective =
        "count(*) FILTER (NOT __penstock_same AND (__penstock_alive OR __penstock_was))";
    return "SELECT count(*) FILTER (__penstock_alive AND NOT __penstock_was), count(*) FILTER "
           "(__penstock_alive AND __penstock_was AND NOT "
           "__penstock_same), count(*) FILTER (NOT __penstock_alive AND __penstock_was), " +
           late + ", greatest(0, " + total + " - " + late + " - " + effective + "), " + conflicts +
           ", " + blocked + " FROM " + Table("result");
  }
};

}  // namespace

BatchPlan PlanMergedColumns(const BatchInput& input) { return MergedColumns(input).Plan(); }

}  // namespace penstock::cdc
