#include "cdc/type_one.h"

#include "base/sql_text.h"
#include "cdc/sql_names.h"

namespace penstock::cdc {
namespace {

constexpr char kPositions[] = "\"__penstock_file\", \"__penstock_row\"";

// What becomes of the newest change of a key.
enum Action {
  kLate = 0,
  kInsert = 1,
  kUpdate = 2,
  kDelete = 3,
  kEqual = 4,   // to the row that is there, by sequence: the values decide
  kAbsent = 5,  // a delete of a key without row
};

class TypeOne : private Planner {
 public:
  explicit TypeOne(const BatchInput& input) : Planner(input) {}

  BatchPlan Plan() {
    if (shape_.truncates) FindTruncation();
    FindNewest();
    FindPresent();
    Decide();
    CompareEqual();
    plan_.removed = Removed();
    plan_.new_rows = "SELECT " + List("d", Names(shape_.columns)) + " FROM " + Table("decided") +
                     " AS d WHERE d.__penstock_action IN (1, 2)";
    plan_.change_rows = ChangeRows();
    plan_.facts = NewFacts();
    plan_.counts = CountsQuery();
    return std::move(plan_);
  }

 private:
  std::string Content(const std::string& alias) const {
    return "CASE WHEN " + alias + "." + kChange + " = 0 THEN " + Rank(shape_.columns, alias) +
           " END";
  }

  // One row: the truncation before which nothing counts, and whether this batch brings it.
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
  // A condition: the sequence is behind the truncation.
  std::string Counts(const std::string& sequence) const {
    if (!shape_.truncates) return "true";
    return "(" + TruncatedAt() + " IS NULL OR " + sequence + " > " + TruncatedAt() + ")";
  }

  // One change for each key.
  void FindNewest() {
    steps_.Create("latest", "SELECT " + Keys("c") + ", max(c." + kSequence +
                                ") AS __penstock_s FROM " + input_.changes + " AS c WHERE c." +
                                kChange + " < 2 AND " + Counts("c." + kSequence) + " GROUP BY ALL");
    steps_.Create("newest", "SELECT c.* FROM " + input_.changes + " AS c JOIN " + Table("latest") +
                                " AS l ON " + SameKeys(shape_, "c", "l") + " AND c." + kSequence +
                                " = l.__penstock_s WHERE c." + kChange + " < 2");
    const std::string newest = Table("newest");
    steps_.Create("ties", "SELECT " + Keys("n") + ", count(DISTINCT row(n." + kChange + ", " +
                              Content("n") + ")) > 1 AS __penstock_differ FROM " + newest +
                              " AS n WHERE (SELECT count(*) FROM " + newest +
                              ") > (SELECT count(*) FROM " + Table("latest") + ") GROUP BY " +
                              Keys("n") + " HAVING count(*) > 1");
    steps_.Run("DELETE FROM " + newest +
               " WHERE rowid IN (SELECT r FROM (SELECT n.rowid AS r, "
               "row_number() OVER (PARTITION BY " +
               Keys("n") + " ORDER BY n." + kChange + " DESC, " + Content("n") +
               " DESC) AS i FROM " + newest + " AS n SEMI JOIN " + Table("ties") + " AS t ON " +
               SameKeys(shape_, "n", "t") + ") WHERE i > 1)");
  }

  // The rows of those keys, and what the state says of them.
  void FindPresent() {
    const std::string sequence =
        SequenceIsStored() ? StoredSequenceOf(shape_, "t") + " AS __penstock_s" : "";
    steps_.Create("present",
                  "SELECT n.rowid AS __penstock_w, t.\"__penstock_file\", t.\"__penstock_row\"" +
                      (sequence.empty() ? "" : ", " + sequence) + " FROM " +
                      From(input_.target, "t") + " JOIN " + Table("newest") + " AS n ON " +
                      SameKeys(shape_, "t", "n"));
    steps_.Create("known", "SELECT " + Keys("f") + ", arg_max(struct_pack(__penstock_s := f." +
                               QuoteIdentifier(kFactSequence) + ", d := f." +
                               QuoteIdentifier(kFactDeleted) + "), f." +
                               QuoteIdentifier(kFactOrder) + ") AS __penstock_fact FROM " +
                               From(LiveFacts(shape_, input_.facts, input_.horizon), "f") +
                               " SEMI JOIN " + Table("newest") + " AS n ON " +
                               SameKeys(shape_, "f", "n") + " GROUP BY " + Keys("f"));
  }

  void Decide() {
    const std::string present =
        SequenceIsStored() ? "p.__penstock_s" : "k.__penstock_fact.__penstock_s";
    const std::string rows = SequenceIsStored() ? ", max(__penstock_s) AS __penstock_s" : "";
    const std::string sequence = "n." + kSequence;
    const std::string exists = "p.__penstock_w IS NOT NULL";
    const std::string dead = "k.__penstock_fact.d";
    std::string action =
        "CASE WHEN n." + kChange + " = 1 THEN CASE WHEN " + exists + " AND (" + present +
        " IS NULL OR " + sequence + " >= " + present + ") THEN 3 WHEN NOT (" + exists + ") AND (" +
        dead + " IS NULL OR " + sequence + " > " + dead + ") THEN 5 ELSE 0 END WHEN " + dead +
        " IS NOT NULL AND " + sequence + " <= " + dead + " THEN 0 WHEN NOT (" + exists +
        ") THEN 1 WHEN " + present + " IS NULL OR " + sequence + " > " + present + " THEN 2 WHEN " +
        sequence + " = " + present + " THEN 4 ELSE 0 END";
    steps_.Create("decided",
                  "SELECT n.*, n.rowid AS __penstock_w, " + action + " AS __penstock_action, " +
                      dead + " IS NOT NULL AND " + sequence + " <= " + dead +
                      " AS __penstock_blocked FROM " + Table("newest") +
                      " AS n LEFT JOIN (SELECT __penstock_w" + rows + " FROM " + Table("present") +
                      " GROUP BY __penstock_w) AS p ON p.__penstock_w = n.rowid LEFT JOIN " +
                      Table("known") + " AS k ON " + SameKeys(shape_, "n", "k"));
  }

  // The greater values win; the table is read for that only when there is such a key.
  void CompareEqual() {
    steps_.Create(
        "equal",
        "SELECT d.__penstock_w, bool_or(" + Rank(shape_.columns, "d") + " > " +
            Rank(shape_.columns, "t") + ") AS greater, bool_or(" + Rank(shape_.columns, "d") +
            " IS DISTINCT FROM " + Rank(shape_.columns, "t") + ") AS __penstock_differ FROM " +
            From(input_.target, "t") +
            " JOIN (SELECT d.*, p.\"__penstock_file\" AS __penstock_f, "
            "p.\"__penstock_row\" AS __penstock_r FROM " +
            Table("decided") + " AS d JOIN " + Table("present") +
            " AS p ON p.__penstock_w = d.__penstock_w WHERE d.__penstock_action = 4) AS d ON "
            "t.\"__penstock_file\" = d.__penstock_f AND t.\"__penstock_row\" = d.__penstock_r "
            "GROUP BY d.__penstock_w");
    steps_.Run("UPDATE " + Table("decided") +
               " SET __penstock_action = CASE WHEN __penstock_w IN (SELECT __penstock_w FROM " +
               Table("equal") + " WHERE greater) THEN 2 ELSE 0 END WHERE __penstock_action = 4");
  }

  std::string Replaced() const {
    return "SELECT p.\"__penstock_file\", p.\"__penstock_row\" FROM " + Table("present") +
           " AS p JOIN " + Table("decided") +
           " AS d ON d.__penstock_w = p.__penstock_w WHERE d.__penstock_action IN (2, 3)";
  }

  std::string Removed() {
    if (!shape_.truncates) return Replaced();
    const std::string fresh = "(SELECT fresh FROM " + Table("truncated") + ")";
    std::string old = " FROM " + From(input_.target, "t");
    std::string sequence = "k.__penstock_s";
    if (SequenceIsStored()) {
      sequence = StoredSequenceOf(shape_, "t");
    } else {
      old += " LEFT JOIN (SELECT " + Keys("f") + ", arg_max(f." + QuoteIdentifier(kFactSequence) +
             ", f." + QuoteIdentifier(kFactOrder) + ") AS __penstock_s FROM " +
             From(input_.facts, "f") + " WHERE " + Column("f", shape_.keys[0]) +
             " IS NOT NULL GROUP BY " + Keys("f") + ") AS k ON " + SameKeys(shape_, "t", "k");
    }
    steps_.Create("emptied", "SELECT t.\"__penstock_file\", t.\"__penstock_row\"" + old +
                                 " WHERE " + fresh + " AND coalesce(" + sequence +
                                 " <= " + TruncatedAt() + ", true)");
    return Replaced() + " UNION SELECT " + kPositions + " FROM " + Table("emptied");
  }

  std::string ChangeRows() const {
    const std::string columns = List("t", Names(shape_.columns));
    const std::string updated =
        "SELECT p.\"__penstock_file\", p.\"__penstock_row\" FROM " + Table("present") +
        " AS p JOIN " + Table("decided") +
        " AS d ON d.__penstock_w = p.__penstock_w WHERE d.__penstock_action = 2";
    return "SELECT " + columns +
           ", CASE WHEN u.\"__penstock_row\" IS NULL THEN 'delete' ELSE "
           "'update_preimage' END AS _change_type FROM " +
           From(input_.target, "t") + " JOIN (" + plan_.removed + ") AS g USING (" + kPositions +
           ") LEFT JOIN (" + updated + ") AS u USING (" + kPositions + ") UNION ALL SELECT " +
           List("d", Names(shape_.columns)) +
           ", CASE WHEN d.__penstock_action = 1 THEN 'insert' ELSE 'update_postimage' END FROM " +
           Table("decided") + " AS d WHERE d.__penstock_action IN (1, 2)";
  }

  std::string FactTail() const {
    return ", " + Null(DataType::Map(DataType::Of(TypeId::kString), shape_.sequence)) + ", " +
           std::to_string(input_.order) + "::BIGINT, " + Timestamp(input_.now);
  }

  std::string NewFacts() const {
    std::string live = "false";
    if (!SequenceIsStored()) live = "d.__penstock_action IN (1, 2)";
    std::string query =
        "SELECT " + Keys("d") + ", CASE WHEN d.__penstock_action IN (1, 2) THEN d." + kSequence +
        " END, CASE WHEN d.__penstock_action IN (3, 5) THEN d." + kSequence + " END" + FactTail() +
        " FROM " + Table("decided") + " AS d WHERE d.__penstock_action IN (3, 5) OR " + live;
    if (!shape_.truncates) return query;
    std::string nulls;
    for (const std::string& key : shape_.keys) {
      nulls += Null(FindField(shape_.columns, key)->type) + ", ";
    }
    return query + " UNION ALL SELECT " + nulls + Null(shape_.sequence) + ", __penstock_s" +
           FactTail() + " FROM " + Table("truncated") + " WHERE fresh";
  }

  std::string CountsQuery() const {
    std::string deleted = "count(*) FILTER (__penstock_action = 3)";
    if (shape_.truncates) {
      deleted += " + (SELECT count(*) FROM " + Table("emptied") + " AS e ANTI JOIN (" + Replaced() +
                 ") AS r USING (" + kPositions + "))";
    }
    return "SELECT count(*) FILTER (__penstock_action = 1), count(*) FILTER (__penstock_action = "
           "2), " +
           deleted + ", count(*) FILTER (__penstock_action IN (0, 5)), (SELECT count(*) FROM " +
           input_.changes + " WHERE " + kChange + " < 2) - count(*), (SELECT count(*) FROM " +
           Table("ties") + " WHERE __penstock_differ) + (SELECT count(*) FROM " + Table("equal") +
           " WHERE __penstock_differ), count(*) FILTER (__penstock_action = 0 AND "
           "__penstock_blocked) FROM " +
           Table("decided");
  }
};

}  // namespace

BatchPlan PlanTypeOne(const BatchInput& input) { return TypeOne(input).Plan(); }

}  // namespace penstock::cdc
